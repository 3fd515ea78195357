"""The home folder of one life."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vega.errors import ConfigError, HomeInUse
from vega.home import HomeLock


def test_a_home_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"

    HomeLock(home).release()

    assert home.stat().st_mode & 0o777 == 0o700


def test_a_second_vega_is_refused_with_the_first_ones_pid(tmp_path: Path) -> None:
    lock = HomeLock(tmp_path)

    with pytest.raises(HomeInUse, match=rf"pid {os.getpid()}\)"):
        HomeLock(tmp_path)

    lock.release()
    HomeLock(tmp_path).release()


def test_a_home_is_free_when_its_process_has_died(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys; from vega.home import HomeLock; "
        "lock = HomeLock(pathlib.Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    left = (tmp_path / "vega.pid").read_text()

    HomeLock(tmp_path).release()

    assert int(left) != os.getpid()


def test_a_home_that_cannot_be_made_is_a_setting_that_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match="choose another one with VEGA_HOME"):
        HomeLock(tmp_path / "file" / "home")
    with pytest.raises(ConfigError, match="cannot be used"):
        HomeLock(tmp_path / "file")


def test_a_home_is_held_though_there_is_no_room_to_say_by_whom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def find_no_room(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", find_no_room)
        lock = HomeLock(tmp_path)

    with pytest.raises(HomeInUse, match="pid unknown"):
        HomeLock(tmp_path)
    assert "could not be written" in caplog.text
    lock.release()
