"""What a stranger may send before anybody has asked for a key is bounded."""

import os
import socket
from pathlib import Path

from tests.vega_process import VegaProcess

MANY = 10_000_000


def _send(vega: VegaProcess, data: bytes) -> bytes:
    """What comes back until the server closes."""
    answer = b""
    with socket.create_connection(("127.0.0.1", vega.port), timeout=30) as connection:
        try:
            connection.sendall(data)
            while part := connection.recv(65536):
                answer += part
        except (ConnectionResetError, BrokenPipeError):
            return answer
    return answer


def test_a_head_without_end_is_cut_off(vega: VegaProcess) -> None:
    for head in (b"GET /" + b"a" * MANY, b"GET / HTTP/1.1\r\nX: " + b"a" * MANY):
        answer = _send(vega, head)

        assert not answer or b" 431 " in answer.splitlines()[0]
    assert vega.request("GET", "/healthz").status_code == 200


def test_a_large_prompt_is_no_large_head(vega: VegaProcess) -> None:
    assert vega.chat("word " * 100_000).json()["status"] == "completed"


def test_everything_in_the_home_folder_is_for_its_owner_alone(vega: VegaProcess) -> None:
    vega.chat("Hello.")

    files = [path for path in Path(vega.home).rglob("*") if path.is_file()]
    open_to_others = [path.name for path in files if os.stat(path).st_mode & 0o077]

    assert {"vega.db", "vega.db-wal", "api_key", "vega.head"} <= {path.name for path in files}
    assert open_to_others == []
