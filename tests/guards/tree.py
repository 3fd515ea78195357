"""Where things stand in this repository, for the guards."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: What a folder without git is searched without: what tools leave behind.
_LEFT_BEHIND = {".git", ".venv", "__pycache__", "build", "dist", "htmlcov", "node_modules"}


def project_files() -> list[Path]:
    """Every file of the project: what git tracks or would track, else all that is there."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        # Git refuses a folder of another owner.
        if listing.returncode == 0:
            paths = {ROOT / name for name in listing.stdout.split("\0") if name}
            return sorted(path for path in paths if path.is_file())
    return sorted(_walk(ROOT))


def python_files(*folders: str) -> list[Path]:
    """The project's Python files below these top folders."""
    return [
        path
        for path in project_files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders
    ]


def name_of(path: Path) -> str:
    """A path as a reader of the repository would write it."""
    return path.relative_to(ROOT).as_posix()


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in _LEFT_BEHIND or path.name.endswith(("_cache", ".egg-info")):
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path
