"""The founding document's proofs, typed as written: only the key stands in place of "your-key"."""

import json

from torture.boot.installed import Vega
from torture.findings import Findings

TELL = """curl -X POST http://localhost:8000/chat \\
  -H "X-API-Key: your-key" \\
  -d '{"prompt": "My favorite color is purple"}'"""
RESTART = """sudo systemctl restart vega-server
sleep 5"""
ASK = """curl -X POST http://localhost:8000/chat \\
  -H "X-API-Key: your-key" \\
  -d '{"prompt": "What is my favorite color?"}'"""
KILL = "sudo systemctl kill vega-server"
WAIT = "sleep 10"
CHECK = "sudo systemctl status vega-server"
RUNNING = "active (running)"


def first_boot(vega: Vega, findings: Findings) -> None:
    """Test 1 and Test 3, and the question after every step of them."""
    _type(vega, TELL)
    _must_say_purple(vega, findings, "at the first boot")
    _type(vega, RESTART)
    _must_say_purple(vega, findings, "after `systemctl restart` (Test 1)")
    before = vega.server
    _type(vega, KILL)
    _type(vega, WAIT)
    status = _type(vega, CHECK)
    findings.must(RUNNING in status, f"Test 3 says something else than {RUNNING}: {status}")
    findings.must(vega.server not in (0, before), "Test 3: it is not another process than before")
    _must_say_purple(vega, findings, "after `systemctl kill` (Test 3)")


def second_boot(vega: Vega, findings: Findings) -> None:
    """Nobody has started anything: it is there, and was started once."""
    restarts = vega.systemctl("show", "--value", "--property=NRestarts", "vega-server")
    findings.must(restarts == "0", f"It took {restarts} restarts to start at boot.")
    _must_say_purple(vega, findings, "after a reboot")


def _must_say_purple(vega: Vega, findings: Findings, when: str) -> None:
    said = _type(vega, ASK)
    try:
        answer = str(json.loads(said[said.index("{") :])["response"])
    except (ValueError, KeyError):
        answer = said
    findings.figure(when, answer)
    findings.must("favorite color is purple" in answer, f"Not purple {when}: {answer}")


def _type(vega: Vega, words: str) -> str:
    """What a terminal shows for these lines."""
    lines = words.replace("your-key", vega.key)
    return vega.machine.run("bash", "-c", lines, check=False).stdout
