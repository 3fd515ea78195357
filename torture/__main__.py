"""`make torture`: does to a real Vega what the world does to it, and counts what was lost.

    python -m torture [NAME …] [--json PATH]

Names are those of the drills; without one all run. TORTURE_SIZE=ci is the short form. Each drill
prints its figures. Unlike a benchmark it fails: where anything that was acknowledged is lost,
doubled or refused, or a canary that must be caught is not.
"""

import argparse
import importlib
import json
import os
import sys
import time
from pathlib import Path

import vega
from torture.findings import Findings

#: In the order in which they run: the quick ones first. Those that CI passes over come last.
DRILLS = ("power_cut", "faults", "flips", "salvage", "boot", "kills", "soak")
#: In the release alone.
LONG = frozenset({"kills", "soak"})
SIZES = ("ci", "release")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m torture", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(DRILLS))
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures there too")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(DRILLS)
    if unknown:
        parser.error(f"no such drill: {', '.join(unknown)}")
    size = os.environ.get("TORTURE_SIZE", "release")
    if size not in SIZES:
        parser.error(f"TORTURE_SIZE={size}: it is one of {', '.join(SIZES)}")
    chosen = arguments.names or [name for name in DRILLS if size != "ci" or name not in LONG]
    print(f"Vega {vega.__version__}, size {size}, {os.cpu_count()} processors")
    found: dict[str, Findings] = {}
    for name in [one for one in DRILLS if one in chosen]:
        began = time.monotonic()
        findings = importlib.import_module(f"torture.{name}").run(size)
        findings.figure("took", round(time.monotonic() - began, 1), "s")
        print(f"\n== {name}: {findings}", flush=True)
        found[name] = findings
    if arguments.json:
        shapes = {name: each.as_json() for name, each in found.items()}
        arguments.json.write_text(json.dumps({"size": size, "drills": shapes}, indent=1) + "\n")
    failed = [name for name, each in found.items() if each.failures]
    if failed:
        sys.exit(f"\nNot as it must be: {', '.join(failed)}.")


if __name__ == "__main__":
    main()
