"""How the page looks: narrow and wide, dark and light, by keyboard, its policy."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.acceptance.browser.conftest import OpenWindow
from tests.acceptance.conftest import MakeVega
from tests.vega_process import VegaProcess

LONG = "Look at https://example.org/" + "a" * 200 + " and | this | table |"


@pytest.mark.parametrize("width", [320, 360, 768, 1400])
def test_nothing_is_wider_than_the_window(
    vega: VegaProcess, open_window: OpenWindow, width: int
) -> None:
    vega.chat(LONG)
    vega.chat("My favorite color is blue")
    vega.chat("What is my favorite color?")
    window = open_window(vega, viewport={"width": width, "height": 700})
    window.wait_for_answer("Your favorite color is blue")

    assert window.page.evaluate("document.documentElement.scrollWidth") <= width
    assert window.page.evaluate("document.querySelector('.scroller').scrollWidth") <= width
    header = window.page.locator(".vitals").bounding_box()
    assert header is not None
    # The header's figures in one line.
    assert header["height"] < 30


def test_a_low_window_keeps_room_for_the_conversation(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    """As on a phone whose keyboard is open."""
    window = open_window(vega, viewport={"width": 320, "height": 420})
    window.composer.fill("line\n" * 30)
    window.page.get_by_role("button", name="scripted").click()

    expect(window.page.get_by_role("region", name="The model")).to_be_visible()
    place = window.page.locator(".conversation").bounding_box()
    composer = window.page.locator(".composer").bounding_box()
    assert place is not None
    assert composer is not None
    assert place["height"] >= 60
    assert composer["y"] + composer["height"] <= 420


def test_the_words_of_a_table_stay_whole_where_it_is_narrow(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    window = open_window(vega, viewport={"width": 360, "height": 700})
    window.say("Hello")
    window.wait_for_answer("word12")
    window.page.evaluate(PUT_A_TABLE)

    heights = window.page.evaluate(
        "[...document.querySelectorAll('th')].map(one => one.clientHeight)"
    )
    # One line each.
    assert max(heights) < 45
    assert window.page.evaluate("document.querySelector('.scroller').scrollWidth") <= 360


PUT_A_TABLE = """() => {
  const place = document.querySelector(".markdown > div");
  const table = document.createElement("table");
  const row = table.createTHead().insertRow();
  for (const word of ["Name", "Commentary", "Appointments", "Consequences"]) {
    const cell = document.createElement("th");
    cell.textContent = word;
    row.append(cell);
  }
  place.append(table);
}"""


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_the_page_follows_the_systems_colours(
    vega: VegaProcess, open_window: OpenWindow, scheme: Any, is_dark: bool
) -> None:
    window = open_window(vega, color_scheme=scheme)

    ground = _rgb(window.page, "backgroundColor")
    ink = _rgb(window.page, "color")

    assert (sum(ground) < sum(ink)) is is_dark


def test_nothing_moves_for_those_who_want_it_so(vega: VegaProcess, open_window: OpenWindow) -> None:
    window = open_window(vega, reduced_motion="reduce")

    rules = window.page.evaluate(
        "matchMedia('(prefers-reduced-motion: reduce)').matches && "
        "getComputedStyle(document.querySelector('.composer')).animationName"
    )

    assert rules == "none"


def test_everything_is_within_reach_of_the_keyboard(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    vega.chat("My favorite color is blue")
    vega.chat("What is my favorite color?")
    window = open_window(vega)
    window.wait_for_answer("Your favorite color is blue")
    expect(window.composer).to_be_focused()

    skip = window.page.get_by_role("link", name="Skip to the message box")
    skip.focus()
    names = []
    for _ in range(5):
        window.page.keyboard.press("Tab")
        names.append(window.page.evaluate(NAME_OF_FOCUSED))
    skip.focus()
    window.page.keyboard.press("Enter")

    assert names[0].startswith("ONLINE [JARVIS MODE]")
    assert names[1:] == ["scripted", "Conversation", "from today", "Message to Vega"]
    expect(window.composer).to_be_focused()


NAME_OF_FOCUSED = """(() => {
  const focused = document.activeElement;
  return (focused.ariaLabel ?? focused.textContent).trim().split(",")[0];
})()"""


def test_an_answer_is_announced_once_and_whole(
    make_vega: MakeVega, open_window: OpenWindow
) -> None:
    vega = make_vega(model_url="scripted:?words=30&delay_ms=20")
    vega.start()
    window = open_window(vega)
    window.page.evaluate(KEEP_ANNOUNCEMENTS)

    window.say("Count for me")
    window.wait_for_answer("word30")

    live = window.page.locator("[aria-live=polite]")
    expect(live).to_contain_text("word30")
    said = window.page.evaluate("window.announcements")
    assert len(said) == 2
    assert said[0] == "Vega is answering."


KEEP_ANNOUNCEMENTS = """() => {
  window.announcements = [];
  const live = document.querySelector("[aria-live=polite]");
  new MutationObserver(() => window.announcements.push(live.textContent))
    .observe(live, { childList: true, characterData: true, subtree: true });
}"""


def test_the_policy_is_kept_and_would_be_enforced(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    window = open_window(vega)
    window.page.evaluate(
        "document.addEventListener('securitypolicyviolation', e => "
        "(window.violations ??= []).push(e.violatedDirective))"
    )
    window.say("**Hello** <script>alert(1)</script>")
    window.wait_for_answer("word12")
    assert window.page.evaluate("window.violations") is None
    assert window.complaints == []

    window.page.evaluate(
        "const image = new Image(); image.src = 'https://evil.example/a.png';"
        "document.body.append(image)"
    )
    window.page.wait_for_function("window.violations?.includes('img-src')")
    window.complaints.clear()


def test_the_offer_of_a_better_model_is_taken_up(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    window = open_window(vega, is_paired=False)
    offer = StoodInOffer(window.page)
    window.pair()
    card = window.page.get_by_role("region", name="The model")
    expect(card).to_contain_text("It is small, and often wrong.")
    expect(card).to_contain_text("For real conversation")

    card.get_by_role("button", name="Get it").click()
    expect(card).to_contain_text("1.0 GB of 2.5 GB")
    assert offer.pulled == ["qwen3-4b-instruct"]
    offer.state, offer.error = "failed", "The hub sent less than it said."
    expect(card).to_contain_text("The hub sent less than it said.")
    card.get_by_role("button", name="Try again").click()
    offer.is_current = True

    expect(card).to_contain_text("qwen3-4b-instruct answers now")
    expect(card).not_to_contain_text("starter")


def test_the_offer_can_be_put_away_and_comes_back_when_asked_for(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    window = open_window(vega, is_paired=False)
    StoodInOffer(window.page)
    window.pair()
    card = window.page.get_by_role("region", name="The model")

    card.get_by_role("button", name="Close").click()
    expect(card).to_have_count(0)
    window.reload()
    button = window.page.get_by_role("button", name="smollm2-135m-instruct")
    expect(button).to_be_visible()
    expect(card).to_have_count(0)
    button.click()

    expect(card).to_be_visible()


class StoodInOffer:
    """`/api/models` as docs/api.md describes it, in place of a download of 2.5 GB."""

    def __init__(self, page: Page) -> None:
        self.state = "absent"
        self.error: str | None = None
        self.is_current = False
        self.pulled: list[str] = []
        page.route("**/api/models", lambda route: route.fulfill(json=self._models()))
        page.route("**/api/models/pull", self._pull)

    def _pull(self, route: Route) -> None:
        self.pulled.append((route.request.post_data_json or {})["id"])
        self.state, self.error = "fetching", None
        route.fulfill(status=202, json=self._model())

    def _models(self) -> dict[str, Any]:
        name = "qwen3-4b-instruct" if self.is_current else "smollm2-135m-instruct"
        offer = {
            "id": "qwen3-4b-instruct",
            "size_bytes": 2_500_000_000,
            "seconds": 240,
            "text": "For real conversation get qwen3-4b-instruct: 2.5 GB, about 4 minutes.",
        }
        return {
            "current": {
                "id": name,
                "name": name,
                "place": "this machine",
                "is_able": self.is_current,
                "context_tokens": 4096,
            },
            "reason": None,
            "chosen": "",
            "machine": {"ram_mb": 16_000, "cores": 4, "gpus": []},
            "models": [self._model()],
            "offer": None if self.is_current else offer,
        }

    def _model(self) -> dict[str, Any]:
        progress = {
            "done_bytes": 1_000_000_000,
            "total_bytes": 2_500_000_000,
            "bytes_per_second": 10_000_000,
        }
        return {
            "id": "qwen3-4b-instruct",
            "kind": "catalogue",
            "description": "A model for conversation.",
            "licence": "Apache-2.0",
            "size_bytes": 2_500_000_000,
            "ram_mb": 4_000,
            "state": "here" if self.is_current else self.state,
            "progress": progress if self.state == "fetching" else None,
            "error": self.error,
            "fits": True,
            "is_current": self.is_current,
            "is_offered": not self.is_current,
            "is_able": True,
        }


def _rgb(page: Page, property_name: str) -> list[int]:
    colour = page.evaluate(f"getComputedStyle(document.body).{property_name}")
    return [int(number) for number in re.findall(r"\d+", colour)[:3]]
