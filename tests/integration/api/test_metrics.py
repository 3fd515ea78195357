"""What scrapers read: by real parsers, true to the life, and cheap."""

import re
import time
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import httpx2
import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_open_metrics,
)
from prometheus_client.parser import text_string_to_metric_families as parse_text

import vega as package
from tests.integration.api.conftest import Vega, running
from tests.lives import completed, new_turn, tell
from tests.memory_trees import SERVICE, write_group
from vega.core.memory import CleanupKind
from vega.core.verification import Verification
from vega.llm.scripted import ScriptedModel

TEXT = "/metrics/prometheus"
#: As Prometheus 3 sends it.
PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)
OLD_PROMETHEUS = "text/plain;version=0.0.4;q=1,*/*;q=0.1"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"
#: What a name ends in: its unit, or what is counted.
ENDINGS = ("_bytes", "_percent", "_seconds", "_total", "_info")
COUNTED = {
    "vega_archive_blocks",
    "vega_backup_failed_nights",
    "vega_backups",
    "vega_damaged_turns",
    "vega_failed_nightly_jobs",
    "vega_queue_depth",
    "vega_queue_limit",
    "vega_tier_turns",
    "vega_verification_flaws",
    "vega_verified_turns",
}
STATES = {
    "vega_backup_elsewhere_failed",
    "vega_backup_failed",
    "vega_disk_state",
    "vega_memory_pressure",
    "vega_model_reachable",
}
ANSWER = "The Moon orbits the Earth at 384,400 km, and causes the tides of the sea. " * 20


class Scrape:
    """One exposition, parsed."""

    def __init__(self, text: str) -> None:
        parse = parse_open_metrics if text.endswith("# EOF\n") else parse_text
        self.text = text
        self.families = {family.name: family for family in parse(text)}
        self.values = {
            (sample.name, *sorted(sample.labels.items())): sample.value
            for family in self.families.values()
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float:
        found: float = self.values[name, *sorted(labels.items())]
        return found

    @property
    def counters(self) -> dict[Any, float]:
        """Whatever may never fall."""
        endings = ("_total", "_bucket", "_count", "_sum")
        return {key: value for key, value in self.values.items() if key[0].endswith(endings)}


async def scrape(client: httpx2.AsyncClient, accept: str = PROMETHEUS) -> Scrape:
    answer = await client.get("/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    return Scrape(answer.text)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/json"),
        ("", "application/json"),
        (BROWSER, "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        (PROMETHEUS, "application/openmetrics-text"),
        (OLD_PROMETHEUS, "text/plain"),
        ("text/plain;version=1.0.0", "text/plain"),
        ("Application/OpenMetrics-Text; version=1.0.0", "application/openmetrics-text"),
    ],
)
async def test_who_asks_for_text_gets_it_and_all_others_get_json(
    client: httpx2.AsyncClient, accept: str, kind: str
) -> None:
    answer = await client.get("/metrics", headers={"Accept": accept})

    assert answer.headers["content-type"].split(";")[0] == kind
    assert answer.headers["vary"] == "Accept"
    if kind == "application/json":
        assert answer.json()["memory_manager"]["cleanup_count"] == 0
    else:
        assert Scrape(answer.text).value("vega_queue_depth") == 0


async def test_the_path_of_its_own_always_gives_text(client: httpx2.AsyncClient) -> None:
    for accept in ("*/*", BROWSER, PROMETHEUS):
        answer = await client.get(TEXT, headers={"Accept": accept})

        assert Scrape(answer.text).value("vega_tier_turns", tier="full") == 0


@pytest.mark.parametrize("accept", [PROMETHEUS, OLD_PROMETHEUS])
async def test_every_family_says_what_it_is(client: httpx2.AsyncClient, accept: str) -> None:
    found = await scrape(client, accept)

    assert len(found.families) > 25
    for family in found.families.values():
        assert family.name.startswith("vega_")
        assert family.documentation.endswith("."), family.name
        assert family.type in {"counter", "gauge", "histogram", "info"}, family.name
        for line in ("HELP", "TYPE"):
            assert re.search(rf"^# {line} {family.name}(_total|_info)? \S", found.text, re.M), line


