"""The header: the founding document's figures in the colour of the pressure, and what is behind."""

import re
from typing import Any

import pytest
from playwright.sync_api import FloatRect, Locator, Page, Route, expect

from tests.acceptance.browser.conftest import OpenWindow
from tests.acceptance.browser.windows import Window
from tests.acceptance.conftest import MakeVega
from tests.vega_process import VegaProcess, wait_until

HEADER = re.compile(r"^ONLINE \[JARVIS MODE\]    MEM: \d+MB \| SYS: \d+\.\d%$")
BLUE, ORANGE, RED = "rgb(34, 87, 214)", "rgb(163, 79, 0)", "rgb(195, 34, 43)"
DARK_RED = "rgb(255, 127, 120)"


def figures(window: Window) -> Locator:
    return window.page.locator(".vitals")


def panel(window: Window) -> Locator:
    return window.page.get_by_role("region", name="Memory")


def wait_for_figures(window: Window) -> None:
    expect(window.page.locator(".percent")).to_contain_text(".")


def start_with(make_vega: MakeVega, warning: str, critical: str, **settings: str) -> VegaProcess:
    thresholds = {
        "VEGA_WARNING_THRESHOLD_PERCENT": warning,
        "VEGA_CRITICAL_THRESHOLD_PERCENT": critical,
    }
    vega = make_vega(settings={**thresholds, **settings})
    vega.start()
    return vega


