"""Files and links that are put into place, and how each comes back to what it was."""

import os
import secrets
from pathlib import Path

from vega.service.undo import Undo


def put_text(path: Path, text: str, mode: int, undo: Undo) -> bool:
    """Whether it had another text before. Only for folders that none but we can write to."""
    before = path.read_text() if path.exists() else None
    if before == text:
        return False
    made = [folder for folder in path.parents if not folder.exists()]

    def take_back() -> None:
        if before is not None:
            _replace(path, before, mode)
            return
        path.unlink(missing_ok=True)
        for folder in made:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

    undo.later(str(path), take_back)
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, text, mode)
    return True


def remove_file(path: Path, undo: Undo) -> bool:
    """Whether it was there."""
    if not path.exists():
        return False
    before, mode = path.read_text(), path.stat().st_mode & 0o777
    undo.later(str(path), lambda: _replace(path, before, mode))
    path.unlink()
    return True


def lead(link: Path, to: Path, undo: Undo) -> bool:
    """Whether the link led elsewhere, or was not there."""
    before = link.readlink() if link.is_symlink() else None
    if before == to:
        return False
    if before is None:
        undo.later(str(link), lambda: link.unlink(missing_ok=True))
    else:
        undo.later(str(link), lambda: _replace_link(link, before))
    _replace_link(link, to)
    return True


def _replace(path: Path, text: str, mode: int) -> None:
    """There is no moment at which the file is not whole."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    part.write_text(text)
    part.chmod(mode)
    part.replace(path)


def _replace_link(link: Path, to: Path) -> None:
    part = link.with_name(f".{link.name}.{secrets.token_hex(4)}")
    os.symlink(to, part)
    part.replace(link)
