"""The keys as the store keeps them: hashes alone, no secret.

A part of the store, on its connections. What a key opens, and which of them hold, `vega.core.keys`
knows.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from vega.core.clock import day_number, day_of_number
from vega.core.life import records
from vega.core.life.revoked_file import RevokedFile
from vega.core.life.sqlite import Connection, SQLite
from vega.core.sql import queries
from vega.errors import KeyNotFound, LastKey, NameTaken


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key: not the key itself."""

    id: int
    name: str
    created_at: datetime
    #: By the owner's calendar; None: never.
    last_used_on: date | None = None
    #: None while it is good.
    revoked_at: datetime | None = None


class KeyStore:
    """The keys of one life."""

    def __init__(self, database: SQLite, revoked: RevokedFile) -> None:
        self._db = database
        self._revoked = revoked

    async def all(self) -> dict[bytes, Key]:
        """Every key by its hash, also those that were revoked, in the order of their making."""

        def find(connection: Connection) -> dict[bytes, Key]:
            return {row[1]: _key(row) for row in connection.execute(queries["keys"])}

        revoked = self._revoked.load()
        # A backup may have come back that knows nothing of it.
        return {
            code: replace(key, revoked_at=key.revoked_at or key.created_at)
            if code in revoked
            else key
            for code, key in (await self._db.read(find)).items()
        }

    async def add(self, name: str, key_hash: bytes, now: datetime) -> Key:
        """A further key. Raises NameTaken."""

        def add(connection: Connection) -> Key:
            _require_free(connection, name)
            return Key(_add(connection, name, key_hash, now), name, now)

        return await self._db.write(add)

    async def replace(self, name: str, key_hash: bytes, now: datetime) -> None:
        """The key by that name, from now on; an earlier one by that name is no key any more. One
        that is known already stays what it is, also revoked."""

        def replace(connection: Connection) -> None:
            connection.execute(queries["drop_other_keys"], {"name": name, "hash": key_hash})
            _add(connection, name, key_hash, now)

        await self._db.write(replace)

    async def rename(self, key_id: int, name: str) -> None:
        """Raises KeyNotFound, NameTaken."""

        def rename(connection: Connection) -> None:
            _require_free(connection, name, key_id)
            connection.execute(queries["rename_key"], {"id": key_id, "name": name})
            if connection.changes() != 1:
                raise KeyNotFound

        await self._db.write(rename)

    async def revoke(self, key_id: int, now: datetime, *, may_be_last: bool) -> None:
        """It is no key any more. Raises KeyNotFound, LastKey."""
        at = records.micros(now)

        def revoke(connection: Connection) -> bytes:
            others = connection.execute(queries["other_keys"], (key_id,)).get
            code: bytes | None = connection.execute(
                queries["revoke_key"], {"id": key_id, "now": at}
            ).get
            if code is None:
                raise KeyNotFound
            if not others and not may_be_last:
                raise LastKey
            return code

        self._revoked.add(await self._db.write(revoke))

    async def note_use(self, key_id: int, day: date) -> None:
        """It was used on that day."""
        values = {"id": key_id, "day": day_number(day)}

        def note(connection: Connection) -> None:
            connection.execute(queries["use_key"], values)

        await self._db.write(note)


def _add(connection: Connection, name: str, key_hash: bytes, now: datetime) -> int:
    values = {"hash": key_hash, "name": name, "created_at": records.micros(now)}
    return int(connection.execute(queries["add_key"], values).get)


def _require_free(connection: Connection, name: str, key_id: int = 0) -> None:
    values = {"name": name, "id": key_id}
    if connection.execute(queries["key_name_is_taken"], values).get:
        raise NameTaken


def _key(row: tuple[int, bytes, str, int, int | None, int | None]) -> Key:
    number, _, name, created_at, used_day, revoked_at = row
    return Key(
        number,
        name,
        records.moment(created_at),
        None if used_day is None else day_of_number(used_day),
        None if revoked_at is None else records.moment(revoked_at),
    )
