"""`vega tls`: https turned on and off while Vega runs, and everything that goes on meanwhile."""

import json
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from tests.acceptance.conftest import MakeVega
from tests.own_certificates import write_own
from tests.terminal import run_command
from tests.vega_process import VegaProcess, free_ports

NAME = "vega-1.example"


def test_it_is_on_at_once_and_after_a_restart_and_off_again(vega: VegaProcess) -> None:
    port = free_ports(1)[0]
    with vega.events("/api/events") as events:
        shown = run_command(vega.home, "tls", "on", "--port", str(port), "--name", NAME)
        # Whoever was there stays.
        vega.chat("Hello.")
        assert next(events).kind == "turn.accepted"

    assert shown.returncode == 0
    assert f"https://{NAME}:{port}" in shown.stdout
    assert "Without the key" in shown.stdout
    assert _ask(vega, port, "/healthz").json() == {"status": "ok"}
    vega.kill()
    vega.start()
    assert _ask(vega, port, "/healthz").json() == {"status": "ok"}
    assert run_command(vega.home, "tls", "off").returncode == 0
    with pytest.raises(httpx2.ConnectError):
        _ask(vega, port, "/healthz")
    vega.terminate()
    vega.start()
    with pytest.raises(httpx2.ConnectError):
        _ask(vega, port, "/healthz")


def test_the_key_is_needed_and_names_are_those_of_the_certificate(vega: VegaProcess) -> None:
    port = _turn_on(vega)
    key = {"X-API-Key": vega.key}

    assert _ask(vega, port, "/history").status_code == 401
    assert _ask(vega, port, "/history", headers=key).status_code == 200
    assert _ask(vega, port, "/history", headers={**key, "Host": f"{NAME}:{port}"}).is_success
    foreign = _ask(vega, port, "/history", headers={**key, "Host": "evil.example"})
    assert foreign.status_code == 421
    # On the other doors it is no name of this Vega.
    assert vega.request("GET", "/history", headers={"Host": NAME}).status_code == 421


def test_only_pages_that_came_over_https_may_change_something_there(vega: VegaProcess) -> None:
    port = _turn_on(vega)
    key = {"X-API-Key": vega.key, "Host": f"{NAME}:{port}"}
    for origin, status in (
        (f"https://{NAME}:{port}", 200),
        (f"http://{NAME}:{port}", 403),
        (f"http://localhost:{vega.page_port}", 403),
        ("https://evil.example", 403),
    ):
        headers = {**key, "Origin": origin}
        assert _ask(vega, port, "/api/tls", headers=headers).status_code == status, origin


def test_a_paired_browser_may_not_open_doors(vega: VegaProcess) -> None:
    port = _turn_on(vega)
    made = vega.request("POST", "/api/pairing").json()
    paired = _ask(
        vega, port, "/api/devices", method="POST", json={"code": made["code"], "name": "x"}
    )
    cookie = paired.headers["set-cookie"]
    assert cookie.startswith("__Host-")
    assert cookie.endswith("; Secure")
    headers = {"Cookie": cookie.partition(";")[0]}

    assert _ask(vega, port, "/history", headers=headers).status_code == 200
    for method in ("GET", "POST", "DELETE"):
        refused = _ask(vega, port, "/api/tls", method=method, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "key_needed")


def test_links_for_phones_lead_to_https(vega: VegaProcess) -> None:
    port = _turn_on(vega)

    shown = run_command(vega.home, "open", "--qr")

    assert f"https://{NAME}:{port}/pair#" in shown.stderr
    assert shown.stdout.startswith(f"http://localhost:{vega.page_port}/pair#")


