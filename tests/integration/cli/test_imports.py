"""What a command costs before it does anything."""

import subprocess
import sys

#: Each of these costs more than the rest of `vega ask` together, or is for one command alone.
HEAVY = {"fastapi", "httpx2", "openai", "prompt_toolkit", "psutil", "pydantic", "rich", "segno"}


def test_no_command_pays_for_what_another_one_needs() -> None:
    code = "import sys, vega.cli.app; print(*{name.partition('.')[0] for name in sys.modules})"

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert HEAVY & set(loaded.stdout.split()) == set()


def test_ctrl_c_while_a_command_loads_ends_it_without_a_word() -> None:
    code = """
import sys, vega.cli

class CtrlC:
    def find_spec(self, name, *_):
        if name == "typer":
            raise KeyboardInterrupt

sys.meta_path.insert(0, CtrlC())
vega.cli.main()
"""

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")
