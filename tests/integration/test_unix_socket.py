"""The Unix socket in a home folder, both ends of it."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from vega import unix_socket
from vega.errors import ConfigError


def deep(folder: Path) -> Path:
    """A folder below it whose name alone is longer than a socket's address may be."""
    home = folder / ("long" * 40)
    home.mkdir()
    return home


@pytest.mark.parametrize("place", [Path, deep])
def test_both_ends_meet_however_deep_the_home_lies(
    place: Callable[[Path], Path], tmp_path: Path
) -> None:
    home = place(tmp_path)

    with unix_socket.listen(home, 1) as listening, unix_socket.connect(home, 5) as client:
        server, _ = listening.accept()
        with server:
            client.sendall(b"hello")
            heard = server.recv(5)
            peer = unix_socket.peer_uid(server)
    unix_socket.remove(home)

    assert heard == b"hello"
    assert peer == os.geteuid()
    assert list(home.iterdir()) == []


def test_it_is_its_owners_alone_and_changes_nothing_else(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        with unix_socket.listen(tmp_path, 1):
            found = unix_socket.socket_path(tmp_path).lstat().st_mode
        after = os.umask(0)
    finally:
        os.umask(umask)

    assert stat.S_ISSOCK(found)
    assert stat.S_IMODE(found) == 0o600
    assert after == 0


def test_what_a_killed_vega_left_is_replaced(tmp_path: Path) -> None:
    unix_socket.listen(tmp_path, 1).close()
    with pytest.raises(ConnectionRefusedError):
        unix_socket.connect(tmp_path, 5)

    with unix_socket.listen(tmp_path, 1), unix_socket.connect(tmp_path, 5):
        pass


def _write_file(path: Path) -> None:
    path.write_text("mine")


def _link_elsewhere(path: Path) -> None:
    path.symlink_to(path.with_name("elsewhere"))


@pytest.mark.parametrize("make", [_write_file, _link_elsewhere, Path.mkdir])
def test_what_is_no_socket_is_left_untouched(make: Callable[[Path], None], tmp_path: Path) -> None:
    path = unix_socket.socket_path(tmp_path)
    make(path)
    before = path.lstat()

    with pytest.raises(ConfigError, match="something else has that name"):
        unix_socket.listen(tmp_path, 1)

    assert path.lstat().st_ino == before.st_ino


def test_a_file_system_without_sockets_is_told() -> None:
    umask = os.umask(0o022)
    os.umask(umask)

    with pytest.raises(ConfigError, match=r"There is no socket at /proc/vega\.sock"):
        unix_socket.listen(Path("/proc"), 1)

    assert os.umask(umask) == umask


def test_where_no_vega_ever_ran_there_is_nothing_to_connect_to(tmp_path: Path) -> None:
    for home in (tmp_path, deep(tmp_path), tmp_path / "absent", tmp_path / "absent" / ("x" * 120)):
        with pytest.raises(FileNotFoundError):
            unix_socket.connect(home)
