"""How much the page weighs, and how soon it is usable, beside an empty page in the same chromium.

Usable is: the life's last turns are drawn and the composer takes words. Each first load is in a
browser profile of its own that holds nothing but the pairing's cookie, so nothing comes out of a
cache; the same page loaded once more is the second look. Without chromium nothing is measured.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext

from benchmarks.client import Client
from benchmarks.processes import vega
from benchmarks.report import Figure, Report
from benchmarks.sizes import Size
from tests.acceptance.browser.windows import Window, chromium, find_chromium
from tests.vega_process import VegaProcess

BLANK = "about:blank"
FIRST = "the page: first load"
AGAIN = "the page: loaded again"
#: Enough to fill a window; a page of history is 50.
TURNS = 60
FIRST_LOAD_BYTES = 60_000.0
_KINDS = {"Document": "HTML", "Script": "JavaScript", "Stylesheet": "CSS", "Image": "icon"}


def measure(size: Size) -> Report:
    report = Report(f"from the address to a usable page, with {TURNS} turns", baseline=BLANK)
    path = find_chromium()
    if path is None:
        report.baseline = ""
        report.remarks = ["There is no chromium on this machine, so nothing was measured."]
        return report
    seconds: dict[str, list[float]] = {BLANK: [], FIRST: [], AGAIN: []}
    with (
        tempfile.TemporaryDirectory(prefix="vega-bench-") as folder,
        vega(Path(folder, "home"), "scripted:") as process,
        chromium(path) as browser,
    ):
        with Client(process.url, process.key) as client:
            for number in range(TURNS):
                client.post("/chat", {"prompt": f"Prompt {number}"})
        # The first round fills the caches of the system and is not counted.
        for number in range(size.starts + 1):
            found, wire = _round(process, browser)
            if number:
                for label, one in found.items():
                    seconds[label].append(one)
    for label, samples in seconds.items():
        report.add(label, samples)
    report.figures = _figures(report, wire)
    return report


def _round(process: VegaProcess, browser: Browser) -> tuple[dict[str, float], dict[str, int]]:
    context = browser.new_context(storage_state=_paired(process, browser))
    window = Window(process, context)
    wire = _watch_wire(context, window)
    blank = _timed(lambda: window.page.goto("about:blank"))
    first = _timed(lambda: _use(window))
    # What has come by now; the browser tells of it in events.
    counted = dict(wire)
    again = _timed(lambda: _use(window))
    context.close()
    return {BLANK: blank, FIRST: first, AGAIN: again}, counted


def _paired(process: VegaProcess, browser: Browser) -> Any:
    """A browser's cookies after pairing, to begin fresh profiles with."""
    context = browser.new_context()
    Window(process, context).pair()
    state = context.storage_state()
    context.close()
    return state


def _use(window: Window) -> None:
    window.page.goto(f"http://localhost:{window.vega.page_port}/", wait_until="commit")
    window.page.wait_for_selector(".turn")
    window.composer.fill("A word")


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _watch_wire(context: BrowserContext, window: Window) -> dict[str, int]:
    """Bytes that come over the wire, heads and all, by kind."""
    kinds: dict[str, str] = {}
    wire: dict[str, int] = {}

    def finish(event: dict[str, Any]) -> None:
        kind = kinds.get(event["requestId"])
        if kind is not None:
            wire[kind] = wire.get(kind, 0) + int(event["encodedDataLength"])

    def respond(event: dict[str, Any]) -> None:
        if event["type"] in _KINDS:
            kinds[event["requestId"]] = _KINDS[event["type"]]

    session = context.new_cdp_session(window.page)
    session.on("Network.responseReceived", respond)
    session.on("Network.loadingFinished", finish)
    session.send("Network.enable")
    return wire


def _figures(report: Report, wire: dict[str, int]) -> list[Figure]:
    first, blank = report.spreads[FIRST].median, report.spreads[BLANK].median
    return [
        *(Figure(f"{kind} over the wire", size / 1000, "kB") for kind, size in wire.items()),
        Figure.at_most(
            "first load over the wire", sum(wire.values()) / 1000, FIRST_LOAD_BYTES / 1000, "kB"
        ),
        Figure("usable after an empty page is", first - blank, "ms"),
    ]
