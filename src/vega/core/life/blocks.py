"""Turns in the archive's blocks, read and moved on a connection that the caller holds.

Synchronous steps for `vega.core.store` and its parts, as `vega.core.life.records` has them for
rows. A turn whose row names a block lives there; a block may hold others, that were
brought back since.
"""

from collections.abc import Sequence
from typing import Any

from vega.core.life.archive import ArchivedAnswer, ArchivedTurn, Block, OpenBlock, OpenBlocks
from vega.core.life.sqlite import Connection, translated_errors
from vega.core.memory import Summary, Tier
from vega.core.sql import queries
from vega.errors import BlockDamaged, DatabaseDamaged, TurnDamaged, TurnNotFound

#: By their checksums, so it does not matter whose they are.
_open_blocks = OpenBlocks()


def forget_open_blocks() -> None:
    """Let go of the blocks that were opened last."""
    _open_blocks.forget()


def open_block(
    connection: Connection, block_id: int, opened: OpenBlocks = _open_blocks
) -> OpenBlock:
    """`opened` are those that need not be read again. Raises BlockDamaged."""
    try:
        # A page of the block may fail its own checksum; all others can still be read.
        with translated_errors():
            checksum = connection.execute(queries["block_checksum"], (block_id,)).get
            if checksum is None:
                raise BlockDamaged
            return opened.open(
                bytes(checksum),
                lambda: bytes(connection.execute(queries["block_data"], (block_id,)).get),
            )
    except DatabaseDamaged as exc:
        raise BlockDamaged from exc


def read_block(connection: Connection, block_id: int) -> OpenBlock:
    """The block as the file has it, whatever was opened before. Raises BlockDamaged."""
    return open_block(connection, block_id, OpenBlocks())


def read_archived(connection: Connection, block_id: int, turn_id: int) -> ArchivedTurn:
    """The original of a turn that lives in a block. Raises TurnDamaged."""
    try:
        return open_block(connection, block_id).turn(turn_id)
    except BlockDamaged as exc:
        raise TurnDamaged(turn_id) from exc


def read_original(connection: Connection, turn_id: int) -> ArchivedTurn:
    """An ended turn with all its answers, wherever it lives. Raises TurnNotFound, TurnDamaged."""
    row = connection.execute(queries["turn_row"], (turn_id,)).fetchone()
    if row is None:
        raise TurnNotFound(turn_id)
    if row[11] is not None:
        return read_archived(connection, row[11], turn_id)
    answers = connection.execute(queries["answer_rows"], (turn_id,)).fetchall()
    return ArchivedTurn(
        id=row[0],
        link=row[1],
        at=row[2],
        zone=row[3],
        origin=row[4],
        device=row[5],
        prompt=row[6],
        status=row[7],
        salt=_hex(row[8]),
        hash=row[9].hex(),
        answers=tuple(_answer(connection, each) for each in answers),
    )


def _answer(connection: Connection, row: Sequence[Any]) -> ArchivedAnswer:
    return ArchivedAnswer(
        number=row[0],
        link=row[1],
        status=row[2],
        reason=row[3],
        generation=row[4],
        text=row[5],
        model=row[6],
        place=row[7],
        prompt_tokens=row[8],
        completion_tokens=row[9],
        began_at=row[10],
        ended_at=row[11],
        salt=_hex(row[12]),
        hash=row[13].hex(),
        sources=tuple(
            (turn_id, at) for turn_id, at in connection.execute(queries["sources"], (row[14],))
        ),
    )


def add_block(connection: Connection, block: Block) -> int:
    values = {
        "turn_count": len(block.turn_ids),
        "text_bytes": block.text_bytes,
        "checksum": block.checksum,
        "data": block.data,
    }
    return int(connection.execute(queries["add_block"], values).get)


def mend_block(connection: Connection, block_id: int, block: Block) -> None:
    """The block holds this from now on."""
    values = {
        "id": block_id,
        "turn_count": len(block.turn_ids),
        "text_bytes": block.text_bytes,
        "checksum": block.checksum,
        "data": block.data,
    }
    connection.execute(queries["mend_block"], values)


def check_block(connection: Connection, block_id: int) -> None:
    """Reads the block and every turn in it from the file. Raises BlockDamaged."""
    try:
        with translated_errors():
            checksum = connection.execute(queries["block_checksum"], (block_id,)).get
            data = connection.execute(queries["block_data"], (block_id,)).get
    except DatabaseDamaged as exc:
        raise BlockDamaged from exc
    if checksum is None:
        raise BlockDamaged
    OpenBlock(bytes(checksum), bytes(data)).turns()


def lives_in(connection: Connection, turn_id: int, block_id: int) -> bool:
    """Whether that block is where the turn lives: one that was brought back has a copy there."""
    values = {"turn_id": turn_id, "block_id": block_id}
    return bool(connection.execute(queries["turn_points_at"], values).get)


