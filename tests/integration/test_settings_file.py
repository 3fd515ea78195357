"""A setting is written into vega.toml, and its owner's own words stay as they are."""

import os
import stat
import tomllib
from pathlib import Path

import pytest

from vega.errors import ConfigError
from vega.settings_file import write_setting

WRITTEN = """\
# My Vega.

port = 9000   # the other one is taken
model = "old"  # for now
allowed_hosts = [
  "vega.home",
]
"""


def test_comments_and_order_stay(tmp_path: Path) -> None:
    path = tmp_path / "vega.toml"
    path.write_text(WRITTEN)
    write_setting(path, "model", "qwen3-4b-instruct")

    assert path.read_text() == WRITTEN.replace('"old"', '"qwen3-4b-instruct"')


def test_an_empty_value_takes_the_setting_out(tmp_path: Path) -> None:
    path = tmp_path / "vega.toml"
    path.write_text(WRITTEN)
    write_setting(path, "model", "")
    write_setting(path, "model", "")

    assert tomllib.loads(path.read_text()) == {"port": 9000, "allowed_hosts": ["vega.home"]}
    assert "# My Vega." in path.read_text()


@pytest.mark.parametrize("name", ['a"b', "a\\b", "späte Übung.gguf", "a\nb"])
def test_any_name_is_read_back_as_it_was_written(tmp_path: Path, name: str) -> None:
    path = tmp_path / "vega.toml"
    write_setting(path, "model", name)

    assert tomllib.loads(path.read_text()) == {"model": name}


def test_a_new_file_is_for_the_owners_eyes_only(tmp_path: Path) -> None:
    path = tmp_path / "vega.toml"
    write_setting(path, "model", "x")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["vega.toml"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_a_files_mode_stays(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "vega.toml"
    path.write_text(WRITTEN)
    path.chmod(mode)
    write_setting(path, "model", "x")

    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_link_is_not_replaced(tmp_path: Path) -> None:
    real, path = tmp_path / "real.toml", tmp_path / "vega.toml"
    real.write_text(WRITTEN)
    path.symlink_to(real)
    with pytest.raises(ConfigError, match="is a link"):
        write_setting(path, "model", "x")

    assert path.is_symlink()
    assert real.read_text() == WRITTEN


@pytest.mark.parametrize("content", [b"model = ", b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vega.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"vega\.toml"):
        write_setting(path, "model", "x")

    assert path.read_bytes() == content


def test_a_file_that_may_not_be_written_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "vega.toml"
    path.write_text(WRITTEN)
    path.chmod(0o400)
    # What the system answers to anybody but root, who may write everywhere.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ConfigError, match="cannot be written"):
        write_setting(path, "model", "x")

    assert path.read_text() == WRITTEN


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        write_setting(tmp_path / "nowhere" / "vega.toml", "model", "x")
