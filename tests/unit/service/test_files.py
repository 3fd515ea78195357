"""Files and links come back to what they were."""

from pathlib import Path

import pytest

from vega.service.files import lead, put_text, remove_file
from vega.service.undo import Undo


class _Failed(Exception):
    pass


def test_a_new_file_and_the_folders_on_the_way_go_again(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"

    undo = Undo()
    assert put_text(path, "text", 0o644, undo)
    with pytest.raises(_Failed), undo:
        raise _Failed

    assert list(tmp_path.iterdir()) == []


def test_a_file_and_a_link_get_their_old_text_and_way_back(tmp_path: Path) -> None:
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_text("old")
    link.symlink_to("old")

    undo = Undo()
    assert put_text(path, "new", 0o644, undo)
    assert lead(link, Path("new"), undo)
    assert path.read_text() == "new"
    assert link.readlink() == Path("new")
    with pytest.raises(_Failed), undo:
        raise _Failed

    assert path.read_text() == "old"
    assert link.readlink() == Path("old")
    assert {each.name for each in tmp_path.iterdir()} == {"file", "link"}


def test_what_is_as_it_should_be_is_not_touched(tmp_path: Path) -> None:
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_text("same")
    link.symlink_to("same")
    before = path.stat()

    with Undo() as undo:
        assert not put_text(path, "same", 0o755, undo)
        assert not lead(link, Path("same"), undo)

    assert path.stat() == before


def test_a_removed_file_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    undo = Undo()
    assert remove_file(path, undo)
    assert not path.exists()
    with pytest.raises(_Failed), undo:
        raise _Failed

    assert path.read_text() == "old"
