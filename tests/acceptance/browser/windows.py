"""The page in a real chromium, as its owner has it before them.

For tests, the picture of the README and the benchmark alike, so nothing here knows pytest.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

from tests.vega_process import VegaProcess

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
#: CI runs as root, where chromium has no sandbox; it opens nothing but the page of a Vega here.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: For one thing to come true on a busy machine.
PATIENCE_MS = 30_000.0
#: What the browser itself says of a server that was killed, or of a request that was refused on
#: purpose.
NETWORK_TROUBLE = re.compile(r"Failed to load resource")


def find_chromium() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class Window:
    """One window on a Vega, and what the browser complained of in it."""

    def __init__(self, vega: VegaProcess, context: BrowserContext) -> None:
        context.set_default_timeout(PATIENCE_MS)
        self.vega = vega
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self) -> None:
        self.page.goto(f"http://localhost:{self.vega.page_port}/")
        self.wait_until_loaded()

    def pair(self) -> None:
        """Opens a fresh one-time link."""
        self.page.goto(pairing_link(self.vega))
        self.wait_until_loaded()

    def reload(self) -> None:
        self.page.reload()
        self.wait_until_loaded()

    def wait_until_loaded(self) -> None:
        self.page.wait_for_selector(".turn, .welcome")

    @property
    def composer(self) -> Locator:
        return self.page.get_by_label("Message to Vega")

    def say(self, prompt: str) -> None:
        self.composer.fill(prompt)
        self.composer.press("Enter")

    @property
    def prompts(self) -> list[str]:
        return self.page.locator(".bubble").all_inner_texts()

    @property
    def answers(self) -> list[str]:
        """As they are drawn, white space evened out."""
        return [" ".join(text.split()) for text in self._markdown.all_inner_texts()]

    @property
    def last_answer(self) -> str:
        found = self.answers
        return found[-1] if found else ""

    def wait_for_answer(self, text: str) -> None:
        """Until an answer holds that."""
        self._markdown.filter(has_text=text).first.wait_for()

    @property
    def _markdown(self) -> Locator:
        return self.page.locator("main .answer .markdown")

    def _hear(self, message: Any) -> None:
        if message.type == "error" and not NETWORK_TROUBLE.search(message.text):
            self.complaints.append(message.text)


def pairing_link(vega: VegaProcess) -> str:
    made: dict[str, str] = vega.request("POST", "/api/pairing").raise_for_status().json()
    return made["url"]
