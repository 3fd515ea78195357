"""Paired browsers and one-time codes, as the store keeps them: hashes alone, no secret.

A part of the store, on its connections. What is good, and for how long, `vega.core.pairing` knows.
"""

from dataclasses import dataclass
from datetime import date, datetime

from vega.core.clock import day_number, day_of_number
from vega.core.life import records
from vega.core.life.revoked_file import RevokedFile
from vega.core.life.sqlite import Connection, SQLite
from vega.core.sql import queries
from vega.errors import DeviceNotFound


@dataclass(frozen=True, slots=True)
class Device:
    """A paired browser."""

    id: int
    name: str
    created_at: datetime
    #: computer, phone, tablet; None where its browser does not say.
    kind: str | None = None
    #: By the owner's calendar; None: not since it was paired.
    last_seen_on: date | None = None


@dataclass(frozen=True, slots=True)
class StoredCode:
    """What is known of a one-time code."""

    expires_at: datetime
    is_used: bool


class DeviceStore:
    """The devices and codes of one life."""

    def __init__(self, database: SQLite, revoked: RevokedFile) -> None:
        self._db = database
        self._revoked = revoked

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

    async def good_codes(self, now: datetime) -> dict[bytes, datetime]:
        """Codes that pair a browser, and until when they do."""

        def find(connection: Connection) -> dict[bytes, datetime]:
            rows = connection.execute(queries["good_pairing_codes"], (records.micros(now),))
            return {row[0]: records.moment(row[1]) for row in rows}

        return await self._db.read(find)

    async def pair(
        self, code_hash: bytes, device_hash: bytes, name: str, kind: str | None, now: datetime
    ) -> Device | None:
        """The device that this code makes, once; None where the code was used before."""
        at = records.micros(now)

        def pair(connection: Connection) -> Device | None:
            connection.execute(queries["use_pairing_code"], {"hash": code_hash, "now": at})
            if connection.changes() != 1:
                return None
            values = {"hash": device_hash, "name": name, "created_at": at, "kind": kind}
            device_id = connection.execute(queries["add_device"], values).get
            return Device(int(device_id), name, now, kind)

        return await self._db.write(pair)

    async def all(self) -> dict[bytes, Device]:
        """Every paired device by its hash, in the order in which they were paired."""

        def find(connection: Connection) -> dict[bytes, Device]:
            rows = connection.execute(queries["devices"])
            return {row[0]: _device(row) for row in rows}

        revoked = self._revoked.load()
        # A backup may have come back that knows nothing of it.
        found = await self._db.read(find)
        return {code: device for code, device in found.items() if code not in revoked}

    async def rename(self, device_id: int, name: str) -> None:
        """Raises DeviceNotFound."""

        def rename(connection: Connection) -> None:
            connection.execute(queries["rename_device"], {"id": device_id, "name": name})
            if connection.changes() != 1:
                raise DeviceNotFound

        await self._db.write(rename)

    async def note_visit(self, device_id: int, day: date) -> None:
        """It came on that day."""
        values = {"id": device_id, "day": day_number(day)}

        def note(connection: Connection) -> None:
            connection.execute(queries["see_device"], values)

        await self._db.write(note)

    async def drop(self, device_id: int) -> None:
        """Raises DeviceNotFound."""

        def drop(connection: Connection) -> bytes:
            code: bytes | None = connection.execute(queries["drop_device"], (device_id,)).get
            if code is None:
                raise DeviceNotFound
            return code

        self._revoked.add(await self._db.write(drop))


def _device(row: tuple[bytes, int, str, int, str | None, int | None]) -> Device:
    _, number, name, created_at, kind, seen_day = row
    seen_on = None if seen_day is None else day_of_number(seen_day)
    return Device(number, name, records.moment(created_at), kind, seen_on)
