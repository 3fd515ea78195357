"""Whether a disk that a power cut may have left is one that Vega goes on with, and nothing is lost.

By Vega's own code, as a start does it: the key, the life opened and brought to today's schema,
the chain recomputed, every original read in whatever tier, backups verified. What is forgotten is
looked for in the bytes, before anything is opened.
"""

import asyncio
import contextlib
import hashlib
import logging
import shutil
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.clocks import FakeClock
from tests.embedders import WordEmbedder
from tests.lives import new_turn
from torture.power_cut.disk import Paths
from torture.power_cut.recording import Promise, Recording
from vega.core.backup import backup as one_backup
from vega.core.conversation import Turn
from vega.core.indexing import Indexer
from vega.core.keys import Keys
from vega.core.life import records
from vega.core.life.sqlite import Connection
from vega.core.life.vectors import Vectors
from vega.core.recall.passages import PASSAGES
from vega.core.store import Store
from vega.core.verification import Verification
from vega.errors import VegaError

#: What is said to a life that was found, to see that it goes on.
GOES_ON = "Are you still there?"
#: One torn frame in thousands looks like one with a flipped bit. The owner is told that it may be
#: either; here it is known that nothing is missing, and that is counted.
DOUBT = "or the power failed while it was written"
_ALL = "SELECT id FROM turns ORDER BY id"


@dataclass(slots=True)
class Expected:
    """What must be there at one moment, by what was promised before."""

    prompts: dict[int, str] = field(default_factory=dict)
    answers: dict[int, str] = field(default_factory=dict)
    imported: list[str] = field(default_factory=list)
    #: May be forgotten; must be.
    going: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    gone_texts: list[bytes] = field(default_factory=list)
    backups: set[str] = field(default_factory=set)
    #: The last that was promised.
    setting: str | None = None
    is_begun: bool = False

    #: How much was promised so far.
    size: int = 0

    def add(self, promise: Promise) -> None:
        self.size += 1
        match promise.kind:
            case "prompt":
                self.prompts[promise.turn_id] = promise.text
                self.is_begun = True
            case "answer":
                self.answers[promise.turn_id] = promise.text
            case "asked to forget":
                self.going.add(promise.turn_id)
            case "forgotten":
                self.gone.add(promise.turn_id)
                self.gone_texts.append(self.prompts[promise.turn_id].encode()[:60])
            case "imported":
                self.imported.append(promise.text)
            case "backup":
                self.backups.add(promise.text)
            case "setting":
                self.setting = promise.text


class NotAsItMustBe(Exception):
    """What is wrong with a disk, with one word of what kind that is first."""


