"""A life is damaged in every way that disks know, and put together anew: how much is saved?

With the backup of last night and without any. No turn may read other than it was said, none that
was forgotten may come back, and what was lost must be named.
"""

import asyncio
import contextlib
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.terminal import run_command
from torture.damaged_life import WAL, RealLife, made, read_turns
from torture.findings import Findings
from torture.flips import flip
from vega.core.clock import SystemClock
from vega.core.life.archive import ArchivedTurn
from vega.core.life.chain import LOST
from vega.core.live_turns import LiveTurns
from vega.core.salvage.salvage import Salvage
from vega.core.store import Store
from vega.core.verification import Verification
from vega.errors import DatabaseDamaged

SEED = 20261126
PAGE_BYTES = 4096
#: How often each kind of damage is done, with a backup and without.
TIMES = {"ci": 1, "release": 13}
_HEAD_BYTES = 64 * 1024

Damage = Callable[[Path, random.Random], None]


def run(size: str) -> Findings:
    found = Findings("How much of a damaged life is saved, with last night's backup and without?")
    chance = random.Random(SEED)
    life = made(size)
    found.figure("turns of the life", len(life.turns))
    with tempfile.TemporaryDirectory(prefix="vega-salvage-") as folder:
        home = Path(folder) / "home"
        for name, damage in DAMAGE.items():
            for has_backup in (True, False):
                shares = Counter[str]()
                for _ in range(TIMES[size]):
                    life.copy(home)
                    damage(home, chance)
                    shares += _salvaged(found, life, home, name, has_backup=has_backup)
                words = "with a backup" if has_backup else "without one"
                total = sum(shares.values())
                found.figure(f"{name}, {words}: saved", f"{100 * shares['saved'] / total:.2f}", "%")
        _by_command(found, life, home, chance)
    return found


def _salvaged(
    found: Findings, life: RealLife, home: Path, name: str, *, has_backup: bool
) -> Counter[str]:
    """How many turns are saved and how many are lost."""
    backups = [life.backup] if has_backup else []
    before = {path.name: path.read_bytes() for path in home.glob("vega.db*")}
    try:
        done = Salvage(home, SystemClock("UTC")).perform(backups)
    except DatabaseDamaged:
        found.must(not has_backup, f"{name}: nothing is saved, and there is a backup.")
        return Counter(lost=len(life.turns))
    if done.kept is not None:
        kept = done.kept / "vega.db"
        found.must(
            not kept.exists() or kept.read_bytes() == before["vega.db"],
            f"{name}: the damaged file was written to.",
        )
    counts = _compare(found, life, read_turns(home), name)
    told = {each.turn_id for each in done.lost}
    found.must(counts["lost"] <= len(told), f"{name}: not all that is lost is named.")
    for secret in life.secrets:
        is_there = secret.encode() in (home / "vega.db").read_bytes()
        found.must(not is_there, f"{name}: what was forgotten is there again.")
    asyncio.run(_must_be_sound(found, home, name))
    return counts


def _compare(
    found: Findings, life: RealLife, turns: dict[int, ArchivedTurn], name: str
) -> Counter[str]:
    counts = Counter[str]()
    for turn_id, said in life.turns.items():
        saved = turns.pop(turn_id, None)
        if saved is not None and _as_said(saved) == _as_said(said):
            counts["saved"] += 1
            continue
        counts["lost"] += 1
        is_right = saved is None or _is_part_of(saved, said)
        found.must(is_right, f"{name}: turn {turn_id} reads other than it was said.")
    for turn in turns.values():
        found.must(_is_placeholder(turn), f"{name}: turn {turn.id} was never said.")
    return counts


def _as_said(turn: ArchivedTurn) -> object:
    answers = [(each.number, each.link, each.text, each.hash) for each in turn.answers]
    return (turn.id, turn.link, turn.at, turn.prompt, turn.hash, answers)


def _is_part_of(saved: ArchivedTurn, said: ArchivedTurn) -> bool:
    """Whether what there is of it was said, and the rest only says that it is lost."""
    texts = {each.number: each.text for each in said.answers}
    is_prompt_right = saved.prompt == said.prompt or _is_placeholder(saved)
    return is_prompt_right and all(
        each.text == texts.get(each.number) or (each.reason or "").startswith(LOST)
        for each in saved.answers
    )


