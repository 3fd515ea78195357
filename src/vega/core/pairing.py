"""Browsers of the owner: paired once by a one-time code, known by a token from then on.

The database has the hashes of both. What carries a code or a token is no matter of this module.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from vega.core.clock import Clock
from vega.core.life.device_store import Device, DeviceStore
from vega.errors import PairingExpired, PairingUnknown, PairingUsed

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

    def __init__(self, store: DeviceStore, clock: Clock, devices: dict[bytes, Device]) -> None:
        self._store = store
        self._clock = clock
        self._devices = devices
        #: Done, and replaced, whenever a device is unpaired.
        self._change = asyncio.Event()

    @classmethod
    async def open(cls, store: DeviceStore, clock: Clock) -> "Pairing":
        return cls(store, clock, await store.all())

    @property
    def devices(self) -> Collection[Device]:
        return self._devices.values()

    async def make_code(self) -> PairingCode:
        code = secrets.token_urlsafe(CODE_BYTES)
        now = self._clock.now()
        expires_at = now + CODE_LIFETIME
        await self._store.add_code(_hash(code), expires_at, now - CODE_IS_KNOWN_FOR)
        return PairingCode(code, expires_at)

    async def pair(self, code: str, name: str) -> tuple[Device, str]:
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
        device = await self._store.pair(code_hash, token_hash, name, now)
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
