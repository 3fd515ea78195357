"""Stands in for systemctl where no systemd runs, as in a container of CI.

It starts what the installed unit says, as the user that it says, and knows of no restarts. It adds
the scripted model, so that no model is fetched. What systemd itself makes of the unit is for
`systemd-analyze verify` and for a real boot to prove.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

UNITS = Path("/etc/systemd/system")
STATE = Path("/run/systemctl-stand-in")
END_SECONDS = 20.0
MODEL = {
    "VEGA_MODEL_URL": "scripted:",
    "VEGA_MODEL_SERVERS": "none",
    "VEGA_MODEL_FALLBACK": "false",
    "VEGA_EMBEDDING": "off",
}


def main() -> int:
    STATE.mkdir(exist_ok=True)
    verb, *rest = sys.argv[1:]
    with (STATE / "calls").open("a") as calls:
        calls.write(json.dumps([verb, *rest]) + "\n")
    unit = rest[-1] if rest else ""
    match verb:
        case "daemon-reload":
            return 0
        case "is-enabled":
            return 0 if _link(unit).is_symlink() else 1
        case "is-active":
            return 0 if _running(unit) else 3
        case "enable":
            _link(unit).parent.mkdir(exist_ok=True)
            _link(unit).symlink_to(UNITS / f"{unit}.service")
        case "disable":
            _link(unit).unlink(missing_ok=True)
            if "--now" in rest:
                _stop(unit)
        case "start":
            if not _running(unit):
                _start(unit)
        case "restart":
            _stop(unit)
            _start(unit)
        case "stop":
            _stop(unit)
        case "show":
            # The only property that is asked for: how often it was started again.
            print(0 if _running(unit) else 99)  # noqa: T201
        case _:
            return 1
    return 0


def _link(unit: str) -> Path:
    return UNITS / "multi-user.target.wants" / f"{unit}.service"


def _running(unit: str) -> int | None:
    try:
        pid = int((STATE / unit).read_text())
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return pid if state != "Z" else None


def _start(unit: str) -> None:
    lines = (UNITS / f"{unit}.service").read_text().splitlines()
    pairs = [line.partition("=")[::2] for line in lines if "=" in line and line[0] != "#"]
    settings = dict(pairs)
    variables = dict(text.split("=", 1) for name, text in pairs if name == "Environment")
    with (STATE / "log").open("ab") as log:
        process = subprocess.Popen(
            settings["ExecStart"].split(),
            env={"PATH": os.environ["PATH"], **MODEL, **variables},
            cwd=settings["WorkingDirectory"],
            user=settings["User"],
            group=settings["Group"],
            extra_groups=[],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    (STATE / unit).write_text(str(process.pid))


def _stop(unit: str) -> None:
    pid = _running(unit)
    if pid is None:
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + END_SECONDS
    while _running(unit) and time.monotonic() < deadline:
        time.sleep(0.02)


if __name__ == "__main__":
    sys.exit(main())
