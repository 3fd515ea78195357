"""A machine for an installer: this one, with folders whose changes nobody outside sees.

A mount and process namespace of its own, in which /etc, /opt and the like are overlays; what was
started in it dies with it. Needs Linux and root. The network is the machine's own, so tests choose
free ports.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Self

import httpx2

from tests.vega_process import ANSWER_SECONDS, free_ports

#: Where the installed service's life is.
HOME = "/var/lib/vega"
AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
ROOT = Path(__file__).parents[2]
STAND_IN = Path(__file__).with_name("systemctl_stand_in.py")
#: What the installer, useradd and systemctl write to.
CHANGING = ("/etc", "/opt", "/run", "/usr/local", "/var/lib")
#: The parts of the tree that the installer takes along; what was built here stays here.
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "__pycache__", "node_modules", ".*_cache", ".cache"
)

#: A stand-in for make: building a version takes half a minute and the network, and is tested by
#: itself. What it "builds" runs the version's code with the packages of this Python.
MAKE = r"""#!/bin/sh
[ ! -e "{folder}/make-fails" ] || exit 2
[ ! -e "{folder}/make-hangs" ] || {{ mkdir "$3/hangs"; sleep 600; }}
mkdir -p "$3/.venv/bin" && cd "$3/.venv"
cat >bin/python <<PYTHON
#!/bin/sh
PYTHONPATH=$3/src exec {python} "\$@"
PYTHON
cat >bin/vega <<VEGA
#!/bin/sh
exec $3/.venv/bin/python -P -m vega.cli "\$@"
VEGA
chmod +x bin/python bin/vega
touch .installed
"""

SETTLE = """
set -e
mount -t tmpfs -o mode=755 tmpfs {layers}
overlay() {{
  layer={layers}/$(echo "$1" | tr / _)
  mkdir "$layer" "$layer.work"
  chmod --reference="$1" "$layer"
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$layer,workdir=$layer.work" "$1"
}}
for folder in {changing}; do overlay "$folder"; done
rm -rf /opt/vega /var/lib/vega /usr/local/bin/vega /etc/systemd/system/vega-*
mkdir -p /run/systemd/system
{open_folders}
echo settled
exec sleep infinity
"""


class ScratchMachine:
    """One machine, from its first moment to its end."""

    def __init__(self, folder: Path) -> None:
        """Begins it. The folder must be empty; the clone that is installed from lies in it."""
        self.folder = folder
        self.clone = folder / "clone"
        shutil.copytree(ROOT, self.clone, ignore=LEFT_OUT, symlinks=True)
        self.installer = self.clone / "setup_jarvis_mode.sh"
        self._programs = folder / "programs"
        self._programs.mkdir()
        self._stand_in("systemctl", f'#!/bin/sh\nexec {sys.executable} {STAND_IN} "$@"\n')
        self._stand_in("journalctl", "#!/bin/sh\nexec tail -n 20 /run/systemctl-stand-in/log\n")
        self._stand_in("make", MAKE.format(folder=folder, python=sys.executable))
        layers = folder / "layers"
        layers.mkdir()
        settle = SETTLE.format(
            layers=layers, changing=" ".join(CHANGING), open_folders=_open_folders()
        )
        self._process = subprocess.Popen(
            (
                *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
                *("--propagation", "private", "sh", "-c", settle),
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "settled\n":
            raise OSError("This machine allows no namespace of its own; see standard error.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # The first process of the namespace, too, and everything in it.
        self._process.kill()
        self._process.communicate()

    def start(self, *command: str | Path, **variables: str) -> subprocess.Popen[str]:
        """Starts a command there, as root, in the top folder, with a bare environment."""
        first = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        return subprocess.Popen(
            ("nsenter", "--target", first.split()[0], "--mount", "--pid", *command),
            env={"PATH": f"{self._programs}:{os.environ['PATH']}", "HOME": "/root", **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a command there to its end."""
        with self.start(*command, **variables) as process:
            said, _ = process.communicate()
            return subprocess.CompletedProcess(process.args, process.returncode, said)

    def setup(self, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs the installer of the clone."""
        return self.run(self.installer, *options, **variables)

    def told(self, *command: str | Path) -> str:
        """What a command that has to succeed writes, without its last line's end."""
        done = self.run(*command)
        assert done.returncode == 0, done.stdout
        return done.stdout.rstrip("\n")

    def has(self, path: str) -> bool:
        return self.run("test", "-e", path).returncode == 0

    def use_real_make(self) -> None:
        (self._programs / "make").unlink()

    def share_programs(self) -> None:
        """Where every user finds them: the folders of tests are root's alone."""
        self.told("cp", "-r", f"{self._programs}/.", "/usr/local/bin")

    def _stand_in(self, name: str, text: str) -> None:
        path = self._programs / name
        path.write_text(text)
        path.chmod(0o755)


class Installed:
    """The ports of a machine's Vega, and what it is asked there."""

    def __init__(self, machine: ScratchMachine) -> None:
        self.machine = machine
        self.port, self.page_port = free_ports(2)
        self.options = ("--port", str(self.port), "--page-port", str(self.page_port))

    def chat(self, prompt: str) -> str:
        key = self.machine.told("cat", f"{HOME}/api_key")
        body = {"prompt": prompt}
        url, headers = f"http://127.0.0.1:{self.port}/chat", {"X-API-Key": key}
        with httpx2.Client(trust_env=False, timeout=ANSWER_SECONDS) as client:
            answer = client.post(url, json=body, headers=headers).raise_for_status()
        return str(answer.json()["response"])

    @property
    def pid(self) -> str:
        state = self.machine.told("cat", "/run/systemctl-stand-in/vega-server.service")
        return str(json.loads(state)["MainPID"])

    @property
    def calls(self) -> list[str]:
        """What systemctl was told to do, in order."""
        lines = self.machine.told("cat", "/run/systemctl-stand-in/calls").splitlines()
        return [json.loads(line)[0] for line in lines]


def _open_folders() -> str:
    """Commands that let every user there run this Python and this tree, as they could elsewhere."""
    ways = {
        folder
        for path in (Path(sys.executable), Path(sys.executable).resolve(), ROOT / "src")
        for folder in path.parents
    }
    closed = sorted(folder for folder in ways if not folder.stat().st_mode & 0o001)
    outermost = [one for one in closed if not set(one.parents) & set(closed)]
    return "\n".join(
        [*(f"overlay {folder}" for folder in outermost), *(f"chmod o+x {one}" for one in closed)]
    )
