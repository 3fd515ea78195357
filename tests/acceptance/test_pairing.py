"""Browsers of a real Vega: paired by the link that it prints, for good."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx2
import pytest

from tests.acceptance.conftest import MakeVega
from tests.vega_process import VegaProcess, wait_until

SECONDS = 30.0


def printed_codes(vega: VegaProcess) -> list[str]:
    """Of every start so far."""
    page = rf"^  Page   http://localhost:{vega.page_port}/pair#([\w-]+)$"
    return re.findall(page, vega.output, re.M)


def browser() -> httpx2.Client:
    """One that keeps cookies as browsers do: for a machine, whatever the port."""
    return httpx2.Client(trust_env=False, timeout=SECONDS)


def pair(client: httpx2.Client, vega: VegaProcess, code: str, name: str = "x") -> int:
    body = {"code": code, "name": name}
    return client.post(f"{vega.url}/api/devices", json=body).status_code


def reads(client: httpx2.Client, vega: VegaProcess) -> int:
    return client.get(f"{vega.url}/history").status_code


def test_the_link_that_is_printed_pairs_one_browser_also_across_kill_9(vega: VegaProcess) -> None:
    (code,) = printed_codes(vega)
    with closing(browser()) as client, closing(browser()) as other:
        vega.kill()
        vega.start()
        paired = pair(client, vega, code)
        vega.kill()
        vega.start()
        seen = [reads(client, vega), pair(other, vega, code), reads(other, vega)]

    assert paired == 201
    assert seen == [200, 410, 401]
    assert len(set(printed_codes(vega))) == 3


def test_of_browsers_that_race_one_is_paired(vega: VegaProcess) -> None:
    (code,) = printed_codes(vega)

    def run(_: int) -> int:
        with closing(browser()) as client:
            return pair(client, vega, code)

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(run, range(8)))

    assert statuses == [201] + [410] * 7
    assert len(vega.request("GET", "/api/devices").json()["devices"]) == 1


def test_two_lives_on_one_machine_share_a_browser(make_vega: MakeVega) -> None:
    lives = [make_vega("one"), make_vega("other")]
    with closing(browser()) as client:
        for vega in lives:
            vega.start()
            assert pair(client, vega, printed_codes(vega)[0]) == 201

        assert [reads(client, vega) for vega in lives] == [200, 200]
        assert len(client.cookies) == 2
        assert lives[0].request("DELETE", "/api/devices/1").status_code == 204
        assert [reads(client, vega) for vega in lives] == [401, 200]


def test_a_stream_of_a_browser_ends_when_it_is_unpaired(vega: VegaProcess) -> None:
    with closing(browser()) as client:
        pair(client, vega, printed_codes(vega)[0])
        with client.stream("GET", f"{vega.url}/api/events") as stream:
            lines = stream.iter_lines()
            assert next(lines) == ": vega"
            vega.request("DELETE", "/api/devices/1")
            assert list(lines) == [""]

        assert reads(client, vega) == 401
    assert vega.chat("Hello.").status_code == 200
    assert "ERROR" not in vega.output
    assert "Traceback" not in vega.output


def test_the_link_is_the_first_thing_that_is_said(vega: VegaProcess) -> None:
    """With what it is good for, and where another comes from, right below it."""
    wait_until(lambda: "  Home   " in vega.output, SECONDS)
    lines = vega.output.splitlines()
    place = lines.index("Vega is here: one conversation for life.")

    assert re.match(r"  Page   http://localhost:\d+/pair#[\w-]+$", lines[place + 1])
    assert re.match(
        r"         opens the page in one browser, once, .* vega open$", lines[place + 2]
    )


@pytest.mark.parametrize("is_journaled", [True, False])
def test_a_link_is_not_printed_into_the_journal(is_journaled: bool, make_vega: MakeVega) -> None:
    vega = make_vega()
    vega.log.touch()
    log = vega.log.stat()
    # A terminal under a desktop's systemd has the variable as well, for a journal of another's.
    inode = log.st_ino if is_journaled else log.st_ino + 1
    vega.settings = {**vega.settings, "JOURNAL_STREAM": f"{log.st_dev}:{inode}"}
    vega.start()
    wait_until(lambda: "  Home   " in vega.output, SECONDS)

    assert len(printed_codes(vega)) == (0 if is_journaled else 1)
    assert ("vega open makes the link" in vega.output) == is_journaled
