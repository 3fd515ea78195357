"""`make bench`: measures Vega, each figure beside a baseline that is taken in the same run.

    python -m benchmarks [NAME …] [--json PATH]

Names are those of the measurements; without one all run. BENCH_SIZE=ci is the short form. It
prints tables, and with --json writes everything to a file. It fails when something is broken and
never because something is slow: aims are reported, not asserted.
"""

import argparse
import importlib
import json
import os
import platform
import sys
import time
from pathlib import Path

import vega
from benchmarks.sizes import SIZES

#: In the order in which they run: the quick ones first.
MEASUREMENTS = (
    *("facts", "ask", "start", "page", "turns", "first_event", "memory", "tiers", "long_life"),
    "vectors",
    "recall",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures there too")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(MEASUREMENTS)
    if unknown:
        parser.error(f"no such measurement: {', '.join(unknown)}")
    size_name = os.environ.get("BENCH_SIZE", "full")
    if size_name not in SIZES:
        parser.error(f"BENCH_SIZE={size_name}: it is one of {', '.join(SIZES)}")
    print(f"Vega {vega.__version__}, size {size_name}, {_machine()}")
    reports = {}
    for name in [one for one in MEASUREMENTS if one in (arguments.names or MEASUREMENTS)]:
        began = time.monotonic()
        report = importlib.import_module(f"benchmarks.{name}").measure(SIZES[size_name])
        print(f"\n== {name}: {report}\n   ({time.monotonic() - began:.0f} s)", flush=True)
        reports[name] = report.as_json()
    if arguments.json:
        found = {"machine": _machine(), "size": size_name, "reports": reports}
        arguments.json.write_text(json.dumps(found, indent=1) + "\n")


def _machine() -> str:
    processors = os.cpu_count()
    load = os.getloadavg()[0]
    return (
        f"Python {platform.python_version()} on {sys.platform}, {processors} processors, "
        f"load {load:.1f}"
    )


if __name__ == "__main__":
    main()
