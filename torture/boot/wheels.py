"""The wheels of Vega's lock in a folder: a machine without a network installs from them.

Fetched with this machine's pip and network, once for each lock; the real `make install` then finds
them in there by way of /etc/pip.conf.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from torture.boot.machine import HOME_OF_ROOT

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"
#: Where the wheels lie inside, and what pip is told there.
INSIDE = "/usr/local/share/vega-wheels"
PIP_CONF = f"[global]\nno-index = true\nfind-links = {INSIDE}\ndisable-pip-version-check = true\n"
#: What else could tell pip where to look.
OTHER_CONFS = ("/etc/xdg/pip", f"{HOME_OF_ROOT}/.config/pip", f"{HOME_OF_ROOT}/.pip")


def installing_python() -> Path:
    """The one that the setup script would choose, or else that of this .venv."""
    for candidate in (Path("/usr/bin/python3"), Path(sys.executable).resolve()):
        words = "import sys; sys.exit(sys.version_info < (3, 11))"
        if candidate.exists() and not subprocess.run([candidate, "-c", words]).returncode:
            return candidate
    raise AssertionError("the Python that runs this is new enough")


def wheel_folder() -> Path:
    """The folder with all wheels of the lock for the Python that will install them."""
    python = installing_python()
    version = subprocess.check_output([python, "-c", "import sys; print(sys.version)"])
    name = hashlib.sha256(LOCK.read_bytes() + version).hexdigest()[:12]
    cache = ROOT / ".cache"
    cache.mkdir(exist_ok=True)
    (cache / ".gitignore").write_text("*\n")
    folder = cache / f"wheels-{name}"
    if folder.exists():
        return folder
    print("Fetching the wheels of Vega's lock ...", flush=True)
    part = cache / f"wheels-{name}.{os.getpid()}"
    quiet = ("-qq", "--no-input", "--disable-pip-version-check", "--progress-bar", "off")
    try:
        subprocess.run(
            (
                *(sys.executable, "-m", "pip", "--python", python, "download", *quiet),
                *("--only-binary=:all:", "--require-hashes", "-r", LOCK, "--dest", part),
            ),
            check=True,
        )
        for other in set(cache.glob("wheels-*")) - {part}:
            shutil.rmtree(other)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder
