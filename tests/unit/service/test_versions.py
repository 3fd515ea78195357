"""A version is named by its sources, and goes when nobody runs it."""

import shutil
import sys
from pathlib import Path

import pytest

from vega.service.saying import Refusal
from vega.service.versions import BUILT_PAGE, PARTS, Versions, version_id

PYTHON = Path(sys.executable)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A small clone."""
    folder = tmp_path / "clone"
    for part in PARTS:
        path = folder / part
        if path.suffix or part in ("Makefile", "LICENSE"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(part)
        else:
            path.mkdir(parents=True)
            (path / "file").write_text(part)
    (folder / "src/vega").mkdir()
    return folder


def test_a_copy_elsewhere_is_the_same_version(source: Path, tmp_path: Path) -> None:
    before = version_id(source, PYTHON)
    shutil.copytree(source, tmp_path / "copy", copy_function=shutil.copyfile)

    assert version_id(tmp_path / "copy", PYTHON) == before


def test_what_was_built_or_is_a_cache_makes_no_version(source: Path) -> None:
    before = version_id(source, PYTHON)
    for name in (BUILT_PAGE, "src/__pycache__", "web/node_modules"):
        (source / name).mkdir(parents=True)
        (source / name / "made").write_text("made")
    (source / ".git").mkdir()

    assert version_id(source, PYTHON) == before


@pytest.mark.parametrize("name", ["README.md", "src/file", "src/vega/new.py"])
def test_another_source_is_another_version(name: str, source: Path) -> None:
    before = version_id(source, PYTHON)
    (source / name).write_text("other")

    assert version_id(source, PYTHON) != before


def test_a_folder_that_is_no_clone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="lacks Makefile"):
        version_id(tmp_path, PYTHON)


def test_versions_that_no_life_runs_go_and_with_the_last_everything(tmp_path: Path) -> None:
    code = tmp_path / "vega"
    versions = Versions(code)
    for name in ("one", "two", "three"):
        (code / "versions" / name).mkdir(parents=True)
    versions.note_source(tmp_path)
    (code / "current").symlink_to(code / "versions/one")
    (code / "current-ben").symlink_to(code / "versions/two")

    versions.prune()
    left = {path.name for path in (code / "versions").iterdir()}
    for link in versions.links():
        link.unlink()
    versions.prune()

    assert left == {"one", "two"}
    assert not code.exists()


def test_a_note_of_the_source_that_was_cut_off_names_no_folder(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    versions.note_source(tmp_path / "clone")
    noted = versions.source()
    (tmp_path / "source").write_text("")

    assert noted == tmp_path / "clone"
    assert versions.source() is None