def test_the_header_is_the_founding_documents_and_lives(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    window = open_window(vega)

    wait_for_figures(window)
    assert HEADER.match(figures(window).text_content() or "")
    with window.page.expect_response("**/metrics") as answer:
        pass
    shown = answer.value.json()["memory_manager"]
    expect(window.page.locator(".percent")).to_have_text(f"{shown['percent']:.1f}%")


@pytest.mark.parametrize(
    ("warning", "critical", "colour", "words"),
    [
        ("98", "99", BLUE, "There is enough memory."),
        ("0.1", "99", ORANGE, "Memory is getting scarce."),
        ("0.01", "0.1", RED, "Memory is scarce."),
    ],
)
def test_the_figures_have_the_colour_of_the_pressure_and_its_words(
    make_vega: MakeVega,
    open_window: OpenWindow,
    warning: str,
    critical: str,
    colour: str,
    words: str,
) -> None:
    window = open_window(start_with(make_vega, warning, critical))
    wait_for_figures(window)

    expect(window.page.locator(".figures")).to_have_css("color", colour)
    expect(window.page.locator(".percent")).to_have_css("color", colour)
    is_scarce = colour != BLUE
    line = "underline" if is_scarce else "none"
    expect(window.page.locator(".percent")).to_have_css("text-decoration-line", line)
    if is_scarce:
        expect(window.page.locator(".top")).to_have_css("border-bottom-color", colour)
    figures(window).hover()
    expect(panel(window)).to_contain_text(words)
    expect(panel(window)).to_contain_text(re.compile(r"memory.* is \d+\s% in use\."))
    expect(panel(window).locator("strong")).to_have_css("color", colour)


def test_it_has_colours_for_the_dark_too(make_vega: MakeVega, open_window: OpenWindow) -> None:
    window = open_window(start_with(make_vega, "0.01", "0.1"), color_scheme="dark")

    expect(window.page.locator(".percent")).to_have_css("color", DARK_RED)


def test_the_panel_tells_what_a_cleanup_really_did(
    make_vega: MakeVega, open_window: OpenWindow
) -> None:
    settings = {"VEGA_MAX_CONTEXT_ENTRIES": "5", "VEGA_COMPRESSION_TRIGGER": "3"}
    vega = start_with(make_vega, "98", "99", **settings)
    window = open_window(vega)
    wait_for_figures(window)
    figures(window).hover()
    expect(panel(window)).to_contain_text("No cleanup was needed yet.")

    for number in range(10):
        vega.chat(f"Tell me about the moon, part {number}.")
    wait_until(lambda: vega.status()["tiers"]["compressed"]["turns"] > 0, 20)

    expect(panel(window)).to_contain_text(
        re.compile(r"Last cleanup today at \d\d:\d\d: \d+ turns? compressed")
    )
    counts = [int(each) for each in panel(window).locator("dd").all_inner_texts()]
    assert sum(counts) == 10
    assert counts[1] > 0


def test_the_pointer_opens_and_closes_it_and_nothing_moves(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    vega.chat("Hello")
    window = open_window(vega, viewport={"width": 1120, "height": 600})
    wait_for_figures(window)
    before = _places(window.page)

    figures(window).hover()
    expect(panel(window)).to_be_visible()
    during = _places(window.page)
    panel(window).hover()
    expect(panel(window)).to_be_visible()
    window.page.mouse.move(20, 500)

    expect(panel(window)).to_have_count(0)
    assert before == during == _places(window.page)


def test_a_click_keeps_it_open_and_another_closes_it(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    window = open_window(vega)
    wait_for_figures(window)

    figures(window).click()
    window.page.mouse.move(20, 500)
    expect(panel(window)).to_be_visible()
    expect(figures(window)).to_have_attribute("aria-expanded", "true")
    figures(window).click()

    expect(panel(window)).to_have_count(0)
    expect(figures(window)).to_have_attribute("aria-expanded", "false")


def test_the_keyboard_opens_and_closes_it(vega: VegaProcess, open_window: OpenWindow) -> None:
    window = open_window(vega)
    wait_for_figures(window)
    window.page.get_by_role("link", name="Skip to the message box").focus()

    window.page.keyboard.press("Tab")
    expect(figures(window)).to_be_focused()
    expect(panel(window)).to_be_visible()
    told = figures(window).get_attribute("aria-describedby")
    expect(window.page.locator(f"#{told}")).to_contain_text("memory")
    window.page.keyboard.press("Escape")
    expect(panel(window)).to_have_count(0)
    expect(figures(window)).to_be_focused()
    window.page.keyboard.press("Enter")
    expect(panel(window)).to_be_visible()
    window.page.keyboard.press("Tab")

    expect(panel(window)).to_have_count(0)


@pytest.mark.parametrize("width", [320, 390])
def test_a_tap_opens_it_on_a_phone_and_one_beside_it_closes_it(
    vega: VegaProcess, open_window: OpenWindow, width: int
) -> None:
    window = open_window(vega, viewport={"width": width, "height": 640}, has_touch=True)
    wait_for_figures(window)

    figures(window).tap()
    place = panel(window).bounding_box()
    assert place is not None
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= width
    assert window.page.evaluate("document.documentElement.scrollWidth") <= width
    heights = panel(window).locator("dt").evaluate_all("all => all.map(one => one.clientHeight)")
    # One line each.
    assert max(heights) < 30
    window.page.touchscreen.tap(width / 2, 500)

    expect(panel(window)).to_have_count(0)


def test_what_is_being_done_and_a_full_disk_are_told(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    window = open_window(vega)
    wait_for_figures(window)
    window.page.route("**/metrics", _with("memory_manager", activity="Older turns are compressed."))
    window.page.route("**/api/status", _with("disk", state="full", free_bytes=12_000_000))

    figures(window).hover()

    expect(panel(window)).to_contain_text("Older turns are compressed.")
    expect(panel(window)).to_contain_text(re.compile(r"The disk is full: 12\sMB are free\."))


def test_while_vega_is_away_its_figures_are_said_to_be_old(
    make_vega: MakeVega, open_window: OpenWindow
) -> None:
    vega = start_with(make_vega, "0.1", "99")
    window = open_window(vega)
    expect(window.page.locator(".percent")).to_have_css("color", ORANGE)

    vega.kill()

    expect(figures(window)).to_contain_text("OFFLINE")
    expect(window.page.locator(".percent")).not_to_have_css("color", ORANGE)
    figures(window).hover()
    expect(panel(window)).to_contain_text("Vega is away; this is how it was.")


def _with(part: str, **fields: Any) -> Any:
    """What Vega really answers, but for those fields of that part."""

    def change(route: Route) -> None:
        body = route.fetch().json()
        body[part] |= fields
        route.fulfill(json=body)

    return change


def _places(page: Page) -> list[FloatRect | None]:
    names = (".vitals", ".conversation", ".composer", ".model-button")
    return [page.locator(name).bounding_box() for name in names]
