"""A browser becomes its owner's by the one-time link, and hears in a sentence why it does not."""

import json
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.acceptance.browser.conftest import OpenWindow
from tests.acceptance.browser.windows import FLAGS, Window, find_chromium, pairing_link
from tests.vega_process import VegaProcess
from vega.core.life.sqlite import connect


def test_the_link_pairs_and_its_code_leaves_the_address(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    window = open_window(vega)

    expect(window.page).to_have_url(f"http://localhost:{vega.page_port}/")
    assert [device["name"] for device in _devices(vega)] == ["Chrome on Linux"]
    window.reload()
    window.say("Hello")
    window.wait_for_answer("You said: Hello.")


def test_a_pairing_outlives_the_server(vega: VegaProcess, open_window: OpenWindow) -> None:
    window = open_window(vega)
    vega.kill()
    vega.start()

    window.open()

    expect(window.page.locator(".welcome")).to_be_visible()


def test_a_browser_that_is_not_paired_is_told_how(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    window = open_window(vega, is_paired=False)

    window.page.goto(f"http://localhost:{vega.page_port}/")

    expect(window.page.get_by_role("alert")).to_contain_text("vega open")


def test_a_used_link_says_that_it_was_used(vega: VegaProcess, open_window: OpenWindow) -> None:
    link = pairing_link(vega)
    first = open_window(vega, is_paired=False)
    first.page.goto(link)
    first.wait_until_loaded()
    second = open_window(vega, is_paired=False)

    second.page.goto(link)

    expect(second.page.get_by_role("alert")).to_contain_text("used")
    expect(second.page.get_by_role("alert")).to_contain_text("vega open")
    expect(second.page).to_have_url(f"http://localhost:{vega.page_port}/")


def test_a_used_link_opened_again_by_its_own_browser_leads_on(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    link = pairing_link(vega)
    window = open_window(vega, is_paired=False)
    window.page.goto(link)
    window.wait_until_loaded()

    window.page.goto("about:blank")
    window.page.goto(link)

    expect(window.page.locator(".welcome")).to_be_visible()


def test_an_expired_link_says_that_it_expired(vega: VegaProcess, open_window: OpenWindow) -> None:
    link = pairing_link(vega)
    _let_codes_expire(vega)
    window = open_window(vega, is_paired=False)

    window.page.goto(link)

    expect(window.page.get_by_role("alert")).to_contain_text("too old")
    expect(window.page.get_by_role("alert")).to_contain_text("vega open")


def test_an_unknown_code_is_told_apart(vega: VegaProcess, open_window: OpenWindow) -> None:
    window = open_window(vega, is_paired=False)

    window.page.goto(f"http://localhost:{vega.page_port}/pair#nonsense")

    expect(window.page.get_by_role("alert")).to_contain_text("vega open")
    expect(window.page.get_by_role("heading")).to_have_text("That did not work")


def test_a_browser_that_refuses_cookies_is_told_so(
    vega: VegaProcess, browser: Browser, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    (profile / "Default").mkdir(parents=True)
    refusing = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (profile / "Default" / "Preferences").write_text(json.dumps(refusing))
    context = browser.browser_type.launch_persistent_context(
        profile, executable_path=find_chromium(), args=list(FLAGS)
    )
    try:
        window = Window(vega, context)
        window.page.goto(pairing_link(vega))

        expect(window.page.get_by_role("alert")).to_contain_text("did not keep the cookie")
        assert window.complaints == []
    finally:
        context.close()


def test_a_browser_that_is_unpaired_is_shown_out(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    window = open_window(vega)

    vega.request("DELETE", f"/api/devices/{_devices(vega)[0]['id']}").raise_for_status()

    expect(window.page.get_by_role("alert")).to_contain_text("vega open")
    expect(window.composer).to_have_count(0)


def _devices(vega: VegaProcess) -> list[dict[str, str]]:
    found: list[dict[str, str]] = vega.request("GET", "/api/devices").json()["devices"]
    return found


def _let_codes_expire(vega: VegaProcess) -> None:
    vega.terminate()
    with closing(connect(vega.home / "vega.db")) as connection:
        connection.execute("UPDATE pairing_codes SET expires_at = expires_at - 7200000000")
    vega.start()