def is_as_packed(connection: Connection, original: ArchivedTurn) -> bool:
    """Whether the turn has ended, is still in full, and just as it was when it was packed."""
    row = connection.execute(queries["turn_row"], (original.id,)).fetchone()
    if row is None or row[10] != Tier.FULL or row[7] != original.status or not original.is_ended:
        return False
    if _hex(row[8]) != original.salt or (original.salt and _is_forgotten(connection, original.id)):
        # It was forgotten meanwhile, or is just being.
        return False
    numbers = [each[1] for each in connection.execute(queries["answer_rows"], (original.id,))]
    return numbers == [each.link for each in original.answers]


def compress_turn(
    connection: Connection, original: ArchivedTurn, block_id: int, summary: Summary
) -> int:
    """The turn's answers leave for the block that holds them: the bytes that its active text is
    smaller by."""
    connection.execute(queries["move_answer_links"], (original.id,))
    connection.execute(queries["drop_sources"], (original.id,))
    connection.execute(queries["drop_answers"], (original.id,))
    values = {
        "id": original.id,
        "block_id": block_id,
        "summary": summary.text,
        "summary_model": summary.model,
    }
    connection.execute(queries["compress_turn"], values)
    whole = original.text_bytes
    active = len(original.prompt.encode()) + len(summary.text.encode())
    count(connection, Tier.FULL, -1, -whole, -whole)
    count(connection, Tier.COMPRESSED, 1, whole, active)
    return whole - active


def archive_turns(connection: Connection, originals: Sequence[ArchivedTurn]) -> int:
    """What is left of these compressed turns leaves their rows: the bytes that this was. Those that
    are not compressed any more stay as they are."""
    rows: dict[int, Sequence[Any]] = {}
    for original in originals:
        row = connection.execute(queries["compressed_row"], (original.id,)).fetchone()
        # One that was forgotten meanwhile is taken the next time, as what is left of it.
        if row is not None and _hex(row[7]) == original.salt:
            rows[original.id] = row
    # All out, then all in: a row that is made smaller in its place leaves its page half empty for
    # ever, since SQLite joins pages when rows are deleted and not when they shrink.
    for turn_id in rows:
        connection.execute(queries["drop_turn"], (turn_id,))
    saved = 0
    for original in originals:
        if original.id not in rows:
            continue
        link, at, key, status, day, block_id, forgotten_at, _, active = rows[original.id]
        connection.execute(
            queries["add_archived_turn"],
            {
                "id": original.id,
                "link": link,
                "at": at,
                "idempotency_key": key,
                "status": status,
                "day": day,
                "block_id": block_id,
                "forgotten_at": forgotten_at,
            },
        )
        whole = original.text_bytes
        count(connection, Tier.COMPRESSED, -1, -whole, -active)
        count(connection, Tier.ARCHIVED, 1, whole, 0)
        saved += active
    return saved


def bring_back_turn(connection: Connection, turn_id: int) -> None:
    """The turn lives in its own rows again, as it did; one that does already stays as it is.

    Raises TurnNotFound, TurnDamaged.
    """
    row = connection.execute(queries["turn_row"], (turn_id,)).fetchone()
    if row is None:
        raise TurnNotFound(turn_id)
    tier = Tier(row[10])
    if tier is Tier.FULL:
        return
    original = read_archived(connection, row[11], turn_id)
    active = connection.execute(queries["active_bytes"], (turn_id,)).get or 0
    connection.execute(
        queries["bring_back_turn"],
        {
            "id": turn_id,
            "prompt": original.prompt,
            "zone": original.zone,
            "origin": original.origin,
            "device": original.device,
            "salt": _bytes(original.salt),
            "hash": bytes.fromhex(original.hash),
        },
    )
    for answer in original.answers:
        connection.execute(queries["drop_answer_link"], (answer.link,))
        values = {name: getattr(answer, name) for name in ArchivedAnswer.__slots__}
        values |= {"salt": _bytes(answer.salt), "hash": bytes.fromhex(answer.hash)}
        del values["sources"]
        answer_id = connection.execute(
            queries["bring_back_answer"], {**values, "turn_id": turn_id}
        ).get
        for source in answer.sources:
            connection.execute(queries["bring_back_source"], (answer_id, *source))
    whole = original.text_bytes
    count(connection, tier, -1, -whole, -active)
    count(connection, Tier.FULL, 1, whole, whole)


def count(connection: Connection, tier: Tier, turns: int, size: int, active: int) -> None:
    """So many turns and bytes come into the tier, or leave it."""
    values = {"tier": tier, "turns": turns, "bytes": size, "active_bytes": active}
    connection.execute(queries["count_move"], values)


def _is_forgotten(connection: Connection, turn_id: int) -> bool:
    return bool(connection.execute(queries["is_forgotten"], (turn_id,)).get)


def _hex(salt: bytes | None) -> str | None:
    return None if salt is None else salt.hex()


def _bytes(salt: str | None) -> bytes | None:
    return None if salt is None else bytes.fromhex(salt)
