"""`python -m vega.service SCRIPT …`: what `setup_jarvis_mode.sh` does once it has a Python."""

import sys
from pathlib import Path

from vega.service.setup import run
from vega.service.wishes import read_wishes


def main() -> int:
    script, *words = sys.argv[1:]
    return run(read_wishes(Path(script).resolve().parent, script, words))


if __name__ == "__main__":
    sys.exit(main())
