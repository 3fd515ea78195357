"""Over https a real browser has what phones need, if it trusts this Vega; else it stays away."""

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Playwright, sync_playwright

from tests.acceptance.browser.windows import FLAGS, Window, find_chromium
from tests.trusting_home import make_trusting_home
from tests.vega_process import VegaProcess, free_ports
from vega.tls.authority import Authority
from vega.tls.names import Names

#: Reached from this machine under a name that is not this machine alone.
NAME = "vega-1.example"
ROBBED = "bank.example"
#: Leads these names here, as a router's DNS would.
RESOLVER = f"--host-resolver-rules=MAP {NAME} 127.0.0.1, MAP {ROBBED} 127.0.0.1"


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    if find_chromium() is None:
        pytest.skip("no chromium on this machine")
    with sync_playwright() as started:
        yield started


@pytest.fixture
def https(vega: VegaProcess) -> str:
    """Where the page is over https, opened while Vega runs."""
    port = free_ports(1)[0]
    asked = {"port": port, "names": [NAME]}
    vega.request("POST", "/api/tls", asked).raise_for_status()
    return f"https://{NAME}:{port}"


def test_a_browser_that_trusts_it_is_paired_by_its_link_and_talks(
    playwright: Playwright, vega: VegaProcess, https: str, tmp_path: Path
) -> None:
    made = vega.request("POST", "/api/pairing").raise_for_status().json()
    link = made["https_urls"][0]
    assert link == f"{https}/pair#{made['code']}"

    with _browser(playwright, tmp_path, trusting=vega) as browser:
        window = Window(vega, browser.new_context(locale="en-GB"))
        window.page.goto(link)
        window.wait_until_loaded()
        window.say("Hello")
        window.wait_for_answer("You said: Hello.")
        window.page.goto(f"{https}/")
        window.wait_until_loaded()

        cookies = window.page.context.cookies()
        assert [(each["secure"], each["httpOnly"]) for each in cookies] == [(True, True)]
        assert cookies[0]["name"].startswith("__Host-vega_")
        assert window.complaints == []


def test_over_https_a_browser_has_what_phones_need(
    playwright: Playwright, vega: VegaProcess, https: str, tmp_path: Path
) -> None:
    with _browser(playwright, tmp_path, trusting=vega) as browser:
        # Without the page's own policy, which lets no script but its own name a worker.
        page = browser.new_page(bypass_csp=True)
        page.goto(f"{https}/")
        found = page.evaluate(
            "({secure: isSecureContext, worker: 'serviceWorker' in navigator,"
            " push: 'PushManager' in window, microphone: 'mediaDevices' in navigator})"
        )
        # Of a script that is not there: that it is asked for shows that it would be taken.
        refusal = page.evaluate(
            "navigator.serviceWorker.register('/no-such-worker.js').catch(error => error.message)"
        )
    assert found == {"secure": True, "worker": True, "push": True, "microphone": True}
    assert "bad HTTP response code (401)" in refusal


def test_plain_http_to_that_port_ends_at_https(
    playwright: Playwright, vega: VegaProcess, https: str, tmp_path: Path
) -> None:
    with _browser(playwright, tmp_path, trusting=vega) as browser:
        page = browser.new_page()
        page.goto(https.replace("https://", "http://"))

        assert page.url == f"{https}/"


def test_a_browser_that_does_not_trust_it_stays_away(
    playwright: Playwright, vega: VegaProcess, https: str, tmp_path: Path
) -> None:
    with _browser(playwright, tmp_path) as browser:
        page = browser.new_page()

        with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
            page.goto(f"{https}/")


def test_a_stolen_authority_deceives_no_browser_about_others(
    playwright: Playwright, vega: VegaProcess, https: str, tmp_path: Path
) -> None:
    stolen = Authority.load(vega.home / "tls")
    assert stolen is not None
    for name, error in ((ROBBED, "ERR_CERT_INVALID"), (NAME, None)):
        names = Names(frozenset({name}), frozenset())
        forged = tmp_path / f"{name}.pem"
        forged.write_bytes(stolen.issue(names, datetime.now(UTC)))
        with (
            _browser(playwright, tmp_path / name, trusting=vega) as browser,
            _serving(forged) as port,
        ):
            page = browser.new_page()
            if error:
                with pytest.raises(Error, match=error):
                    page.goto(f"https://{name}:{port}/")
            else:
                page.goto(f"https://{name}:{port}/")
                assert page.inner_text("body") == "deceived"


@contextmanager
def _browser(
    playwright: Playwright, folder: Path, trusting: VegaProcess | None = None
) -> Iterator[Browser]:
    """A browser with a home of its own, which trusts that Vega's authority, or nobody's."""
    home = folder / "browser-home"
    home.mkdir(parents=True)
    if trusting is not None:
        made = trusting.request("GET", "/vega-ca.crt").raise_for_status()
        make_trusting_home(home, made.content)
    browser = playwright.chromium.launch(
        executable_path=find_chromium(),
        args=[*FLAGS, RESOLVER],
        env={**os.environ, "HOME": str(home)},
    )
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def _serving(certificate: Path) -> Iterator[int]:
    """Somebody else's https server, with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    body = b"deceived"
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%b"

    def serve(listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(connection, server_side=True) as secure:
                    secure.recv(10_000)
                    secure.sendall(answer % (len(body), body))
            except OSError:
                # It was not trusted.
                connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
