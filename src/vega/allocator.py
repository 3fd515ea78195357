"""Which allocator this process has: one that gives back to the system what is free again.

Python's own keeps a whole arena for as long as one small object lives in it: of 500 MB of small
strings, all but one in a thousand freed, it kept 493. With the C library's, one `malloc_trim`
leaves 29. It is chosen when an interpreter starts, and nowhere else.
"""

import os
import sys

#: Said when the interpreter starts. glibc else has up to eight heaps for each processor, and what
#: is free in one of them serves no other.
ENVIRONMENT = {"PYTHONMALLOC": "malloc", "MALLOC_ARENA_MAX": "2"}


def use_the_systems() -> None:
    """Begins this process anew, as itself, where its interpreter was started without that.

    Call it first of all. An allocator that the owner has named stays: some look for errors.
    """
    # Threads of numpy's own would wait busily beside the model's, and have a heap each.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if os.environ.get("PYTHONMALLOC") or not sys.executable:
        return
    # A variable that is there and empty says as little as none.
    given = {name: text for name, text in os.environ.items() if text or name not in ENVIRONMENT}
    try:
        os.execve(sys.executable, sys.orig_argv, ENVIRONMENT | given)  # noqa: S606 - it is itself
    except OSError:
        # Where that is not allowed Vega runs as well, only bigger.
        return
