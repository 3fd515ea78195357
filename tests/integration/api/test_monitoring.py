"""The dashboard and the page about monitoring ask for figures that exist."""

import json
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families as parse_text

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "monitoring.md"
DASHBOARD: dict[str, Any] = json.loads((ROOT / "monitoring/grafana-dashboard.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
NAME = re.compile(r"\bvega_\w+")
#: As a label is compared, or told apart by a legend.
LABEL = re.compile(r"(\w+)\s*=~?\s*\"|\{\{(\w+)\}\}|\bby \((\w+)\)")
#: What Prometheus itself puts on each series.
OF_THE_SCRAPE = {"instance", "job"}
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count")}


@pytest.fixture
async def served(client: httpx2.AsyncClient) -> dict[str, set[str]]:
    """The names of all samples that there can be, each with its labels."""
    names: dict[str, set[str]] = {}
    for family in parse_text((await client.get("/metrics/prometheus")).text):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        for suffix in SUFFIXES.get(family.type, ("",)):
            names[name + suffix] = set()
        for sample in family.samples:
            names.setdefault(sample.name, set()).update(sample.labels)
    return names


def expressions(panel: dict[str, Any]) -> list[str]:
    return [target["expr"] for target in panel["targets"]]


def test_each_panel_has_a_title_a_unit_and_a_query() -> None:
    assert len(PANELS) > 20
    for panel in PANELS:
        assert panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["targets"], panel["title"]
        assert all(NAME.search(expression) for expression in expressions(panel)), panel["title"]
    titles = [panel["title"] for panel in PANELS]
    assert len(set(titles)) == len(titles)


async def test_the_dashboard_asks_for_figures_that_exist(served: dict[str, set[str]]) -> None:
    annotations = [each["expr"] for each in DASHBOARD["annotations"]["list"]]
    asked = [expression for panel in PANELS for expression in expressions(panel)]
    names = {name for expression in (*asked, *annotations) for name in NAME.findall(expression)}

    assert len(names) > 20
    assert names - served.keys() == set()


async def test_the_dashboard_compares_labels_that_exist(served: dict[str, set[str]]) -> None:
    for panel in PANELS:
        for target in panel["targets"]:
            text = target["expr"] + target["legendFormat"]
            asked = {name for found in LABEL.findall(text) for name in found if name}
            known = set().union(*(served[name] for name in NAME.findall(target["expr"])))
            # Its values come with the first failure.
            known |= {"reason"} if "summary_failures" in text else set()
            known |= {"work"} if "stalled" in text else set()
            assert asked - known - OF_THE_SCRAPE == set(), target["expr"]


def test_the_dashboard_looks_at_one_vega_of_a_source_that_is_chosen() -> None:
    variables = {each["name"]: each for each in DASHBOARD["templating"]["list"]}

    assert variables["datasource"]["type"] == "datasource"
    assert "vega_build_info" in variables["instance"]["definition"]
    for panel in PANELS:
        for target in panel["targets"]:
            for datasource in (panel["datasource"], target["datasource"]):
                assert datasource == {"type": "prometheus", "uid": "${datasource}"}
            count = len(NAME.findall(target["expr"]))
            assert target["expr"].count('{instance="$instance"') == count, target["expr"]


def test_panels_lie_beside_each_other() -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]


async def test_every_figure_has_its_row_on_the_page_and_every_row_its_figure(
    served: dict[str, set[str]],
) -> None:
    rows = dict(re.findall(r"^\| `(vega_\w+)` \|([^|]*)\|", PAGE.read_text(), re.M))
    histograms = {name.removesuffix("_bucket") for name in served if name.endswith("_bucket")}
    pieces = {name + suffix for name in histograms for suffix in SUFFIXES["histogram"]}

    assert rows.keys() == served.keys() - pieces | histograms
    for name, labels in served.items():
        base = next((each for each in histograms if name in pieces and name.startswith(each)), name)
        for label in labels - {"le"}:
            assert f"`{label}`" in rows[base], name


async def test_the_page_alerts_on_figures_that_exist(served: dict[str, set[str]]) -> None:
    alerts = re.findall(r"^\s+expr: (.*)$", PAGE.read_text(), re.M)
    named = {name for alert in alerts for name in NAME.findall(alert)}

    assert len(alerts) >= 5
    assert named - served.keys() == set()