@dataclass(slots=True)
class Checker:
    """Checks disks of one recording, in a folder that is made anew for each."""

    recording: Recording
    folder: Path
    _verified: dict[bytes, str] = field(default_factory=dict)

    def flaw(self, paths: Paths, expected: Expected) -> str | None:
        """What is wrong, or None."""
        home = self.folder / "home"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        for path, content in paths.items():
            if content is None:
                (home / path).mkdir(mode=0o700)
            else:
                (home / path).write_bytes(content)
        try:
            self._check_files(paths, home, expected)
            asyncio.run(self._check_life(home, expected))
        except NotAsItMustBe as exc:
            return str(exc)
        except Exception as exc:  # noqa: BLE001 - whatever keeps it from starting is a finding
            return f"refused: {type(exc).__name__}: {exc}"
        return None

    def _check_files(self, paths: Paths, home: Path, expected: Expected) -> None:
        for text in expected.gone_texts:
            for path, content in paths.items():
                if content and text in content and not path.startswith("backups/"):
                    raise NotAsItMustBe(f"came back: a text that was forgotten stands in {path}")
        self._check_setting(paths, expected)
        key = paths.get("api_key")
        if key is not None and key.decode(errors="replace").strip() != self.recording.key:
            raise NotAsItMustBe(f"corrupt: the key file holds {key!r}")
        if key is None and expected.is_begun:
            raise NotAsItMustBe("lost: the key file is not there")
        self._check_backups(paths, home, expected)

    def _check_setting(self, paths: Paths, expected: Expected) -> None:
        known = [each.text for each in self.recording.promises if each.kind == "setting"]
        raw = paths.get("vega.toml")
        if raw is None:
            if expected.setting is not None:
                raise NotAsItMustBe("lost: vega.toml is not there")
            return
        try:
            value = tomllib.loads(raw.decode())["model"]
        except (ValueError, KeyError) as exc:
            raise NotAsItMustBe(f"corrupt: vega.toml: {exc}") from exc
        least = known.index(expected.setting) if expected.setting else 0
        if value not in known[least:]:
            raise NotAsItMustBe(f"lost: a setting that was written: it is {value}")

    def _check_backups(self, paths: Paths, home: Path, expected: Expected) -> None:
        """Those that stand in the folder are whole, and those that were promised stand there."""
        names = {Path(path).name for path in paths if path.startswith("backups/")}
        standing = {name for name in names if one_backup.is_backup_name(name)}
        if missing := expected.backups - standing:
            raise NotAsItMustBe(f"lost: backups {sorted(missing)}")
        for name in standing:
            path = home / "backups" / name
            manifest = one_backup.manifest_path(path)
            raw = path.read_bytes() + (manifest.read_bytes() if manifest.exists() else b"")
            seal = hashlib.sha256(raw).digest()
            if seal not in self._verified:
                self._verified[seal] = _verdict(path)
            if self._verified[seal]:
                raise NotAsItMustBe(f"corrupt: a backup: {self._verified[seal]}")

    async def _check_life(self, home: Path, expected: Expected) -> None:
        store = await Store.open(home)
        try:
            told = [line for line in store.attention if DOUBT not in line]
            if expected.is_begun and told:
                raise NotAsItMustBe(f"alarmed: {told[0]}")
            keys = await Keys.open(store, home, None, FakeClock())
            if expected.is_begun and not keys.accept(self.recording.key):
                raise NotAsItMustBe("lost: the key opens nothing")
            await keys.close()
            turns = await store._db.read(all_turns)
            self._compare(turns, expected)
            await verify(store)
            if self.recording.has_vectors:
                await _check_vectors(store, home, turns)
            waiting = {turn.id for turn in await store.take_up_turns()}
            ended = {turn.id for turn in turns if turn.status.is_end}
            if lost := expected.prompts.keys() - waiting - ended:
                raise NotAsItMustBe(f"lost: nobody answers the turns {sorted(lost)}")
            turn, _ = await store.accept_turn(new_turn(GOES_ON))
            if (await store.turn(turn.id)).prompt != GOES_ON:
                raise NotAsItMustBe("corrupt: what is said to it now is not kept")
            if told != store.attention:
                raise NotAsItMustBe(f"doubtful: {store.attention}")
        finally:
            await store.close()

    def _compare(self, turns: list[Turn], expected: Expected) -> None:
        by_id = {turn.id: turn for turn in turns}
        for turn_id, prompt in expected.prompts.items():
            turn = by_id.get(turn_id)
            if turn is None:
                raise NotAsItMustBe(f"lost: turn {turn_id}, which was acknowledged")
            is_gone = turn.forgotten_at is not None
            if turn_id in expected.gone and not is_gone:
                raise NotAsItMustBe(f"came back: turn {turn_id}, which was forgotten")
            if is_gone and turn_id not in expected.going:
                raise NotAsItMustBe(f"lost: turn {turn_id} is forgotten, and nobody asked for it")
            if not is_gone and turn.prompt != prompt:
                raise NotAsItMustBe(f"corrupt: turn {turn_id} says something else")
            answer = expected.answers.get(turn_id)
            if not is_gone and answer is not None and turn.response != answer:
                raise NotAsItMustBe(f"lost: the answer to turn {turn_id}")
        said = Counter(turn.prompt for turn in turns if turn.prompt)
        said.update(turn.response for turn in turns if turn.response in self.recording.said)
        # Everything in a recording is said once.
        if twice := [text for text, count in said.items() if count > 1]:
            raise NotAsItMustBe(f"doubled: {twice[0][:60]}")
        if foreign := said.keys() - self.recording.said:
            raise NotAsItMustBe(f"corrupt: nobody said {min(foreign)[:60]!r}")
        if lost := set(expected.imported) - said.keys():
            raise NotAsItMustBe(f"lost: what was imported: {min(lost)[:60]}")


def _verdict(path: Path) -> str:
    try:
        one_backup.verify_backup(path)
    except (VegaError, OSError) as exc:
        return str(exc)
    return ""


def all_turns(connection: Connection) -> list[Turn]:
    return [records.read_turn(connection, row[0]) for row in list(connection.execute(_ALL))]


class _NobodyWaits:
    async def wait_until_idle(self, timeout_seconds: float) -> bool:
        return True


async def verify(store: Store) -> None:
    """The chain, the tiers, and the database beneath them."""
    verification = Verification(store, _NobodyWaits(), FakeClock())
    await verification.run(None)
    report = await verification.report()
    if report.finding:
        raise NotAsItMustBe(f"corrupt: {report.finding}")


async def _check_vectors(store: Store, home: Path, turns: list[Turn]) -> None:
    """Once the indexer has looked at what is there and made what is missing, as a start has it do,
    each message has its vector, and each vector is whole."""
    embedder = WordEmbedder()
    name = f"{embedder.name} {PASSAGES}"
    vectors = Vectors.open(home, name, embedder.dimension, store.session_id)
    try:
        indexer = Indexer(store, embedder, vectors, _NobodyWaits())
        await indexer._check()
        while await indexer.index_waiting():
            pass
        if damaged := [each for found in vectors.check() for each in found]:
            raise NotAsItMustBe(f"corrupt: the vectors of messages {damaged}")
        has = vectors.having(2 * max((turn.id for turn in turns), default=0) + 2)
        if lost := [message_id for message_id in _messages(turns) if not has[message_id]]:
            raise NotAsItMustBe(f"lost: the vectors of messages {lost}")
        if left := [turn.id for turn in turns if turn.forgotten_at and has[2 * turn.id]]:
            raise NotAsItMustBe(f"came back: the vectors of turns {left}")
    finally:
        vectors.close()


def _messages(turns: list[Turn]) -> Iterator[int]:
    """Those that must have vectors."""
    for turn in turns:
        if turn.forgotten_at is None:
            if turn.prompt:
                yield 2 * turn.id
            if turn.response and turn.status.is_end:
                yield 2 * turn.id + 1


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Of what it finds on a thousand disks, Vega's log would say the same each time."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
