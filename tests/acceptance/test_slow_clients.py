"""Clients that are slow, or never come to their end, hold up nobody and do not stay."""

import resource
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.acceptance.conftest import MakeVega
from tests.vega_process import VegaProcess, wait_until
from vega.api.protocol import MOST_CONNECTIONS

HASTY = (sys.executable, "-m", "tests.hasty_vega")
MANY = 300
WAIT_SECONDS = 60.0
#: More than the kernel keeps for a client that does not read.
LONG = "word " * 100_000
#: Of a client that does not read; the least that the kernel gives.
RECEIVE_BUFFER_BYTES = 4096

Send = Callable[[VegaProcess], bytes]


def _nothing(vega: VegaProcess) -> bytes:
    return b""


def _half_a_head(vega: VegaProcess) -> bytes:
    return b"GET /healthz HTTP/1.1\r\nHost: local"


def _body_that_never_comes(vega: VegaProcess) -> bytes:
    return _post(vega, "/chat", 20)


def _body_of_a_stranger(vega: VegaProcess) -> bytes:
    """Answered at once; the body is not there yet, and never is."""
    return _post(vega, "/chat", 20).replace(vega.key.encode(), b"wrong")


def _import_that_never_ends(vega: VegaProcess) -> bytes:
    return _post(vega, "/api/import", 10_000_000) + b'{"external_id": "1", '


def _answer_that_is_never_read(vega: VegaProcess) -> bytes:
    return f"GET /api/turns/1 HTTP/1.1\r\n{_headers(vega)}\r\n".encode()


def _answers_that_are_never_read(vega: VegaProcess) -> bytes:
    """Several requests in a row, without waiting for the first answer."""
    return 5 * _answer_that_is_never_read(vega)


STAYING = [
    *(_nothing, _half_a_head, _body_that_never_comes, _import_that_never_ends),
    *(_answer_that_is_never_read, _answers_that_are_never_read),
]
KINDS = [*STAYING, _body_of_a_stranger]


@pytest.fixture
def hasty(make_vega: MakeVega) -> VegaProcess:
    vega = make_vega(command=HASTY)
    vega.start()
    assert vega.chat(LONG).status_code == 200
    return vega


def test_many_slow_clients_delay_no_good_one(vega: VegaProcess) -> None:
    assert vega.chat(LONG).status_code == 200
    alone = _open_files(vega)
    for send in STAYING:
        with _clients(vega, MANY, send(vega)):
            answer = vega.chat(f"Hello, beside {send.__name__}.")
            assert answer.status_code == 200, answer.text

            # Nobody had to go for that: it is not that they were waited for.
            assert _open_files(vega) >= alone + MANY - 10, send.__name__
        wait_until(lambda: _open_files(vega) < alone + 10, WAIT_SECONDS, poll_seconds=0.1)


def test_many_slow_clients_do_not_stay(hasty: VegaProcess) -> None:
    alone = _open_files(hasty)
    for send in KINDS:
        with _clients(hasty, MANY, send(hasty)):
            wait_until(lambda: _open_files(hasty) < alone + 10, WAIT_SECONDS, poll_seconds=0.2)

    answer = hasty.chat("Hello.")
    assert answer.status_code == 200, answer.text
    assert "Traceback" not in hasty.output


@pytest.mark.parametrize("send", [_half_a_head, _body_that_never_comes])
def test_who_trickles_does_not_stay(send: Send, hasty: VegaProcess) -> None:
    with _clients(hasty, 1, send(hasty)) as (slow,):

        def is_let_go() -> bool:
            try:
                slow.send(b"a")
                return slow.recv(65536, socket.MSG_DONTWAIT) is not None
            except BlockingIOError:
                return False
            except ConnectionError:
                return True

        wait_until(is_let_go, WAIT_SECONDS, poll_seconds=0.1)


def test_empty_lines_after_an_answer_keep_no_connection(hasty: VegaProcess) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with _clients(hasty, 1, request) as (slow,):
        assert slow.recv(65536)

        def is_let_go() -> bool:
            try:
                slow.send(b"\r\n")
                return slow.recv(65536, socket.MSG_DONTWAIT) == b""
            except BlockingIOError:
                return False
            except ConnectionError:
                return True

        wait_until(is_let_go, WAIT_SECONDS, poll_seconds=0.1)


def test_who_reads_slowly_gets_the_whole_answer(hasty: VegaProcess) -> None:
    with _clients(hasty, 1, _answer_that_is_never_read(hasty)) as (slow,):
        slow.settimeout(WAIT_SECONDS)
        answer = b""
        while LONG.encode() not in answer:
            part = slow.recv(32_768)
            assert part
            answer += part
            time.sleep(0.1)


def test_a_reader_that_stops_reading_a_stream_is_let_go(hasty: VegaProcess) -> None:
    before = _open_files(hasty)
    follow = f"GET /api/events HTTP/1.1\r\nLast-Event-ID: 0\r\n{_headers(hasty)}\r\n".encode()
    with _clients(hasty, 20, follow):
        wait_until(lambda: _open_files(hasty) > before + 15, WAIT_SECONDS)
        assert hasty.chat(LONG).status_code == 200
        wait_until(lambda: _open_files(hasty) <= before + 5, WAIT_SECONDS, poll_seconds=0.2)

    assert "Traceback" not in hasty.output


def test_more_connections_than_there_may_be_keep_no_good_one_out(vega: VegaProcess) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4 * MOST_CONNECTIONS), hard))
    try:
        with _clients(vega, MOST_CONNECTIONS + MANY, b"GET /healthz HTTP/1.1\r\n"):
            for _ in range(5):
                assert vega.chat("Hello.").status_code == 200
            assert _open_files(vega) < MOST_CONNECTIONS + 100
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _headers(vega: VegaProcess) -> str:
    return f"Host: localhost\r\nX-API-Key: {vega.key}\r\n"


def _post(vega: VegaProcess, path: str, length: int) -> bytes:
    head = f"POST {path} HTTP/1.1\r\n{_headers(vega)}Content-Length: {length}\r\n\r\n"
    return head.encode()


def _open_files(vega: VegaProcess) -> int:
    return len(list(Path(f"/proc/{vega.pid}/fd").iterdir()))


@contextmanager
def _clients(vega: VegaProcess, count: int, data: bytes) -> Iterator[list[socket.socket]]:
    """So many connections, on each of which that was sent and nothing is read."""
    with ExitStack() as stack:
        opened = []
        for _ in range(count):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            connection.settimeout(WAIT_SECONDS)
            connection.connect(("127.0.0.1", vega.port))
            connection.sendall(data)
            opened.append(connection)
        yield opened
