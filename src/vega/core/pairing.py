"""Browsers of the owner: paired once by a one-time code, known by a token from then on.

The database has the hashes of both. What carries a code or a token is no matter of this module.
"""

import asyncio
import hashlib
import hmac
import logging
import secrets
from collections.abc import Awaitable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from vega.core.clock import Clock
from vega.core.life.device_store import Device, DeviceStore
from vega.errors import DatabaseError, DeviceNotFound, PairingExpired, PairingUnknown, PairingUsed

log = logging.getLogger(__name__)

CODE_BYTES = 20
TOKEN_BYTES = 32
CODE_LIFETIME = timedelta(hours=1)
#: For so long behind its end a code is still told from one that never was.
CODE_IS_KNOWN_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PairingCode:
    """Pairs one browser, until it expires."""

    code: str
    expires_at: datetime


class Pairing:
    """Which browsers are paired; pairs and unpairs them."""

    def __init__(
        self,
        store: DeviceStore,
        clock: Clock,
        devices: dict[bytes, Device],
        codes: Mapping[bytes, datetime],
    ) -> None:
        self._store = store
        self._clock = clock
        self._devices = devices
        #: Those that are good, by their hash, and until when.
        self._codes = dict(codes)
        self._notes: set[asyncio.Task[None]] = set()
        #: Done, and replaced, whenever a device is unpaired.
        self._change = asyncio.Event()

    @classmethod
    async def open(cls, store: DeviceStore, clock: Clock) -> "Pairing":
        return cls(store, clock, await store.all(), await store.good_codes(clock.now()))

    async def close(self) -> None:
        await asyncio.gather(*self._notes)

    @property
    def devices(self) -> Collection[Device]:
        return self._devices.values()

    async def make_code(self) -> PairingCode:
        code = secrets.token_urlsafe(CODE_BYTES)
        now = self._clock.now()
        expires_at = now + CODE_LIFETIME
        code_hash = _hash(code)
        await self._store.add_code(code_hash, expires_at, now - CODE_IS_KNOWN_FOR)
        self._codes = {each: until for each, until in self._codes.items() if until > now}
        self._codes[code_hash] = expires_at
        return PairingCode(code, expires_at)

    def is_good(self, code: str) -> bool:
        """Whether this code pairs a browser, without asking the store. Takes the same time for
        every wrong one."""
        offered, now = _hash(code), self._clock.now()
        matches = [
            until > now for good, until in self._codes.items() if hmac.compare_digest(offered, good)
        ]
        return any(matches)

    async def pair(self, code: str, name: str, kind: str | None = None) -> tuple[Device, str]:
        """The device by that name, and its token, for a code that is good.

        Raises PairingUnknown, PairingUsed, PairingExpired.
        """
        now = self._clock.now()
        code_hash = _hash(code)
        # Anybody may try: what is no good code costs one small read.
        known = await self._store.find_code(code_hash)
        if known is None:
            raise PairingUnknown
        if known.is_used:
            raise PairingUsed
        if now >= known.expires_at:
            raise PairingExpired
        token = secrets.token_urlsafe(TOKEN_BYTES)
        token_hash = _hash(token)
        device = await self._store.pair(code_hash, token_hash, name, kind, now)
        self._codes.pop(code_hash, None)
        if device is None:
            raise PairingUsed
        self._devices[token_hash] = device
        return device, token

    async def unpair(self, device_id: int) -> None:
        """Its token is worth nothing any more. Raises DeviceNotFound."""
        await self._store.drop(device_id)
        self._devices = {
            token_hash: device
            for token_hash, device in self._devices.items()
            if device.id != device_id
        }
        self._change.set()
        self._change = asyncio.Event()

    async def rename(self, device_id: int, name: str) -> Device:
        """Raises DeviceNotFound."""
        await self._store.rename(device_id, name)
        for token_hash, device in self._devices.items():
            if device.id == device_id:
                self._devices[token_hash] = replace(device, name=name)
        renamed = [device for device in self.devices if device.id == device_id]
        if not renamed:
            # It was unpaired meanwhile.
            raise DeviceNotFound
        return renamed[0]

    def note_visit(self, device_id: int) -> None:
        """It came now. Of each day that is written down once, and holds up nobody."""
        today = self._clock.now().astimezone(ZoneInfo(self._clock.zone)).date()
        for token_hash, device in self._devices.items():
            if device.id == device_id and device.last_seen_on != today:
                self._devices[token_hash] = replace(device, last_seen_on=today)
                note = asyncio.ensure_future(self._note(self._store.note_visit(device_id, today)))
                self._notes.add(note)
                note.add_done_callback(self._notes.discard)

    async def _note(self, writing: Awaitable[None]) -> None:
        try:
            await writing
        except DatabaseError as exc:
            log.warning("When a browser last came could not be written down: %s", exc)

    def find_device(self, token: str) -> Device | None:
        """Whose token that is. Takes the same time for every wrong one."""
        offered = _hash(token)
        matches = [
            device for known, device in self._devices.items() if hmac.compare_digest(offered, known)
        ]
        return matches[0] if matches else None

    def is_paired(self, device_id: int) -> bool:
        return any(device.id == device_id for device in self._devices.values())

    async def wait_until_unpaired(self, device_id: int) -> None:
        while self.is_paired(device_id):
            await self._change.wait()


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
