"""The Unix socket in the home folder: the way in for programs of the owner on this machine.

Who may connect is the system's word, by file mode and by the peer's uid, so no key is needed. Both
ends are here, the server's and a client's, on the standard library alone: a command starts fast.
"""

import os
import socket
import stat
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vega.errors import ConfigError

SOCKET_FILE = "vega.sock"
#: What a socket's address holds, without its NUL: 107 bytes on Linux, 103 on macOS.
MAX_ADDRESS_BYTES = 107 if sys.platform == "linux" else 103


def socket_path(home: Path) -> Path:
    return home / SOCKET_FILE


def listen(home: Path, backlog: int) -> socket.socket:
    """Listens there, in place of what a killed Vega left. Only for the holder of the home's lock.

    Raises ConfigError where the socket cannot be, as on a file system without sockets.
    """
    path = socket_path(home)
    listening = socket.socket(socket.AF_UNIX)
    # For its owner alone from its first moment; nothing else runs in this process yet.
    umask = os.umask(0o177)
    try:
        _remove_stale(path)
        with _address(path) as address:
            listening.bind(address)
        listening.listen(backlog)
    except OSError as exc:
        listening.close()
        raise ConfigError(f"There is no socket at {path}: {exc.strerror or exc}.") from exc
    finally:
        os.umask(umask)
    return listening


def remove(home: Path) -> None:
    """At a clean end."""
    socket_path(home).unlink(missing_ok=True)


def connect(home: Path, timeout_seconds: float | None = None) -> socket.socket:
    """A connection to the Vega that runs on this home.

    Raises FileNotFoundError or ConnectionRefusedError where none does, PermissionError where it is
    another user's.
    """
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(timeout_seconds)
    try:
        with _address(socket_path(home)) as address:
            connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection


def peer_uid(connection: socket.socket) -> int:
    """Who connected, as it was at that moment."""
    if sys.platform == "darwin":
        # LOCAL_PEERCRED at SOL_LOCAL: struct xucred begins with its version and the uid.
        _, uid = struct.unpack_from("2I", connection.getsockopt(0, 1, 76))
    else:
        _, uid, _ = struct.unpack(
            "iII", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        )
    return int(uid)


def _remove_stale(path: Path) -> None:
    try:
        is_socket = stat.S_ISSOCK(path.lstat().st_mode)
    except FileNotFoundError:
        return
    if not is_socket:
        raise OSError("something else has that name, and was left untouched")
    path.unlink()


@contextmanager
def _address(path: Path) -> Iterator[str]:
    """A name for the socket that is short enough, however deep the folder lies."""
    if len(os.fsencode(path)) <= MAX_ADDRESS_BYTES or sys.platform != "linux":
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
