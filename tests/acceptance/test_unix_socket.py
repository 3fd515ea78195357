"""The Unix socket of a real Vega: no key for its owner, nothing for anybody else."""

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import MakeVega
from tests.vega_process import VegaProcess
from vega import unix_socket

NOBODY = 65_534
SECONDS = 30.0
#: Knocks as another user, from within the home folder: those above it may be closed to them.
KNOCK = """
import os, socket, sys
os.chdir(sys.argv[1])
os.setegid(int(sys.argv[2]))
os.seteuid(int(sys.argv[2]))
knocking = socket.socket(socket.AF_UNIX)
knocking.settimeout(30)
try:
    knocking.connect("vega.sock")
except PermissionError:
    sys.exit("not let near")
head = [f"GET {sys.argv[3]} HTTP/1.1", "Host: localhost", "Connection: close", *sys.argv[4:]]
knocking.sendall("\\r\\n".join([*head, "", ""]).encode())
while heard := knocking.recv(65536):
    sys.stdout.write(heard.decode())
"""


class OverSocket(HTTPConnection):
    """HTTP to the Vega on a home folder."""

    def __init__(self, home: Path) -> None:
        super().__init__("localhost", timeout=SECONDS)
        self._home = home

    def connect(self) -> None:
        self.sock: socket.socket = unix_socket.connect(self._home, SECONDS)


def ask(
    home: Path,
    method: str,
    path: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Any]:
    """Status and answer, asked over the socket without any key."""
    with closing(OverSocket(home)) as connection:
        content = None if body is None else json.dumps(body)
        connection.request(method, path, content, dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def knock(vega: VegaProcess, path: str, *, uid: int = NOBODY, headers: Sequence[str] = ()) -> str:
    knocking = subprocess.run(
        [sys.executable, "-c", KNOCK, str(vega.home), str(uid), path, *headers],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    return knocking.stdout + knocking.stderr


def test_the_owner_needs_no_key(vega: VegaProcess) -> None:
    said = ask(vega.home, "POST", "/chat", {"prompt": "Hello."})
    seen = ask(vega.home, "GET", "/history")
    figures = ask(vega.home, "GET", "/metrics")

    assert [said[0], seen[0], figures[0]] == [200, 200, 200]
    assert said[1]["response"].startswith("You said: Hello.")
    assert seen[1]["turns"][0]["prompt"] == "Hello."


def test_what_comes_over_the_network_needs_one_all_the_same(vega: VegaProcess) -> None:
    headers = {"X-API-Key": "", "Peer-Uid": "0", "X-Peer-Uid": "0"}

    assert vega.request("GET", "/history", headers=headers).status_code == 401


def test_the_rules_for_every_request_hold(vega: VegaProcess) -> None:
    evil = {"Origin": "https://evil.example"}

    refused = [
        ask(vega.home, "GET", "/history", headers={"Host": "evil.example"}),
        ask(vega.home, "POST", "/chat", {"prompt": "Hello."}, evil),
        ask(vega.home, "POST", "/chat", {"prompt": "x" * 5_000_000}),
        ask(vega.home, "GET", "/history", headers={"X-Forwarded-For": "10.0.0.9"}),
    ]

    assert [status for status, _ in refused] == [421, 403, 413, 401]
    assert ask(vega.home, "GET", "/history")[1]["turns"] == []


def test_it_is_its_owners_alone(vega: VegaProcess) -> None:
    found = unix_socket.socket_path(vega.home).lstat()

    assert stat.S_ISSOCK(found.st_mode)
    assert stat.S_IMODE(found.st_mode) == 0o600
    assert found.st_uid == os.geteuid()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_another_user_is_refused_even_where_the_files_are_open_to_all(vega: VegaProcess) -> None:
    vega.home.chmod(0o711)
    closed = knock(vega, "/history")
    unix_socket.socket_path(vega.home).chmod(0o666)
    opened = [
        knock(vega, "/history"),
        knock(vega, "/healthz"),
        knock(vega, "/history", headers=[f"X-API-Key: {vega.key}"]),
    ]
    own = knock(vega, "/history", uid=0)

    assert closed.strip() == "not let near"
    for answer in opened:
        assert answer.startswith("HTTP/1.1 403 ")
        assert "foreign_user" in answer
    assert own.startswith("HTTP/1.1 200 ")


def test_a_home_may_lie_deeper_than_a_sockets_address_is_long(make_vega: MakeVega) -> None:
    vega = make_vega("deep" * 50)
    vega.start()

    assert len(str(unix_socket.socket_path(vega.home))) > 200
    assert ask(vega.home, "GET", "/history")[0] == 200


def test_the_socket_of_a_killed_vega_is_replaced_and_a_clean_end_leaves_none(
    vega: VegaProcess,
) -> None:
    path = unix_socket.socket_path(vega.home)
    vega.kill()
    with pytest.raises(ConnectionRefusedError):
        unix_socket.connect(vega.home)

    vega.start()
    after = ask(vega.home, "GET", "/history")[0]
    assert vega.terminate() == 0

    assert after == 200
    assert not path.exists()


def test_a_second_vega_on_the_home_leaves_the_firsts_socket_alone(
    vega: VegaProcess, make_vega: MakeVega
) -> None:
    second = make_vega("second", settings={"VEGA_HOME": str(vega.home)})
    second.launch()

    assert second.wait() == 1
    assert ask(vega.home, "GET", "/history")[0] == 200


def test_where_there_can_be_no_socket_vega_says_so_and_goes_on(make_vega: MakeVega) -> None:
    vega = make_vega()
    vega.home.mkdir()
    path = unix_socket.socket_path(vega.home)
    path.mkdir()

    vega.start()
    answer = vega.request("GET", "/history")
    assert vega.terminate() == 0

    assert answer.status_code == 200
    assert path.is_dir()
    assert f"There is no socket at {path}" in vega.output
    assert "Traceback" not in vega.output
