"""Under systemd, which is played here: whoever calls waits while Vega restarts, and a Vega that
hangs is seen to."""

import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.played_systemd import PlayedSystemd
from tests.vega_process import free_ports, wait_until

Play = Callable[..., PlayedSystemd]
HANGING = (sys.executable, "-m", "tests.hanging_vega")
CLIENTS = 8
WAIT_SECONDS = 60.0
#: Several times the half of a second in which a sign of life is due.
SILENCE_SECONDS = 3.0


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """Makes a systemd that has started nothing yet."""
    with ExitStack() as stack:

        def make(**options: Any) -> PlayedSystemd:
            return stack.enter_context(PlayedSystemd(tmp_path / "home", **options))

        yield make


@pytest.fixture
def systemd(play: Play) -> PlayedSystemd:
    """One whose Vega answers."""
    played = play()
    played.vega.start()
    return played


class Callers:
    """Clients that ask without a pause, each on a new connection or on one that is kept."""

    def __init__(self, port: int, *, keeps: bool) -> None:
        self.answered = 0
        self.refused = 0
        #: What failed otherwise, as a process that is killed breaks off what it had accepted.
        self.broken: list[str] = []
        self._url = f"http://127.0.0.1:{port}/healthz"
        self._limits = httpx2.Limits(max_keepalive_connections=1 if keeps else 0)
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]

    def __enter__(self) -> "Callers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def wait_for_answers(self) -> None:
        """Until each of them may have had one."""
        before = self.answered
        wait_until(lambda: self.answered > before + 2 * CLIENTS, WAIT_SECONDS)

    def _ask(self) -> None:
        with httpx2.Client(trust_env=False, timeout=WAIT_SECONDS, limits=self._limits) as http:
            while not self._ended.is_set():
                try:
                    assert http.get(self._url).status_code == 200
                    self.answered += 1
                except httpx2.ConnectError:
                    self.refused += 1
                except httpx2.TransportError as exc:
                    self.broken.append(repr(exc))


def test_nobody_is_refused_while_vega_is_killed_and_started_again(systemd: PlayedSystemd) -> None:
    vega = systemd.vega
    with Callers(vega.port, keeps=False) as api, Callers(vega.page_port, keeps=False) as page:
        for _ in range(3):
            api.wait_for_answers()
            vega.kill()
            vega.launch()
        api.wait_for_answers()
        page.wait_for_answers()

    assert (api.refused, page.refused) == (0, 0)


@pytest.mark.parametrize("keeps", [False, True])
def test_a_restart_breaks_no_request(keeps: bool, systemd: PlayedSystemd) -> None:
    vega = systemd.vega
    with Callers(vega.port, keeps=keeps) as callers:
        for _ in range(3):
            callers.wait_for_answers()
            assert vega.terminate() == 0
            vega.launch()
        callers.wait_for_answers()

    assert callers.refused == 0
    assert callers.broken == []


def test_who_calls_while_vega_fails_to_start_is_answered_when_it_does(play: Play) -> None:
    systemd = play()
    vega = systemd.vega
    with socket.create_connection(("127.0.0.1", vega.port), timeout=WAIT_SECONDS) as waiting:
        waiting.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        for spoilt in ("VEGA_TIMEZONE", "VEGA_NIGHTLY_AT"):
            vega.settings[spoilt] = "Mars"
            vega.launch()
            assert vega.wait() == 1
            del vega.settings[spoilt]
        vega.launch()

        assert waiting.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_who_was_accepted_before_the_end_is_answered(systemd: PlayedSystemd) -> None:
    vega = systemd.vega
    address = ("127.0.0.1", vega.port)
    with (
        socket.create_connection(address, timeout=WAIT_SECONDS) as fresh,
        socket.create_connection(address, timeout=WAIT_SECONDS) as kept,
        socket.create_connection(address, timeout=WAIT_SECONDS) as halfway,
        socket.create_connection(address, timeout=WAIT_SECONDS) as idle,
    ):
        request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for connection in (kept, idle):
            connection.sendall(request)
            _read_to(connection, b"}")
        halfway.sendall(request[:20])
        # By then all of them have been accepted.
        assert vega.request("GET", "/healthz").status_code == 200
        vega.process.send_signal(signal.SIGTERM)  # type: ignore[union-attr]
        fresh.sendall(request)
        kept.sendall(request)
        halfway.sendall(request[20:])
        answers = [_read_to_end(each) for each in (fresh, kept, halfway)]

        assert [each.split(b"\r\n")[0] for each in answers] == [b"HTTP/1.1 200 OK"] * 3
        # Nothing was asked on it, so it is closed, and not reset.
        assert idle.recv(65536) == b""
        assert vega.wait() == 0


