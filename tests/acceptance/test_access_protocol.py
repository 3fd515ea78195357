"""HTTP as nobody in good faith speaks it, against a real Vega over a real socket."""

import socket
from collections.abc import Iterator

import pytest

from tests.acceptance.access_attempts import KEY, RAW, SECRET, Raw
from tests.vega_process import VegaProcess

SECONDS = 30.0


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VegaProcess]:
    """One Vega for all: that none of it harms the next is a part of what is tested."""
    with VegaProcess(tmp_path_factory.mktemp("access") / "home") as vega:
        vega.start()
        vega.chat(SECRET)
        yield vega


def exchange(vega: VegaProcess, sent: str) -> bytes:
    """What comes back until Vega closes."""
    answer = b""
    with socket.create_connection(("127.0.0.1", vega.port), timeout=SECONDS) as connection:
        connection.sendall(sent.replace(KEY, vega.key).encode("latin-1"))
        try:
            while part := connection.recv(65536):
                answer += part
        except ConnectionResetError:
            return answer
    return answer


@pytest.mark.parametrize("raw", RAW, ids=lambda raw: raw.name)
def test_it_is_refused_and_shows_nothing(one: VegaProcess, raw: Raw) -> None:
    answer = exchange(one, raw.sent)

    assert int(answer.split(b" ", 2)[1]) == raw.status, answer[:300]
    assert answer.count(b"HTTP/1.1 ") == raw.answers
    assert SECRET.encode() not in answer
    assert one.key.encode() not in answer


def test_none_of_it_fills_the_log_or_holds_up_the_owner(one: VegaProcess) -> None:
    for raw in RAW:
        exchange(one, raw.sent)
    log = one.output

    assert "Traceback" not in log
    assert "ERROR" not in log
    # Said when it starts; of all this nothing but that a wrong key came, if one did.
    assert len([line for line in log.splitlines() if "WARNING" in line]) <= 2
    assert one.request("GET", "/history").json()["turns"][0]["prompt"] == SECRET


def test_a_whole_address_of_vega_itself_is_understood(one: VegaProcess) -> None:
    """HTTP has servers understand it (RFC 9112, 3.2.2)."""
    host = f"localhost:{one.port}"
    line = f"GET http://{host}/history HTTP/1.1\r\nHost: {host}\r\n"

    answer = exchange(one, f"{line}X-API-Key: {KEY}\r\nConnection: close\r\n\r\n")

    assert b" 200 " in answer.splitlines()[0]
    assert SECRET.encode() in answer


def test_a_part_of_an_answer_is_not_to_be_had(one: VegaProcess) -> None:
    """`Range` is heeded by nothing here: an answer is whole, whatever is asked for."""
    whole = one.request("GET", "/api/turns/1")
    part = one.request("GET", "/api/turns/1", headers={"Range": "bytes=0-0,1-1,2-2"})

    assert (part.status_code, part.content) == (200, whole.content)


def test_the_odd_requests_are_many_and_each_has_a_name_of_its_own() -> None:
    assert len({raw.name for raw in RAW}) == len(RAW) > 60
