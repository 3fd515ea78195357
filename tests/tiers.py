"""Turns put into the tier where a test wants them, and an archive that the disk has damaged."""

from collections.abc import Sequence

from tests.tiered_lives import move
from vega.core.life.blocks import forget_open_blocks
from vega.core.life.sqlite import Connection
from vega.core.memory import Tier
from vega.core.store import Store


async def put_into(store: Store, tier: Tier, turn_ids: Sequence[int]) -> None:
    """These ended turns, which are full, live in that tier from now on."""
    if tier is not Tier.FULL:
        await move(store, turn_ids, archived=turn_ids if tier is Tier.ARCHIVED else ())


async def damage_block(store: Store, turn_id: int) -> None:
    """The block that holds this turn is not what was stored."""

    def damage(connection: Connection) -> None:
        connection.execute(
            "UPDATE archive_blocks SET data = x'00'"
            "WHERE id = (SELECT block_id FROM turns WHERE id = ?)",
            (turn_id,),
        )

    await store._db.write(damage)
    forget_open_blocks()