@pytest.mark.parametrize("accept", [PROMETHEUS, OLD_PROMETHEUS])
async def test_every_name_ends_in_its_unit(client: httpx2.AsyncClient, accept: str) -> None:
    found = await scrape(client, accept)

    for family in found.families.values():
        # A counter's samples have the ending that its family has not.
        name = f"{family.name}_total" if family.type == "counter" else family.name
        name = f"{name}_info" if family.type == "info" else name
        assert name.endswith(ENDINGS) or family.name in COUNTED | STATES, family.name
        if family.name in STATES:
            assert {sample.value for sample in family.samples} <= {0, 1}


async def test_the_figures_are_those_of_the_life(vega: Vega, client: httpx2.AsyncClient) -> None:
    await tell(vega.life.store, "Hello", "Hi!")
    await vega.life.ask("My favorite color is blue")
    await vega.life.store.accept_turn(new_turn("Waiting"))

    found = await scrape(client)

    assert found.value("vega_tier_turns", tier="full") == 3
    assert found.value("vega_turns_total", tier="full") == 3
    assert found.value("vega_text_bytes", tier="full") > len("HelloHi!")
    assert found.value("vega_turn_seconds_count", outcome="completed") == 1
    assert found.value("vega_memory_pressure", state="normal") == 1
    assert found.value("vega_memory_percent") == 40
    assert found.value("vega_memory_bytes", what="limit") == 1000 << 20
    assert found.value("vega_memory_threshold_percent", pressure="critical") == 90
    assert found.value("vega_database_bytes", file="life") > 50_000
    assert found.value("vega_disk_free_bytes") > 0
    assert found.value("vega_model_reachable") == 1
    assert found.value("vega_build_info", version=package.__version__) == 1
    assert 0 < found.value("vega_start_time_seconds") <= time.time()


