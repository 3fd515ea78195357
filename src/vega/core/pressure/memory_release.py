"""Gives RAM back to the system, part by part, and says how much each part gave.

What a program has freed stays with its C library until that is told to trim its heaps. So a trim
ends each part, and what the part gave is what Vega's process has shrunk by. A trim holds up
whoever allocates meanwhile: 15 ms for 60 MB that go back, and hardly at all where there is nothing.
"""

import asyncio
import ctypes
import gc
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from vega.core.store import Store
from vega.errors import DatabaseError
from vega.llm.base import HoldsMemory
from vega.llm.hardware import resident_bytes

log = logging.getLogger(__name__)

#: What was free already and only not returned; pages that the database's connections keep to read
#: them faster; how many tokens texts are; objects that only refer to each other; the processes of
#: models.
Part = Literal["heap", "database", "token_counts", "garbage", "models"]


@dataclass(frozen=True, slots=True)
class GivenBack:
    """How many bytes of RAM went back to the system, by part."""

    by_part: Mapping[Part, int]

    @property
    def total(self) -> int:
        return sum(self.by_part.values())


class Together:
    """Several that hold memory, as one."""

    def __init__(self, *holders: HoldsMemory) -> None:
        self._holders = holders

    async def release_memory(self, *, unload: bool) -> int:
        return sum([await each.release_memory(unload=unload) for each in self._holders])


async def give_back(
    store: Store, models: HoldsMemory, forget_counts: Callable[[], None], *, unload: bool
) -> GivenBack:
    """Give back what Vega can do without for a while; with `unload` also an idle model of ours.

    What is given up is read or made again when it is next needed. Never fails.
    """

    async def shrink_database() -> None:
        try:
            await store.shrink()
        except DatabaseError as exc:
            log.warning("The database's caches were not given back: %s", exc)

    async def forget() -> None:
        forget_counts()

    return GivenBack(
        {
            "heap": await _shrunk_by(trim_heap),
            "database": await _shrunk_by(shrink_database),
            "token_counts": await _shrunk_by(forget),
            "garbage": await _shrunk_by(_collect),
            "models": await models.release_memory(unload=unload),
        }
    )


async def _shrunk_by(work: Callable[[], Awaitable[None]]) -> int:
    """By how many bytes Vega's process is smaller after the work and a trim."""
    before = resident_bytes()
    await work()
    await trim_heap()
    return max(0, before - resident_bytes())


async def _collect() -> None:
    gc.collect()


async def trim_heap() -> None:
    """What is free already goes back to the system."""
    trim = find_trim()
    if trim is not None:
        await asyncio.to_thread(trim, 0)


@cache
def find_trim() -> Callable[[int], int] | None:
    """glibc's malloc_trim; None where the C library has none, as musl's and macOS's."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):
        return None
    trim.argtypes, trim.restype = [ctypes.c_size_t], ctypes.c_int
    return trim
