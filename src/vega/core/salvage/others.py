"""What a life has beside its turns, written into a new one: facts, keys, devices and the rest.

What was taken back since a backup was made must not come back with it: keys and devices that were
revoked, facts and turns that were forgotten, digests that told of these. The files beside the life
know; what may tell of the forgotten in its own words is not taken at all.
"""

from collections.abc import Collection, Iterable, Mapping

from vega.core.db import new_session_id
from vega.core.life.sqlite import Connection
from vega.core.salvage.btree import Value
from vega.core.salvage.copies import Copy
from vega.core.salvage.pieces import Pieces
from vega.core.salvage.rebuild import put
from vega.core.salvage.schema import Table
from vega.core.sql import queries

#: Made of the turns, written with them, or begun anew; and codes that are good for an hour.
_ELSEWHERE = frozenset(
    {
        *("sessions", "turns", "answers", "sources", "archive_blocks", "archived_answers"),
        *("archive_totals", "tier_totals", "days", "chain_head", "schema_migrations"),
        *("verifications", "flaws", "index_rebuilds", "unembedded", "context_window"),
        *("pairing_codes", "rewritings_due"),
    }
)
#: What backups may fill.
_FROM_BACKUPS = ("closed_turns", "imports", "facts", "sayings", "keys", "devices")
#: What may tell of a turn that was forgotten, without its number.
_TELLING = ("digests", "preambles", "contexts")
#: What its owner should hear of, where some of it may be gone.
_WORTH_TELLING: Mapping[str, str] = {
    "devices": "Some browsers may have to be paired again: `vega open`.",
    "keys": "Some keys may be gone; the one in the key file holds.",
    "facts": "Facts are read again from the turns, in the background.",
    "digests": "Digests that are gone are written anew, at night.",
}


def write_others(
    connection: Connection,
    pieces: Pieces,
    tables: Mapping[str, Table],
    copies: Iterable[Copy],
    *,
    revoked: Collection[bytes],
    is_whole: bool,
) -> list[str]:
    """What the owner must be told of it. `revoked` are hashes of keys and devices; `is_whole`: no
    end of the life is missing."""
    contents = pieces.contents
    notes = []
    copies = [copy for copy in copies if copy.is_of_this_life]
    is_ledger_ahead = _is_ledger_ahead(pieces)
    _write_session(connection, pieces, tables, copies)
    for name, table in tables.items():
        if name in _ELSEWHERE or (name in _TELLING and is_ledger_ahead):
            continue
        for row in contents.of(name).values():
            fields = dict(zip(table.names, row, strict=True))
            if not _is_taken_back(name, fields, pieces, revoked):
                put(connection, name, fields)
        if is_whole and name in contents.whole:
            continue
        if name in _FROM_BACKUPS:
            _take_from(copies, connection, pieces, table, revoked)
        if name in _WORTH_TELLING:
            notes.append(_WORTH_TELLING[name])
        if name == "facts":
            connection.execute(queries["begin_fact_redraw"])
    for turn_id in sorted(pieces.closed):
        put(connection, "closed_turns", {"turn_id": turn_id})
    return notes


def _write_session(
    connection: Connection,
    pieces: Pieces,
    tables: Mapping[str, Table],
    copies: Iterable[Copy],
) -> None:
    table = tables["sessions"]
    rows = [
        dict(zip(table.names, row, strict=True)) for row in pieces.contents.of(table.name).values()
    ]
    found: list[Mapping[str, Value]] = [row for row in rows if row["is_permanent"]]
    for copy in copies:
        found += [
            row for row in copy.rows("sessions", dict.fromkeys(table.names)) if row["is_permanent"]
        ]
    if found:
        put(connection, "sessions", found[0])
    else:
        connection.execute(queries["add_permanent_session"], (new_session_id(), 0))
    for row in rows:
        if not row["is_permanent"]:
            put(connection, "sessions", row)


def _take_from(
    copies: Iterable[Copy],
    connection: Connection,
    pieces: Pieces,
    table: Table,
    revoked: Collection[bytes],
) -> None:
    for copy in copies:
        for fields in copy.rows(table.name, dict.fromkeys(table.names)):
            turn_id = fields.get("turn_id")
            if table.name in ("facts", "sayings") and turn_id in pieces.closed:
                continue
            if not _is_taken_back(table.name, fields, pieces, revoked):
                put(connection, table.name, fields)


def _is_taken_back(
    table: str, fields: Mapping[str, Value], pieces: Pieces, revoked: Collection[bytes]
) -> bool:
    if table in ("keys", "devices"):
        return fields["hash"] in revoked and not fields.get("revoked_at")
    return _speaks_of_forgotten(table, fields, pieces)


def _speaks_of_forgotten(table: str, fields: Mapping[str, Value], pieces: Pieces) -> bool:
    """Whether the row holds something that was said in a turn that was forgotten since."""
    if table not in ("facts", "sayings", "contexts"):
        return False
    ids = (fields.get("turn_id"), fields.get("said_again_in"))
    return any(isinstance(each, int) and _is_forgotten(each, pieces) for each in ids)


def _is_forgotten(turn_id: int, pieces: Pieces) -> bool:
    row, prompt = pieces.fields(turn_id), pieces.prompts.get(turn_id)
    link = row["link"] if row else prompt.link if prompt else 0
    return pieces.forgotten_at(turn_id, link) is not None


def _is_ledger_ahead(pieces: Pieces) -> bool:
    """Whether something was forgotten of which the damaged file does not know."""
    for turn_id, link in pieces.ledger.turns:
        row = pieces.fields(turn_id)
        if row is None or (row["link"] == link and row["forgotten_at"] is None):
            return True
    return not pieces.ledger.closed <= pieces.closed_in_file
