"""`make picture`: the README's picture of the page, from a real Vega that was really talked to.

    python -m tests.acceptance.browser.picture [PATH]

What is said is written down here, and a stand-in for a model server says the one answer that a
model gives; everything else is Vega's own.
"""

import asyncio
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import ViewportSize

from tests.acceptance.browser.windows import Window, chromium, find_chromium
from tests.model_server import Behaviour, ModelServer
from tests.vega_process import VegaProcess

PATH = Path(__file__).parents[3] / "docs" / "images" / "page.png"
SIZE = ViewportSize(width=1120, height=820)
ANSWER = """Here is a small plan for the weekend:

1. **Saturday morning:** the market, early, before it gets full
2. **Saturday afternoon:** an hour for the bicycle, and a new chain for it
3. **Sunday:** nothing at all

Shall I remember the chain?"""


@contextmanager
def model_server() -> Iterator[str]:
    """The address of a stand-in that gives that answer, in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    pieces = [f"{word} " for word in ANSWER.split(" ")]
    server = ModelServer(Behaviour(pieces=pieces))
    try:
        asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result()
        yield server.url
        asyncio.run_coroutine_threadsafe(server.__aexit__(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def take(path: Path, browser_path: str) -> None:
    settings = {"VEGA_MODEL_NAME": "a-model-of-yours", "VEGA_MODEL_IS_ABLE": "false"}
    with (
        tempfile.TemporaryDirectory() as folder,
        model_server() as url,
        VegaProcess(Path(folder, "home"), model_url=url, settings=settings) as vega,
        chromium(browser_path) as browser,
    ):
        vega.start()
        window = Window(
            vega, browser.new_context(viewport=SIZE, locale="en-GB", device_scale_factor=1.5)
        )
        window.pair()
        window.say("My favorite color is blue")
        window.wait_for_answer("remember")
        # A life goes on across this.
        vega.kill()
        vega.start()
        window.say("What is my favorite color?")
        window.wait_for_answer("Your favorite color is blue")
        window.say("Plan my weekend, please. Nothing big.")
        window.wait_for_answer("Shall I remember the chain?")
        window.page.wait_for_selector(".percent:has-text('.')")
        path.parent.mkdir(parents=True, exist_ok=True)
        window.page.screenshot(path=path)


def main() -> None:
    browser_path = find_chromium()
    if browser_path is None:
        sys.exit("There is no chromium on this machine.")
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else PATH
    take(path, browser_path)
    sys.stdout.write(f"{path}: {path.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    main()
