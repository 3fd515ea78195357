"""The owner's keys: 256 random bits each, stored as SHA-256, compared in constant time.

A key is good from the moment it is made, and void from the moment it is revoked, without a
restart. The key file holds the first one, for the owner; Vega itself knows hashes alone.
"""

import asyncio
import hashlib
import hmac
import logging
import secrets
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from vega.core.clock import Clock
from vega.core.life.key_store import Key, KeyStore
from vega.core.store import Store
from vega.errors import ConfigError, DatabaseError, KeyNotFound, KeysOverridden, TooManyKeys
from vega.syncing import write_whole

log = logging.getLogger(__name__)

KEY_BYTES = 32
KEY_FILE = "api_key"
#: What the key in the key file is called, until the owner calls it otherwise.
OWNER = "owner"
#: Each request is compared with all of them.
MAX_KEYS = 100
#: The one that stands in place of all others.
GIVEN = Key(0, "VEGA_API_KEY", datetime.fromtimestamp(0, UTC))
OTHERS_CAN_READ = 0o077
#: A shorter one, which no Vega made, may be guessed.
SAFE_CHARS = 20


class Keys:
    """Who may speak to this Vega."""

    def __init__(
        self,
        store: KeyStore,
        clock: Clock,
        known: dict[bytes, Key],
        path: Path,
        given: str | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        #: By its hash, those that are good.
        self._keys = {code: key for code, key in known.items() if key.revoked_at is None}
        self._given = _hash(given) if given else None
        self._path = path
        self._is_in_file = _held_by(path) in self._keys
        #: What the owner must be told of their own key, if anything.
        self.notice: str | None = None
        #: Done, and replaced, whenever a key is revoked.
        self._change = asyncio.Event()
        self._notes: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, store: Store, home: Path, given: str | None, clock: Clock) -> "Keys":
        """The keys of this life; one is made, and written to the key file, at first start.

        A given key stands in place of all others. The key file is the owner's copy: Vega knows
        the key by its hash, also when the owner has moved the file to a safer place. Another key
        in the file replaces the one before; one that was revoked stays void.
        """
        path = home / KEY_FILE
        known = await store.keys.all()
        if given:
            opened = cls(store.keys, clock, known, path, given)
            opened._judge(given)
            return opened
        if not path.exists() and not known:
            key = secrets.token_urlsafe(KEY_BYTES)
            write_whole(path, f"{key}\n".encode(), draft_suffix=".new")
        if path.exists():
            _close_to_others(path)
            code = _hash(_read(path))
            held = known.get(code)
            if held is not None and held.revoked_at is not None:
                log.warning("The key in %s was revoked, and opens nothing.", path)
            # A start on a full disk has nothing to write here.
            if held is None:
                await store.keys.replace(OWNER, code, clock.now())
                known = await store.keys.all()
        opened = cls(store.keys, clock, known, path)
        if opened._is_in_file:
            opened._judge(_read(path))
        return opened

    async def close(self) -> None:
        await asyncio.gather(*self._notes)

    @property
    def is_overridden(self) -> bool:
        """Whether a given key stands in place of all others."""
        return self._given is not None

    @property
    def whereabouts(self) -> str:
        """Where the owner finds a key, for people to read."""
        if self.is_overridden:
            return "the variable VEGA_API_KEY that Vega was started with"
        if self._is_in_file and self._path.exists():
            return str(self._path)
        return f"no file any more (it was {self._path}); `vega key create` makes another key"

    @property
    def all(self) -> list[Key]:
        """Those that are good, or would be if none was given, in the order of their making."""
        return list(self._keys.values())

    def find(self, key: str) -> Key | None:
        """Which of the keys that is. Takes the same time for every wrong one."""
        # A header's bytes are shown as Latin-1, while a key beyond ASCII was typed as UTF-8.
        raw = key.encode("latin-1", "ignore").decode("utf-8", "ignore")
        offered = {_hash(each) for each in (key, raw)}
        good = {self._given: GIVEN} if self._given is not None else self._keys
        matches = [
            found
            for known, found in good.items()
            for code in offered
            if hmac.compare_digest(code, known)
        ]
        return matches[0] if matches else None

    def accept(self, key: str) -> bool:
        """Whether this is a key."""
        return self.find(key) is not None

    async def create(self, name: str) -> tuple[Key, str]:
        """A further key: what is known of it, and the key itself, which nobody can show again.

        Raises KeysOverridden, NameTaken, TooManyKeys.
        """
        if self.is_overridden:
            raise KeysOverridden
        if len(self._keys) >= MAX_KEYS:
            raise TooManyKeys
        secret = secrets.token_urlsafe(KEY_BYTES)
        code = _hash(secret)
        made = await self._store.add(name, code, self._clock.now())
        self._keys[code] = made
        return made, secret

    async def rename(self, key_id: int, name: str) -> Key:
        """Raises KeyNotFound, NameTaken."""
        await self._store.rename(key_id, name)
        for code, key in self._keys.items():
            if key.id == key_id:
                self._keys[code] = replace(key, name=name)
        renamed = [key for key in self.all if key.id == key_id]
        if not renamed:
            # It was revoked meanwhile.
            raise KeyNotFound
        return renamed[0]

    async def revoke(self, key_id: int, *, may_be_last: bool = False) -> None:
        """It opens nothing any more, and what it opened ends. Raises KeyNotFound, LastKey."""
        await self._store.revoke(key_id, self._clock.now(), may_be_last=may_be_last)
        gone = {code for code, key in self._keys.items() if key.id == key_id}
        self._keys = {code: key for code, key in self._keys.items() if code not in gone}
        self._change.set()
        self._change = asyncio.Event()
        if _held_by(self._path) in gone:
            self._is_in_file = False
            try:
                self._path.unlink(missing_ok=True)
            except OSError as exc:
                log.warning("%s holds a revoked key and stays: %s", self._path, exc.strerror)

    def is_good(self, key_id: int) -> bool:
        if self.is_overridden:
            return key_id == GIVEN.id
        return any(key.id == key_id for key in self._keys.values())

    async def wait_until_revoked(self, key_id: int) -> None:
        while self.is_good(key_id):
            await self._change.wait()

    def note_use(self, key_id: int) -> None:
        """It was used now. Of each day that is written down once, and holds up nobody."""
        today = self._clock.now().astimezone(ZoneInfo(self._clock.zone)).date()
        for code, key in self._keys.items():
            if key.id == key_id and key.last_used_on != today:
                self._keys[code] = replace(key, last_used_on=today)
                note = asyncio.ensure_future(self._note(self._store.note_use(key_id, today)))
                self._notes.add(note)
                note.add_done_callback(self._notes.discard)

    def _judge(self, key: str) -> None:
        # A right key never waits, so a short one can be tried out as fast as Vega answers.
        if len(key) < SAFE_CHARS:
            self.notice = (
                f"The key in {self.whereabouts} is shorter than {SAFE_CHARS} characters, so that "
                "whoever can reach Vega may guess it. Take a longer one that nobody could think "
                "of, or have `vega key create` make one."
            )
            log.warning("%s", self.notice)

    async def _note(self, writing: Awaitable[None]) -> None:
        try:
            await writing
        except DatabaseError as exc:
            log.warning("When a key was last used could not be written down: %s", exc)


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _held_by(path: Path) -> bytes | None:
    """Of which key that file is."""
    try:
        return _hash(_read(path))
    except (OSError, ConfigError):
        return None


def _close_to_others(path: Path) -> None:
    """The key file is for its owner alone, however it came to be."""
    try:
        mode = path.stat().st_mode
        if mode & OTHERS_CAN_READ:
            path.chmod(mode & ~OTHERS_CAN_READ)
            log.warning(
                "Others of this machine could read %s, and can no more. If one of them may have: "
                "`vega key create` makes another key, `vega key revoke` ends this one.",
                path,
            )
    except OSError as exc:
        log.warning("Others of this machine may be able to read %s: %s", path, exc.strerror)


def _read(path: Path) -> str:
    try:
        key = path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path} is not UTF-8; write a key of plain letters into it.") from exc
    if not key:
        raise ConfigError(f"{path} is empty; remove it, and the key that Vega knows stays valid.")
    return key
