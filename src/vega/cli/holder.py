"""Which process holds a home folder: the one whose pid stands in it, if it is still that one."""

from pathlib import Path

from vega.home import PID_FILE

#: The system tells a process's start to a hundredth of a second, a file's time comes from a clock
#: that ticks.
CLOCK_SECONDS = 2.0


def find_holder(home: Path) -> int | None:
    """The pid of the Vega that runs, starts or ends there.

    It does not try the lock: at that moment a starting Vega would find it taken.
    """
    # Imported here: only who finds no Vega at once looks for one.
    import psutil

    path = home / PID_FILE
    try:
        pid = int(path.read_text(encoding="ascii"))
        process = psutil.Process(pid)
        # After a reboot that number may be another program's, which started later.
        is_same = process.create_time() <= path.stat().st_mtime + CLOCK_SECONDS
        return pid if is_same and process.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, psutil.Error):
        return None
