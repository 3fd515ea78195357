"""Makes a Vega misbehave on demand: the sitecustomize.py of its Python, by way of a drop-in.

Only ever in a machine that was booted to be tortured; the product knows nothing of it.

- SIGRTMIN+6: an endless loop in the main thread, so in the event loop.
- SIGRTMIN+7: a thread that takes memory until something ends the process.
- While the file crash-at-start is there: every start of the server ends with status 3.
"""

import os
import signal
import sys
import threading

SPIN = signal.SIGRTMIN + 6
EAT = signal.SIGRTMIN + 7
CRASH_AT_START = "/run/vega-torture/crash-at-start"
PIECE_BYTES = 16 << 20


def _spin(number: int, frame: object) -> None:
    while True:
        pass


def _eat() -> None:
    signal.sigwait({EAT})
    pieces = []
    while True:
        # Each page is written to: untouched memory counts for nobody.
        pieces.append(b"\1" * PIECE_BYTES)


if __name__ == "sitecustomize":
    if "serve" in getattr(sys, "orig_argv", []) and os.path.exists(CRASH_AT_START):
        os._exit(3)
    # Blocked here, so in each thread: the signal waits for the one that wants it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {EAT})
    signal.signal(SPIN, _spin)
    threading.Thread(target=_eat, daemon=True).start()