def test_an_end_is_not_held_up_by_who_sends_no_body(systemd: PlayedSystemd) -> None:
    vega = systemd.vega
    head = f"POST /chat HTTP/1.1\r\nHost: x\r\nX-API-Key: {vega.key}\r\nContent-Length: 9\r\n\r\n"
    with socket.create_connection(("127.0.0.1", vega.port), timeout=WAIT_SECONDS) as slow:
        slow.sendall(head.replace("Host: x", "Host: localhost").encode() + b"{")
        assert vega.request("GET", "/healthz").status_code == 200

        assert vega.terminate() == 0
        assert _read_to_end(slow).startswith(b"HTTP/1.1 503 ")
    assert "Traceback" not in vega.output


@pytest.mark.parametrize("is_abstract", [False, True])
def test_it_says_when_it_answers_that_it_lives_and_that_it_ends(
    is_abstract: bool, play: Play
) -> None:
    systemd = play(is_abstract=is_abstract)
    systemd.vega.launch()

    *before, ready, status = systemd.hear("STATUS=Answers")
    assert systemd.vega.request("GET", "/healthz").status_code == 200
    for _ in range(3):
        systemd.hear("WATCHDOG=1")
    systemd.vega.process.send_signal(signal.SIGTERM)  # type: ignore[union-attr]
    systemd.hear("STOPPING=1")

    assert systemd.vega.wait() == 0
    assert ready == "READY=1"
    assert "WATCHDOG=1" not in before
    assert f"127.0.0.1:{systemd.vega.port}, 127.0.0.1:{systemd.vega.page_port}" in status


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGUSR2])
def test_what_hangs_gives_no_sign_of_life_and_tells_where_it_hung(
    number: signal.Signals, play: Play
) -> None:
    systemd = play(command=HANGING)
    systemd.vega.launch()
    systemd.hear("WATCHDOG=1")
    systemd.vega.process.send_signal(number)  # type: ignore[union-attr]
    # One may have been on its way.
    systemd.hear_for(SILENCE_SECONDS)

    assert systemd.hear_for(SILENCE_SECONDS) == []
    assert systemd.vega.end_by(signal.SIGABRT) == -signal.SIGABRT
    said = systemd.vega.output
    assert "Fatal Python error: Aborted" in said
    assert ("in spin" if number == signal.SIGUSR1 else "in wait_for_nothing") in said
    # Not only the thread that hangs, but all of them.
    assert "in _run_jobs" in said


def test_a_store_that_is_busy_or_answers_with_errors_is_no_hang(systemd: PlayedSystemd) -> None:
    vega = systemd.vega
    assert vega.chat("Hello.").status_code == 200
    # Its newest turn cannot be read any more.
    path = vega.home / "vega.db"
    systemd.hear("WATCHDOG=1")
    wait_until(lambda: (vega.home / "vega.db-wal").exists(), WAIT_SECONDS)
    time.sleep(4)
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * (path.stat().st_size - 4096))

    for _ in range(4):
        systemd.hear("WATCHDOG=1")
    assert vega.is_running


def test_ports_that_systemd_holds_go_before_those_of_the_settings(play: Play) -> None:
    ports = free_ports(2)
    sockets = [socket.create_server(("127.0.0.1", port)) for port in ports]
    systemd = play(sockets=sockets, names=("vega-server.socket",) * 2)
    systemd.vega.launch()

    status = systemd.hear("STATUS=Answers")[-1]

    assert re.findall(r":(\d+)", status) == [str(port) for port in ports]
    for port in ports:
        assert httpx2.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200
    assert f"systemd listens on port {ports[0]}" in systemd.vega.output


def test_a_port_that_systemd_does_not_hold_is_opened_by_vega(play: Play) -> None:
    systemd = play(names=("api",), sockets=None)
    page = systemd.sockets.pop()
    systemd.vega.settings["LISTEN_FDS"] = "1"
    page.close()
    systemd.vega.pass_fds = (systemd.sockets[0].fileno(),)
    _, _, _, code, _, first, _, *command = systemd.vega.command
    systemd.vega.command = (sys.executable, "-I", "-c", code, "1", first, *command)
    systemd.vega.start()

    url = f"http://127.0.0.1:{systemd.vega.page_port}/healthz"
    assert httpx2.get(url, trust_env=False).status_code == 200


@pytest.mark.parametrize("kind", ["datagrams", "not listening", "open to all"])
def test_sockets_that_cannot_serve_are_refused_plainly(kind: str, play: Play) -> None:
    if kind == "datagrams":
        given = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    elif kind == "not listening":
        given = socket.socket()
    else:
        given = socket.create_server(("0.0.0.0", 0))
    systemd = play(sockets=[given], names=("api",), settings={"VEGA_REQUIRE_KEY": "false"})
    systemd.vega.launch()

    assert systemd.vega.wait() == 1
    assert "systemd" in systemd.vega.output
    assert "Traceback" not in systemd.vega.output


def _read_to(connection: socket.socket, end: bytes) -> bytes:
    answer = b""
    while not answer.endswith(end):
        part = connection.recv(65536)
        assert part
        answer += part
    return answer


def _read_to_end(connection: socket.socket) -> bytes:
    answer = b""
    while part := connection.recv(65536):
        answer += part
    return answer
