"""The code that is installed: a folder for each version, which a life's link leads to.

A version is named by its sources and its Python: the same ones need no second build.
"""

import hashlib
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

from vega.service.saying import Refusal, StepFailed, say

#: What a version is made of.
PARTS = (
    *("Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock", "README.md"),
    *("LICENSE", "CHANGELOG.md", "docs", "src", "systemd", "web", "setup_jarvis_mode.sh"),
)
LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules", "*.pyc")
#: A page that was built already is taken along, but makes no version.
BUILT_PAGE = "src/vega/web"
#: Written when it is done, by make.
STAMP = ".venv/.installed"
#: What is told of the folder that the code came from, for `vega upgrade`.
SOURCE = "source"
#: For make to end what it has started.
END_SECONDS = 20.0
#: What make is given of this process's environment; a stray PYTHONPATH would be built in.
_PASSED_ON = frozenset(
    {
        *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "http_proxy", "https_proxy", "no_proxy"),
        *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"),
        *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT", "PIP_CONFIG_FILE"),
    }
)


class Versions:
    """Those in one folder, /opt/vega or a user's own."""

    def __init__(self, code: Path) -> None:
        self._code = code
        self._folder = code / "versions"

    def build(self, source: Path, python: Path) -> Path:
        """The folder of the version that is made of that code with that Python. Raises StepFailed.

        Unless a link is made to it, `prune` takes it away again.
        """
        folder = self._folder / version_id(source, python)
        if (folder / STAMP).exists() and works(folder):
            say(f"The code in {folder} is up to date.")
            return folder
        say(f"Building Vega in {folder} ...")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _copy(source, folder)
        words = ("make", "--no-print-directory", "-C", str(folder), "install", f"PYTHON={python}")
        if _make(words):
            raise StepFailed("The code could not be built; see the lines above.")
        # The service's user may not write there, so would compile it anew at each start.
        venv_python = folder / ".venv/bin/python"
        subprocess.run((venv_python, "-m", "compileall", "-q", folder / "src"), check=False)
        if not works(folder):
            raise StepFailed(f"{folder}/.venv/bin/vega was built, and does not run.")
        return folder

    def note_source(self, source: Path) -> None:
        """Remembers where the code came from, where that is not known already."""
        path = self._code / SOURCE
        if not path.exists() or path.read_text() != f"{source}\n":
            path.write_text(f"{source}\n")

    def source(self) -> Path | None:
        """Where it came from."""
        path = self._code / SOURCE
        text = path.read_text().strip() if path.exists() else ""
        # What a full disk has cut off names no folder, least of all the current one.
        return Path(text) if text.startswith("/") else None

    def links(self) -> list[Path]:
        """That of each life."""
        return sorted(path for path in self._code.glob("current*") if path.is_symlink())

    def prune(self) -> None:
        """Takes away the versions that no life runs, and with the last of them everything."""
        wanted = {link.resolve() for link in self.links()}
        folders = list(self._folder.iterdir()) if self._folder.is_dir() else []
        for folder in folders:
            if folder.resolve() not in wanted:
                shutil.rmtree(folder, ignore_errors=True)
        if not wanted:
            (self._code / SOURCE).unlink(missing_ok=True)
            for folder in (self._folder, self._code):
                if folder.is_dir() and not any(folder.iterdir()):
                    folder.rmdir()


def works(folder: Path) -> bool:
    """Whether the command of the version that was built there runs."""
    try:
        words = (folder / ".venv/bin/vega", "--version")
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def version_id(source: Path, python: Path) -> str:
    """The same for the same code, whoever owns its files and whenever they were written."""
    found = hashlib.sha256()
    for path in _sources(source):
        found.update(f"{path.relative_to(source)}\0".encode())
        if path.is_symlink():
            found.update(os.fsencode(path.readlink()))
        else:
            found.update(b"x" if os.access(path, os.X_OK) else b"-")
            found.update(hashlib.sha256(path.read_bytes()).digest())
    words = (python, "-c", "import sys; print(sys.version, sys.base_prefix)")
    found.update(subprocess.run(words, capture_output=True, check=True).stdout)
    return found.hexdigest()[:12]


def _sources(source: Path) -> Iterator[Path]:
    """Every file that makes the version, in the same order each time."""
    for part in PARTS:
        top = source / part
        if not top.exists():
            raise Refusal(f"{source} lacks {part}.", "Run the script where you cloned Vega.")
        if not top.is_dir():
            yield top
            continue
        for folder, names, files in os.walk(top):
            here = Path(folder)
            left_out = LEFT_OUT(folder, [*names, *files])
            if here == (source / BUILT_PAGE).parent:
                left_out.add(Path(BUILT_PAGE).name)
            names[:] = sorted(set(names) - left_out)
            yield from (here / name for name in sorted(set(files) - left_out))


def _make(words: tuple[str, ...]) -> int:
    """Its exit status. What it says, and what pip says, is for the person who waits."""
    environment = {name: text for name, text in os.environ.items() if name in _PASSED_ON}
    with subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL) as process:
        try:
            return process.wait()
        except BaseException:
            # Not killed at once: it ends what it has started, which writes into the folder.
            process.terminate()
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
            raise


def _copy(source: Path, folder: Path) -> None:
    for part in PARTS:
        path = source / part
        if path.is_dir():
            shutil.copytree(path, folder / part, symlinks=True, ignore=LEFT_OUT)
        else:
            shutil.copy2(path, folder / part, follow_symlinks=False)
    # A clone may be closed to others; what everybody runs is readable by everybody.
    for here, names, files in os.walk(folder):
        for path in (Path(here, name) for name in (*names, *files)):
            if not path.is_symlink():
                mode = path.stat().st_mode
                runs = stat.S_ISDIR(mode) or mode & stat.S_IXUSR
                path.chmod(0o755 if runs else 0o644)
