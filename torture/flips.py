"""One bit of a life's file, or of its write-ahead log, turns over: Vega must see it, or it must not
matter.

Each is judged by what an owner has: a start, `vega verify`, and everything that was said, read
again. Silent is one that changes what is there and that nothing of this sees.
"""

import asyncio
import random
import tempfile
from collections import Counter
from pathlib import Path

from tests.vega_process import StartFailed, VegaProcess
from torture.damaged_life import WAL, RealLife, made, read_content
from torture.findings import Findings
from vega.core.clock import SystemClock
from vega.core.live_turns import LiveTurns
from vega.core.store import Store
from vega.core.verification import Verification
from vega.core.word_index import WordIndex
from vega.errors import VegaError

SEED = 20261125
FLIPS = {"ci": 10, "release": 150}
#: Of these each that comes up as one of so many is also given to a real `vega serve`.
STARTED = {"ci": 10, "release": 15}


def run(size: str) -> Findings:
    found = Findings(f"{2 * FLIPS[size]} flipped bits: is each seen, where it matters?")
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory(prefix="vega-flips-") as folder:
        life = made(size)
        found.figure("turns of the life", len(life.turns))
        for name, what in (("vega.db", "database"), (WAL, "log")):
            _flip_all(found, life, Path(folder) / "home", name, what, FLIPS[size], chance)
        _start_some(found, life, Path(folder) / "home", STARTED[size], size, chance)
    return found


def _flip_all(
    found: Findings,
    life: RealLife,
    home: Path,
    name: str,
    what: str,
    count: int,
    chance: random.Random,
) -> None:
    outcomes: Counter[str] = Counter()
    for _ in range(count):
        life.copy(home)
        bit = flip(home / name, chance)
        outcome = judge(life, home)
        outcomes[outcome] += 1
        found.must(outcome != "silent", f"Bit {bit} of {name} is another one, and nothing tells.")
    found.figure(f"{what}: bits flipped, in {(life.home / name).stat().st_size:,} bytes", count)
    for outcome in ("refused at the start", "told", "harmless", "silent"):
        found.figure(f"{what}: {outcome}", outcomes[outcome])


def flip(path: Path, chance: random.Random) -> int:
    """Which bit of the file is another one now."""
    bit = chance.randrange(8 * path.stat().st_size)
    with path.open("r+b") as file:
        file.seek(bit // 8)
        byte = file.read(1)[0]
        file.seek(bit // 8)
        file.write(bytes([byte ^ (1 << bit % 8)]))
    return bit


def judge(life: RealLife, home: Path) -> str:
    """What becomes of it."""
    try:
        is_told = asyncio.run(_is_told(home))
    except VegaError:
        return "refused at the start"
    if is_told:
        return "told"
    return "harmless" if read_content(home) == life.content else "silent"


async def _is_told(home: Path) -> bool:
    """Whether a start, a verification or a read says anything."""
    store = await Store.open(home)
    try:
        if store.attention:
            return True
        verification = Verification(store, LiveTurns(store), SystemClock("UTC"))
        try:
            await verification.run(None)
            if (await verification.report()).finding or await WordIndex(store).notice():
                return True
            last = await store.embedding.last_message_id() // 2
            await store.archive.originals(range(1, last + 1))
        except VegaError:
            return True
        return False
    finally:
        await store.close()


def _start_some(
    found: Findings, life: RealLife, home: Path, one_of: int, size: str, chance: random.Random
) -> None:
    """A real `vega serve` on some of them: it ends with a sentence, or answers and says all."""
    refused = served = 0
    for number in range(FLIPS[size] // one_of):
        life.copy(home)
        flip(home / (WAL if number % 2 else "vega.db"), chance)
        with VegaProcess(home) as vega:
            try:
                vega.start()
            except StartFailed as exc:
                refused += 1
                found.must("Traceback" not in str(exc), f"It ends with a traceback: {exc}")
                continue
            served += 1
            read_all(found, vega, life)
            vega.terminate()
    found.figure("real starts: refused with a sentence", refused)
    found.figure("real starts: served, every turn read", served)


def read_all(found: Findings, vega: VegaProcess, life: RealLife) -> None:
    """No turn may be another one than was said; of a damaged one there is no word, and it is told
    as such."""
    said = {turn.id: turn.prompt for turn in life.turns.values()}
    others = [
        shown["id"]
        for shown in vega.history()
        if shown["prompt"] not in ("", said.get(shown["id"]))
        or (
            not shown["prompt"] and not shown["forgotten_at"] and not _is_refused(vega, shown["id"])
        )
    ]
    found.must(not others, f"Other than they were said read turns {others[:5]}.")


def _is_refused(vega: VegaProcess, turn_id: int) -> bool:
    return bool(vega.request("GET", f"/api/turns/{turn_id}").json().get("code") == "turn_damaged")
