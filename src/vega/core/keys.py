"""The owner's keys: 256 random bits, stored as SHA-256, compared in constant time."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from vega.core.clock import Clock
from vega.core.store import Store
from vega.errors import ConfigError

KEY_BYTES = 32
KEY_FILE = "api_key"


class Keys:
    """Who may speak to this Vega."""

    def __init__(self, hashes: list[bytes], whereabouts: str) -> None:
        #: Where the owner finds the key, for people to read.
        self.whereabouts = whereabouts
        self._hashes = hashes

    @classmethod
    async def open(cls, store: Store, home: Path, given: str | None, clock: Clock) -> "Keys":
        """The keys of this life; one is made, and written to the key file, at first start.

        A given key stands in place of all others. The key file is the owner's copy: Vega knows
        the key by its hash, also when the owner has moved the file to a safer place. Another key
        in the file replaces the one before.
        """
        if given:
            return cls([_hash(given)], "the variable VEGA_API_KEY that Vega was started with")
        path = home / KEY_FILE
        known = await store.key_hashes()
        if not path.exists() and not known:
            _write(path, secrets.token_urlsafe(KEY_BYTES))
        if not path.exists():
            return cls(
                known,
                f"no file any more: {path} was removed. To replace the key, write a new one into "
                "that file and start Vega again",
            )
        given_hash = _hash(_read(path))
        # A start on a full disk has nothing to write here.
        if given_hash not in known:
            await store.set_key("owner", given_hash, clock.now())
        return cls(await store.key_hashes(), str(path))

    def accept(self, key: str) -> bool:
        """Whether this is a key. Takes the same time for every wrong one."""
        # A header's bytes are shown as Latin-1, while a key beyond ASCII was typed as UTF-8.
        raw = key.encode("latin-1", "ignore").decode("utf-8", "ignore")
        matches = [
            hmac.compare_digest(_hash(offered), known)
            for known in self._hashes
            for offered in (key, raw)
        ]
        return any(matches)


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _read(path: Path) -> str:
    try:
        key = path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path} is not UTF-8; write a key of plain letters into it.") from exc
    if not key:
        raise ConfigError(f"{path} is empty; remove it, and the key that Vega knows stays valid.")
    return key


def _write(path: Path, key: str) -> None:
    """Whole or not at all, and readable by the owner alone from its first moment."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as stream:
        stream.write(f"{key}\n")
        stream.flush()
        os.fsync(stream.fileno())
    draft.rename(path)
