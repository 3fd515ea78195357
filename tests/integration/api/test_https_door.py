"""The https door with real sockets and handshakes: opened, closed, renewed, and held against those
who only take up room."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from tests.own_certificates import write_own
from tests.vega_process import free_ports
from vega.api import https_door, tls_listener
from vega.api.https_door import HttpsDoor
from vega.api.protocol import BoundedProtocol, Connections
from vega.config import load_settings
from vega.core.clock import SystemClock
from vega.errors import CertificateUnusable, ConfigError, PortTaken

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(scope["scheme"])(scope, receive, send)


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[HttpsDoor]:
    made = _door(tmp_path)
    await _start(made)
    yield made
    await made.close()


async def test_it_is_closed_until_it_is_turned_on_and_then_answers(
    door: HttpsDoor, port: int, tmp_path: Path
) -> None:
    assert (door.is_open, door.names, door.url) == (False, frozenset(), "")

    await door.turn_on(port, ["vega.example.com"])

    assert await _ask(door, port) == b"https"
    assert {"localhost", "vega.example.com"} <= door.names
    assert door.url == f"https://vega.example.com:{port}"
    written = (tmp_path / "vega.toml").read_text()
    assert f"https_port = {port}" in written
    assert 'allowed_hosts = ["vega.example.com"]' in written


async def test_it_speaks_http_1_over_tls_1_2_or_newer(door: HttpsDoor, port: int) -> None:
    await door.turn_on(port, [])

    for version, expected in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (None, "TLSv1.3")):
        context = _trusting(door)
        context.set_alpn_protocols(["h2", "http/1.1"])
        if version is not None:
            context.maximum_version = version
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        spoken = writer.get_extra_info("ssl_object")
        assert (spoken.version(), spoken.selected_alpn_protocol()) == (expected, "http/1.1")
        writer.close()


async def test_who_does_not_trust_it_gets_nowhere(door: HttpsDoor, port: int) -> None:
    await door.turn_on(port, [])

    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.open_connection("localhost", port, ssl=ssl.create_default_context())


async def test_turned_off_it_is_closed_and_so_are_those_who_were_in(
    door: HttpsDoor, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(https_door, "CLOSING_SECONDS", 0.1)
    await door.turn_on(port, [])
    reader, writer = await _connect(door, port)

    await door.turn_off()

    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    assert await reader.read() == b""
    assert "https_port" not in (tmp_path / "vega.toml").read_text()
    assert door.names == frozenset()
    writer.close()


async def test_it_moves_to_another_port(door: HttpsDoor) -> None:
    first, second = free_ports(2)
    await door.turn_on(first, [])

    await door.turn_on(second, [])

    assert await _ask(door, second) == b"https"
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", first)


async def test_a_port_that_is_taken_changes_nothing(
    door: HttpsDoor, port: int, tmp_path: Path
) -> None:
    await door.turn_on(port, [])
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        pytest.raises(PortTaken, match="--port"),
    ):
        await door.turn_on(other.getsockname()[1], [])

    assert await _ask(door, port) == b"https"
    assert f"https_port = {port}" in (tmp_path / "vega.toml").read_text()


async def test_a_port_that_is_taken_leaves_the_authority_and_the_names(
    door: HttpsDoor, port: int, tmp_path: Path
) -> None:
    await door.turn_on(port, [])
    before, names = (tmp_path / "tls/authority.pem").read_bytes(), door.names
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        for is_anew, hosts in ((True, []), (False, ["10.9.9.9"])):
            with pytest.raises(PortTaken):
                await door.turn_on(taken, hosts, is_anew=is_anew)
        closed = _door(tmp_path)
        with pytest.raises(PortTaken):
            closed.plan_on(taken, [], is_anew=True)

    assert (tmp_path / "tls/authority.pem").read_bytes() == before
    assert (door.names, door.certificates.own_names) == (names, ())
    assert await _ask(door, port) == b"https"


async def test_settings_that_cannot_be_written_leave_the_authority_and_the_names(
    door: HttpsDoor, port: int, tmp_path: Path
) -> None:
    await door.turn_on(port, [])
    before, names = (tmp_path / "tls/authority.pem").read_bytes(), door.names
    (tmp_path / "vega.toml").rename(tmp_path / "elsewhere.toml")
    (tmp_path / "vega.toml").symlink_to(tmp_path / "elsewhere.toml")

    with pytest.raises(ConfigError):
        await door.turn_on(port, ["10.9.9.9"], is_anew=True)
    with pytest.raises(ConfigError):
        _door(tmp_path).plan_on(port + 1, ["10.9.9.9"], is_anew=True)

    assert (tmp_path / "tls/authority.pem").read_bytes() == before
    assert door.names == names
    assert await _ask(door, port) == b"https"


async def test_settings_that_cannot_be_written_change_nothing(
    door: HttpsDoor, port: int, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere.toml").touch()
    (tmp_path / "vega.toml").symlink_to(tmp_path / "elsewhere.toml")

    with pytest.raises(ConfigError):
        await door.turn_on(port, [])

    assert not door.is_open
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_port_that_was_taken_at_the_start_is_tried_again(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        door = _door(tmp_path, VEGA_HTTPS_PORT=str(port))
        await _start(door)
        assert "cannot listen" in door.problem
        assert not door.is_open
    await door._look()

    assert await _ask(door, port) == b"https"
    assert door.problem == ""
    await door.close()


async def test_a_new_certificate_holds_from_the_next_connection_on_and_none_is_lost(
    tmp_path: Path, port: int
) -> None:
    certificate, key = write_own(tmp_path, _yesterday())
    own = {"VEGA_TLS_CERTIFICATE": str(certificate), "VEGA_TLS_KEY": str(key)}
    door = _door(tmp_path, VEGA_HTTPS_PORT=str(port), **own)
    await _start(door)
    first = ssl.create_default_context(cadata=certificate.read_text())
    reader, writer = await asyncio.open_connection("localhost", port, ssl=first)

    write_own(tmp_path, _yesterday())
    await door._look()

    # The connection that was there goes on; a new one sees the new certificate.
    assert await _answer(reader, writer) == b"https"
    second = ssl.create_default_context(cadata=certificate.read_text())
    reader, other = await asyncio.open_connection("localhost", port, ssl=second)
    assert await _answer(reader, other) == b"https"
    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.open_connection("localhost", port, ssl=first)
    for each in (writer, other):
        each.close()
    await door.close()


async def test_an_owners_certificate_that_cannot_be_used_keeps_it_closed_and_is_said(
    tmp_path: Path, port: int
) -> None:
    own = {"VEGA_TLS_CERTIFICATE": "/nowhere/a.pem", "VEGA_TLS_KEY": "/nowhere/a.key"}
    door = _door(tmp_path, **own)
    await _start(door)

    with pytest.raises(CertificateUnusable, match=r"/nowhere/a\.pem cannot be read"):
        await door.turn_on(port, [])

    assert not door.is_open
    assert not (tmp_path / "vega.toml").exists()
    await door.close()


async def test_of_a_wildcard_the_names_that_its_owner_named_are_meant(
    tmp_path: Path, port: int
) -> None:
    pair = write_own(tmp_path, _yesterday(), hosts=("*.example.com", "other.org"))
    door = _door(
        tmp_path,
        VEGA_TLS_CERTIFICATE=str(pair[0]),
        VEGA_TLS_KEY=str(pair[1]),
        VEGA_HTTPS_PORT=str(port),
        VEGA_ALLOWED_HOSTS="vega.example.com,a.b.example.com,elsewhere.net",
    )
    await _start(door)

    led = await _plain(port, "GET /a HTTP/1.1\r\nHost: vega.example.com\r\n\r\n")

    assert door.names == {"vega.example.com", "other.org"}
    assert door.urls == [f"https://{name}:{port}" for name in ("other.org", "vega.example.com")]
    assert "307" in led
    await door.close()


async def test_a_connection_costs_little_before_anybody_has_shown_a_key(
    door: HttpsDoor, port: int
) -> None:
    await door.turn_on(port, [])
    reader, writer = await _connect(door, port)
    try:
        assert await _answer(reader, writer) == b"https"
        (transport,) = (protocol.transport for protocol in door._protocols)
        assert len(transport._ssl_protocol._ssl_buffer) < 20_000  # type: ignore[attr-defined]
    finally:
        writer.close()
        await writer.wait_closed()


async def test_half_open_connections_neither_delay_a_good_one_nor_stay(
    door: HttpsDoor, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls_listener, "GREETING_SECONDS", 1.0)
    await door.turn_on(port, [])
    silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(300)]
    begun = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
    for _, writer in begun:
        # The beginning of a handshake.
        writer.write(b"\x16\x03\x01\x02\x00\x01")

    assert await _ask(door, port) == b"https"
    listener = door._listener
    assert listener is not None
    assert listener.half_open <= tls_listener.MAX_HALF_OPEN
    for reader, writer in (*silent, *begun):
        try:
            assert await reader.read() == b""
        except ConnectionError:
            # Some systems say it so.
            continue
        finally:
            writer.close()
    assert listener.half_open == 0


async def test_plain_http_is_led_to_https(door: HttpsDoor, port: int) -> None:
    await door.turn_on(port, [])

    answer = await _plain(port, f"GET /pair?x=1 HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n")

    assert answer.startswith("HTTP/1.1 307")
    assert f"location: https://localhost:{port}/pair?x=1\r\n" in answer


async def test_plain_http_gives_the_certificate_to_trust_and_nothing_else(
    door: HttpsDoor, port: int
) -> None:
    await door.turn_on(port, [])
    authority = door.certificates.authority
    assert authority is not None

    answer = await _plain(port, "GET /vega-ca.crt HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert authority.public.decode() in answer
    assert "content-type: application/x-x509-ca-cert\r\n" in answer
    posted = await _plain(
        port, "POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
    )
    assert posted.startswith("HTTP/1.1 426")
    foreign = await _plain(port, "GET /vega-ca.crt HTTP/1.1\r\nHost: evil.example\r\n\r\n")
    assert foreign.startswith("HTTP/1.1 421")


async def test_what_is_neither_is_let_go(door: HttpsDoor, port: int) -> None:
    await door.turn_on(port, [])

    assert (await _plain(port, "SSH-2.0-OpenSSH_9.2\r\n\r\n")).partition("\r\n")[0] in (
        *("", "HTTP/1.1 400 Bad Request"),
    )
    assert await _ask(door, port) == b"https"


async def test_a_socket_on_which_systemd_listens_is_taken(tmp_path: Path) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    door = _door(tmp_path, VEGA_HTTPS_PORT=str(port))

    await _start(door, [listening])

    assert await _ask(door, port) == b"https"
    await door.close()


async def test_at_the_end_nobody_is_let_in(door: HttpsDoor, port: int) -> None:
    await door.turn_on(port, [])

    door.stop_accepting()
    await door.close()

    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


def _door(home: Path, **variables: str) -> HttpsDoor:
    given = {"VEGA_HOME": str(home), "VEGA_HTTPS_HOST": "127.0.0.1", **variables}
    # What is verified here is verified by the machine's clock.
    return HttpsDoor(load_settings(given), SystemClock("UTC"))


def _yesterday() -> datetime:
    return datetime.now(UTC) - timedelta(days=1)


async def _start(door: HttpsDoor, passed: Sequence[socket.socket] = ()) -> None:
    config = uvicorn.Config(
        _app, lifespan="off", log_config=None, access_log=False, http=BoundedProtocol
    )
    await door.start(config, Connections(), passed)


def _trusting(door: HttpsDoor) -> ssl.SSLContext:
    authority = door.certificates.authority
    assert authority is not None
    return ssl.create_default_context(cadata=authority.public.decode())


async def _connect(door: HttpsDoor, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("localhost", port, ssl=_trusting(door))


async def _ask(door: HttpsDoor, port: int) -> bytes:
    reader, writer = await _connect(door, port)
    try:
        return await _answer(reader, writer)
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(GET)
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    return await reader.readexactly(len(b"https"))


async def _plain(port: int, request: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(
            request.encode("latin-1").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        )
        return (await reader.read()).decode()
    finally:
        writer.close()