def _is_placeholder(turn: ArchivedTurn) -> bool:
    return not turn.prompt and turn.origin.startswith(LOST)


async def _must_be_sound(found: Findings, home: Path, name: str) -> None:
    store = await Store.open(home)
    try:
        found.must(not store.attention, f"{name}: it says at the start: {store.attention}")
        verification = Verification(store, LiveTurns(store), SystemClock("UTC"))
        await verification.run(None)
        finding = (await verification.report()).finding
        found.must(finding is None, f"{name}: the new life is not sound: {finding}")
    finally:
        await store.close()


def _by_command(found: Findings, life: RealLife, home: Path, chance: random.Random) -> None:
    """As its owner does it."""
    life.copy(home)
    trash_pages(home, chance)
    done = run_command(home, "doctor", "--repair")
    is_told = done.returncode in (0, 1) and "kept in" in done.stdout
    found.must(is_told, f"`vega doctor --repair` says: {done.stdout}{done.stderr}")
    shutil.rmtree(home / "replaced", ignore_errors=True)
    verified = run_command(home, "verify")
    found.must(verified.returncode == 0, f"`vega verify` then says: {verified.stdout}")


def flip_database(home: Path, chance: random.Random) -> None:
    flip(home / "vega.db", chance)


def flip_log(home: Path, chance: random.Random) -> None:
    flip(home / WAL, chance)


def trash_page(home: Path, chance: random.Random) -> None:
    pages = (home / "vega.db").stat().st_size // PAGE_BYTES
    _trash(home / "vega.db", [chance.randrange(pages) * PAGE_BYTES], PAGE_BYTES, chance)


def trash_pages(home: Path, chance: random.Random) -> None:
    """A twentieth of them."""
    pages = (home / "vega.db").stat().st_size // PAGE_BYTES
    starts = [page * PAGE_BYTES for page in chance.sample(range(pages), max(1, pages // 20))]
    _trash(home / "vega.db", starts, PAGE_BYTES, chance)


def trash_head(home: Path, chance: random.Random) -> None:
    """The first page."""
    _trash(home / "vega.db", [0], PAGE_BYTES, chance)


def zero_head(home: Path, chance: random.Random) -> None:
    del chance
    with (home / "vega.db").open("r+b") as file:
        file.write(bytes(_HEAD_BYTES))


def truncate(home: Path, chance: random.Random) -> None:
    path = home / "vega.db"
    with path.open("r+b") as file:
        file.truncate(chance.randrange(path.stat().st_size))


def empty(home: Path, chance: random.Random) -> None:
    del chance
    (home / "vega.db").write_bytes(b"")


def zero_all(home: Path, chance: random.Random) -> None:
    del chance
    size = (home / "vega.db").stat().st_size
    (home / "vega.db").write_bytes(bytes(size))


def trash_log(home: Path, chance: random.Random) -> None:
    """16 kB of it."""
    size = (home / WAL).stat().st_size
    _trash(home / WAL, [chance.randrange(size)], 4 * PAGE_BYTES, chance)


def lose_log(home: Path, chance: random.Random) -> None:
    del chance
    with contextlib.suppress(FileNotFoundError):
        (home / WAL).unlink()


def lose_all(home: Path, chance: random.Random) -> None:
    """The database and its log."""
    empty(home, chance)
    lose_log(home, chance)


def _trash(path: Path, starts: list[int], size: int, chance: random.Random) -> None:
    with path.open("r+b") as file:
        for start in starts:
            file.seek(start)
            file.write(chance.randbytes(size))


DAMAGE: dict[str, Damage] = {
    "a flipped bit": flip_database,
    "a flipped bit in the log": flip_log,
    "a trashed page": trash_page,
    "5 % of the pages trashed": trash_pages,
    "the first page trashed": trash_head,
    "the first 64 kB zeroed": zero_head,
    "truncated": truncate,
    "the log trashed in part": trash_log,
    "the log gone": lose_log,
    "emptied": empty,
    "zeroed": zero_all,
    "emptied, and the log gone": lose_all,
}
