#!/usr/bin/env bash
# Installs Vega as a service of this machine, or brings the installed one up to date.
#
#   sudo ./setup_jarvis_mode.sh                 install, or upgrade to the code of this folder
#   ./setup_jarvis_mode.sh --user               the same for your user alone, without root
#   sudo ./setup_jarvis_mode.sh --person ben    one more life on this machine
#   sudo ./setup_jarvis_mode.sh --uninstall     remove the service; the life stays where it is
#   ./setup_jarvis_mode.sh --help               every option
#
# This finds a Python that is new enough; src/vega/service does the rest, and needs nothing else.
set -euo pipefail

script=$(readlink -f "${BASH_SOURCE[0]}")
source_folder=$(dirname "$script")/src
if [ ! -e "$source_folder/vega/service/__main__.py" ]; then
  echo "Nothing was changed: $source_folder is missing; run the script where you cloned Vega." >&2
  exit 1
fi

others=''
for candidate in ${PYTHON:-/usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11}; do
  python=$(command -v "$candidate") || continue
  if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    others+=" $python ($("$python" --version 2>&1 || true)) is too old;"
    continue
  fi
  # Alone with what it brings along (-I), and without a trace in this folder (-B).
  exec "$python" -IBc 'import runpy, sys; sys.path.insert(0, sys.argv.pop(1))
runpy.run_module("vega.service", run_name="__main__", alter_sys=True)' "$source_folder" "$script" "$@"
done
echo "Nothing was changed: it needs Python 3.11 or newer, where every user can run it." >&2
echo "  Found:${others:- none.}" >&2
echo "  Name another one: sudo PYTHON=/path/to/python3.13 $0" >&2
exit 1