async def test_how_turns_ended_is_told_with_how_long_they_took(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    before = (await scrape(client)).value("vega_turn_seconds_count", outcome="completed")
    for _ in range(3):
        await vega.life.ask("Tell me about the moon.")

    found = await scrape(client)

    assert before == 0
    assert found.value("vega_turn_seconds_count", outcome="completed") == 3
    assert found.value("vega_turn_seconds_bucket", outcome="completed", le="+Inf") == 3
    assert 0 < found.value("vega_turn_seconds_sum", outcome="completed") < 10
    assert found.value("vega_turn_seconds_count", outcome="failed") == 0


async def test_a_queue_and_an_absent_model_are_seen(tmp_path: Any) -> None:
    async with running(tmp_path, ScriptedModel(is_away=True)) as vega, vega.client() as client:
        await vega.life.say("Hello?")
        found = await scrape(client)

    assert found.value("vega_queue_depth") == 1
    assert found.value("vega_model_reachable") == 0


async def test_a_cleanup_is_counted_and_no_counter_ever_falls(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    first = await scrape(client)
    seen = [first]
    turns = []
    for number in range(60):
        vega.life.clock.advance(minutes=1)
        at = vega.life.clock.now()
        turns.append(await tell(vega.life.store, f"Thing {number}?", f"{number}: {ANSWER}", at=at))
    await vega.life.ask("Tell me about the moon.")
    seen.append(await scrape(client))
    vega.life.clock.advance(days=40)
    for kind in (CleanupKind.NIGHTLY, CleanupKind.NIGHTLY, CleanupKind.AGGRESSIVE):
        await vega.memory_manager.clean(kind)
        seen.append(await scrape(client))
    await vega.life.store.ask_again(turns[0].id)
    await vega.life.store.end_turn(turns[0].id, completed("Again."), (), vega.life.clock.now())
    seen.append(await scrape(client))
    last = seen[-1]

    for earlier, later in pairwise(seen):
        assert earlier.counters.keys() <= later.counters.keys()
        for key, value in earlier.counters.items():
            assert later.counters[key] >= value, key
    assert last.value("vega_cleanups_total", kind="nightly") >= 1
    assert last.value("vega_turns_total", tier="compressed") >= 11
    assert last.value("vega_turns_total", tier="full") == 62
    assert sum(last.value("vega_tier_turns", tier=tier) for tier in TIERS) == 61
    assert last.value("vega_archive_text_bytes") > last.value("vega_archive_bytes") > 0
    ended = last.value("vega_last_cleanup_timestamp_seconds")
    assert ended == vega.life.clock.now().timestamp()


TIERS = ("full", "compressed", "archived")


async def test_what_was_counted_outlives_a_restart(tmp_path: Any) -> None:
    async with running(tmp_path) as vega:
        for number in range(3):
            await tell(vega.life.store, f"Thing {number}?", ANSWER)
    async with running(tmp_path) as vega, vega.client() as client:
        assert (await scrape(client)).value("vega_turns_total", tier="full") == 3


async def test_pressure_is_told_as_it_is_felt(vega: Vega, client: httpx2.AsyncClient) -> None:
    write_group(vega.machine, SERVICE, current=850, maximum=1000)
    await vega.memory_manager.look()
    warned = await scrape(client)
    write_group(vega.machine, SERVICE, current=950, maximum=1000)
    await vega.memory_manager.look()
    alarmed = await scrape(client)

    assert warned.value("vega_memory_percent") == 85
    assert warned.value("vega_memory_pressure", state="warning") == 1
    assert warned.value("vega_memory_pressure", state="normal") == 0
    assert alarmed.value("vega_memory_pressure", state="critical") == 1
    assert alarmed.value("vega_memory_pressure", state="warning") == 0


async def test_a_backup_is_told_once_there_is_one(vega: Vega, client: httpx2.AsyncClient) -> None:
    before = await scrape(client)
    made = (await client.post("/api/backups")).json()
    after = await scrape(client)

    assert before.value("vega_backups") == 0
    assert "vega_backup_last_success_timestamp_seconds" in before.families
    assert before.families["vega_backup_last_success_timestamp_seconds"].samples == []
    when = datetime.fromisoformat(made["created_at"]).astimezone(UTC).timestamp()
    assert after.value("vega_backups") == 1
    assert after.value("vega_backup_last_success_timestamp_seconds") == when
    assert after.value("vega_backup_last_bytes") == made["size_bytes"]
    assert after.value("vega_backup_failed") == 0


async def test_what_the_life_was_last_verified_for_is_told(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    await vega.life.ask("Hello.")
    before = await scrape(client)
    await Verification(vega.life.store, vega.life.live_turns, vega.life.clock).run()
    after = await scrape(client)

    name = "vega_verification_last_timestamp_seconds"
    assert before.families[name].samples == []
    assert after.value(name) == vega.life.clock.now().timestamp()
    assert after.value("vega_verified_turns") == 1
    assert after.value("vega_verification_flaws") == after.value("vega_damaged_turns") == 0


async def test_labels_do_not_grow_with_the_life(vega: Vega, client: httpx2.AsyncClient) -> None:
    for number in range(5):
        await vega.life.ask(f"Tell me thing {number}.")
    few = await scrape(client)
    for number in range(60):
        await tell(vega.life.store, f"My name is N{number}", f"{number}: {ANSWER}")
    await vega.memory_manager.clean(CleanupKind.BACKLOG)
    many = await scrape(client)

    assert len(many.values) < 150
    assert set(many.values) - set(few.values) <= {("vega_last_cleanup_timestamp_seconds",)}


async def test_a_scrape_says_nothing_that_was_said(vega: Vega, client: httpx2.AsyncClient) -> None:
    await vega.life.ask("The secret is xylophone.")

    assert "xylophone" not in (await scrape(client)).text


@pytest.mark.parametrize("path", ["/metrics", TEXT])
@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        (("127.0.0.1", 1), {}, 200),
        (("::1", 1), {}, 200),
        (("10.0.0.9", 1), {}, 401),
        (("127.0.0.1", 1), {"X-Forwarded-For": "10.0.0.9"}, 401),
        (("127.0.0.1", 1), {"Via": "1.1 nginx"}, 401),
    ],
)
async def test_scrapers_need_a_key_unless_they_are_on_this_machine(
    vega: Vega, path: str, peer: tuple[str, int], headers: dict[str, str], status: int
) -> None:
    accept = {"Accept": PROMETHEUS}
    async with vega.client(key="", peer=peer) as client:
        assert (await client.get(path, headers=headers | accept)).status_code == status
        bearer = {"Authorization": f"Bearer {vega.key}"}
        assert (await client.get(path, headers=headers | accept | bearer)).status_code == 200


async def test_a_scrape_is_cheap(vega: Vega, client: httpx2.AsyncClient) -> None:
    for number in range(100):
        await tell(vega.life.store, f"Thing {number}?", ANSWER)
    await scrape(client)

    seconds = []
    for _ in range(10):
        began = time.perf_counter()
        await client.get(TEXT)
        seconds.append(time.perf_counter() - began)

    assert min(seconds) < 0.05
