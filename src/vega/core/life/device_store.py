"""Paired browsers and one-time codes, as the store keeps them: hashes alone, no secret.

A part of the store, on its connections. What is good, and for how long, `vega.core.pairing` knows.
"""

from dataclasses import dataclass
from datetime import datetime

from vega.core.life import records
from vega.core.life.sqlite import Connection, SQLite
from vega.core.sql import queries
from vega.errors import DeviceNotFound


@dataclass(frozen=True, slots=True)
class Device:
    """A paired browser."""

    id: int
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredCode:
    """What is known of a one-time code."""

    expires_at: datetime
    is_used: bool


class DeviceStore:
    """The devices and codes of one life."""

    def __init__(self, database: SQLite) -> None:
        self._db = database

    async def add_code(self, code_hash: bytes, expires_at: datetime, forget: datetime) -> None:
        """A code that is good until it expires. Those that expired before `forget` are dropped."""
        values = {"hash": code_hash, "expires_at": records.micros(expires_at)}

        def add(connection: Connection) -> None:
            connection.execute(queries["drop_old_pairing_codes"], (records.micros(forget),))
            connection.execute(queries["add_pairing_code"], values)

        await self._db.write(add)

    async def find_code(self, code_hash: bytes) -> StoredCode | None:
        def find(connection: Connection) -> StoredCode | None:
            row = connection.execute(queries["pairing_code"], (code_hash,)).fetchone()
            return StoredCode(records.moment(row[0]), bool(row[1])) if row else None

        return await self._db.read(find)

    async def pair(
        self, code_hash: bytes, device_hash: bytes, name: str, now: datetime
    ) -> Device | None:
        """The device that this code makes, once; None where the code was used before."""
        at = records.micros(now)

        def pair(connection: Connection) -> Device | None:
            connection.execute(queries["use_pairing_code"], {"hash": code_hash, "now": at})
            if connection.changes() != 1:
                return None
            values = {"hash": device_hash, "name": name, "created_at": at}
            device_id = connection.execute(queries["add_device"], values).get
            return Device(int(device_id), name, now)

        return await self._db.write(pair)

    async def all(self) -> dict[bytes, Device]:
        """Every paired device by its hash, in the order in which they were paired."""

        def find(connection: Connection) -> dict[bytes, Device]:
            rows = connection.execute(queries["devices"])
            return {row[0]: Device(row[1], row[2], records.moment(row[3])) for row in rows}

        return await self._db.read(find)

    async def drop(self, device_id: int) -> None:
        """Raises DeviceNotFound."""

        def drop(connection: Connection) -> None:
            connection.execute(queries["drop_device"], (device_id,))
            if connection.changes() != 1:
                raise DeviceNotFound

        await self._db.write(drop)