def test_devices_are_told_how_to_trust_it(vega: VegaProcess) -> None:
    off = run_command(vega.home, "tls", "trust")
    assert off.returncode == 1
    assert "vega tls on" in off.stderr
    port = _turn_on(vega)

    shown = run_command(vega.home, "tls", "trust", "iphone", "--qr").stdout

    link = f"http://{NAME}:{port}/vega-ca.crt"
    assert link in shown
    assert "Certificate Trust Settings" in shown
    assert "Android" not in shown
    found = json.loads(run_command(vega.home, "tls", "status", "--json").stdout)
    assert found["authority"]["sha256"] in shown
    fetched = httpx2.get(
        f"http://127.0.0.1:{port}/vega-ca.crt", headers={"Host": NAME}, trust_env=False
    )
    assert fetched.content == Path(found["authority"]["path"]).read_bytes()


def test_it_can_be_prepared_while_vega_does_not_run(make_vega: MakeVega) -> None:
    vega = make_vega()
    port = free_ports(1)[0]

    shown = run_command(vega.home, "tls", "on", "--port", str(port), "--name", NAME)
    assert "opens when it starts" in shown.stderr
    vega.start()

    assert _ask(vega, port, "/healthz").json() == {"status": "ok"}


def test_nothing_secret_of_it_can_be_read_by_others(vega: VegaProcess) -> None:
    _turn_on(vega)

    folder = vega.home / "tls"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"authority.pem": 0o600, "server.pem": 0o600, "vega-ca.crt": 0o644}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "PRIVATE" not in vega.output


def test_an_own_certificate_is_served_and_said_what_is_wrong_with_it(
    make_vega: MakeVega, tmp_path: Path
) -> None:
    begin = datetime.now(UTC) - timedelta(days=1)
    certificate, key = write_own(tmp_path, begin)
    port = free_ports(1)[0]
    own = {"VEGA_TLS_CERTIFICATE": str(certificate), "VEGA_TLS_KEY": str(key)}
    vega = make_vega(settings={**own, "VEGA_HTTPS_PORT": str(port)})
    key.chmod(0o644)
    vega.start()

    # It is no reason not to start; its owner is told.
    shown = run_command(vega.home, "tls", "status")
    assert shown.returncode == 1
    assert "chmod 600" in shown.stderr
    key.chmod(0o600)
    asked = vega.request("POST", "/api/tls", {"port": port})

    assert asked.json()["certificate"]["names"] == ["localhost", "vega.example.com"]
    trusting = ssl.create_default_context(cafile=str(certificate))
    assert _ask(vega, port, "/healthz", verify=trusting).is_success
    assert not (vega.home / "tls").exists()


def test_a_port_that_is_taken_at_the_start_keeps_vega_from_nothing_else(
    make_vega: MakeVega,
) -> None:
    first = make_vega("first")
    first.start()
    port = _turn_on(first)
    second = make_vega("second", settings={"VEGA_HTTPS_PORT": str(port)})

    second.start()

    assert second.chat("Hello.").status_code == 200
    shown = run_command(second.home, "tls", "status")
    assert shown.returncode == 1
    assert "Address already in use" in shown.stderr


def test_a_restart_ends_streams_over_https_in_time(vega: VegaProcess) -> None:
    port = _turn_on(vega)
    context = ssl.create_default_context(cafile=str(vega.home / "tls" / "vega-ca.crt"))
    with (
        httpx2.Client(verify=context, trust_env=False) as client,
        client.stream(
            "GET", f"https://localhost:{port}/api/events", headers={"X-API-Key": vega.key}
        ) as stream,
    ):
        assert stream.status_code == 200
        assert vega.terminate() == 0


def _turn_on(vega: VegaProcess) -> int:
    port = free_ports(1)[0]
    vega.request("POST", "/api/tls", {"port": port, "names": [NAME]}).raise_for_status()
    return port


def _ask(
    vega: VegaProcess,
    port: int,
    path: str,
    *,
    method: str = "GET",
    verify: ssl.SSLContext | None = None,
    **options: object,
) -> httpx2.Response:
    if verify is None:
        verify = ssl.create_default_context(cafile=str(vega.home / "tls" / "vega-ca.crt"))
    with httpx2.Client(verify=verify, trust_env=False) as client:
        return client.request(method, f"https://localhost:{port}{path}", **options)  # type: ignore[arg-type]
