"""When something is on the disk: after a power cut too, which takes away what was not synced.

A file's content and its name are two things. The name stands in the folder, so that a file that was
made, renamed or removed is so for certain once its folder was synced (fsync(2)).
"""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """What that file or folder holds is on the disk when it returns. Raises OSError."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
