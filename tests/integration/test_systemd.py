"""What systemd hands over is taken once, and what Vega says arrives."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from vega import systemd
from vega.errors import ConfigError
from vega.systemd import Manager


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind(str(tmp_path / "notify"))
        bound.settimeout(30)
        yield bound


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A listening socket, as the first that is handed over."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        number = os.dup(listening.fileno())
        os.set_inheritable(number, True)
        monkeypatch.setattr(systemd, "FIRST_SOCKET", number)
        yield listening


def test_where_no_systemd_started_it_nothing_is_taken_and_nothing_said() -> None:
    manager = Manager.take({})
    manager.tell("READY=1")
    with manager.starting():
        names = {each.name for each in threading.enumerate()}

    assert "vega-starting" not in names
    assert manager.passed == []
    assert manager.watchdog_seconds is None


def test_sockets_are_taken_with_their_names_and_kept_from_children(passed: socket.socket) -> None:
    environ = {
        "LISTEN_PID": str(os.getpid()),
        "LISTEN_FDS": "1",
        "LISTEN_FDNAMES": "api",
        "NOTIFY_SOCKET": "/nowhere",
        "WATCHDOG_USEC": "30000000",
        "WATCHDOG_PID": str(os.getpid()),
        "PATH": "/bin",
    }

    manager = Manager.take(environ)

    (taken,) = manager.passed
    with taken.listening:
        assert taken.name == "api"
        assert taken.listening.getsockname() == passed.getsockname()
        assert not taken.listening.get_inheritable()
    assert manager.watchdog_seconds == 30
    assert environ == {"PATH": "/bin"}


def test_what_was_meant_for_another_process_is_left_alone(passed: socket.socket) -> None:
    others = {"LISTEN_PID": "1", "LISTEN_FDS": "1", "WATCHDOG_PID": "1", "WATCHDOG_USEC": "1000"}

    manager = Manager.take(others)

    assert manager.passed == []
    assert manager.watchdog_seconds is None
    os.close(systemd.FIRST_SOCKET)


def test_a_file_in_place_of_a_socket_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open() as file:
        monkeypatch.setattr(systemd, "FIRST_SOCKET", file.fileno())
        with pytest.raises(ConfigError, match="no socket"):
            Manager.take({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"})


def test_what_is_said_arrives_line_by_line(hearing: socket.socket) -> None:
    Manager.take({"NOTIFY_SOCKET": hearing.getsockname()}).tell("READY=1", "STATUS=Answers.")

    assert hearing.recv(100) == b"READY=1\nSTATUS=Answers."


def test_a_manager_that_is_gone_harms_nothing(tmp_path: Path) -> None:
    Manager.take({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell("READY=1")


def test_a_manager_that_does_not_read_is_not_waited_for(
    hearing: socket.socket, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(systemd, "TELL_SECONDS", 0.01)
    manager = Manager.take({"NOTIFY_SOCKET": hearing.getsockname()})

    # More than the kernel keeps.
    while not caplog.messages:
        manager.tell("STATUS=" + "a" * 1000)

    assert "could not be told STATUS" in caplog.messages[0]


def test_a_start_that_works_asks_for_more_time(
    hearing: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(systemd, "LOOK_SECONDS", 0.1)
    heard: list[bytes] = []
    listening = threading.Thread(target=lambda: heard.append(hearing.recv(100)))
    listening.start()
    with Manager.take({"NOTIFY_SOCKET": hearing.getsockname()}).starting():
        while listening.is_alive():
            sum(range(10_000))

    assert heard == [b"EXTEND_TIMEOUT_USEC=60000000"]


def test_a_start_that_does_nothing_asks_for_none(
    hearing: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(systemd, "LOOK_SECONDS", 0.05)
    looks = iter(range(5))
    ended = threading.Event()

    def work_done() -> float:
        if next(looks, None) is None:
            ended.set()
        return 1.0

    monkeypatch.setattr(systemd, "_work_done", work_done)
    with Manager.take({"NOTIFY_SOCKET": hearing.getsockname()}).starting():
        assert ended.wait(30)

    hearing.setblocking(False)
    with pytest.raises(BlockingIOError):
        hearing.recv(100)


def test_a_start_is_not_waited_for_without_end(
    hearing: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(systemd, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(systemd, "LONGEST_START_SECONDS", 0.03)
    manager = Manager.take({"NOTIFY_SOCKET": hearing.getsockname()})
    with manager.starting():
        asking = next(each for each in threading.enumerate() if each.name == "vega-starting")
        asking.join(30)

        assert not asking.is_alive()
