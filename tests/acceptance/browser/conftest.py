"""A real chromium, and windows on a real Vega; a complaint of the browser's fails the test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.acceptance.browser.windows import Window, chromium, find_chromium
from tests.vega_process import VegaProcess

OpenWindow = Callable[..., Window]


# Not for the session: while playwright runs, no other event loop can, and other tests have theirs.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.skip("no chromium on this machine")
    with chromium(path) as started:
        yield started


@pytest.fixture
def open_window(browser: Browser) -> Iterator[OpenWindow]:
    """Opens a browser of its own on a Vega, paired unless told otherwise."""
    windows: list[Window] = []

    def open_one(vega: VegaProcess, *, is_paired: bool = True, **options: Any) -> Window:
        context = browser.new_context(**{"locale": "en-GB", **options})
        window = Window(vega, context)
        windows.append(window)
        if is_paired:
            window.pair()
        return window

    yield open_one
    complaints = [complaint for window in windows for complaint in window.complaints]
    for window in windows:
        window.page.context.close()
    assert complaints == []
