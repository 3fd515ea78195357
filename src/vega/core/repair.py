"""Mends damaged blocks of the archive with what backups still have of their turns."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vega.core.store import Store
from vega.errors import DatabaseDamaged

log = logging.getLogger(__name__)

BROKEN = "a page of its block is broken; only restoring a whole backup mends that"
IN_NO_BACKUP = "no backup has it as it was stored"
OUTSIDE = "it was not in the archive; only restoring a whole backup brings it back"
#: Unused pages are cut off in pieces of a megabyte.
VACUUMED_PAGES = 256


@dataclass(frozen=True, slots=True)
class Repair:
    """What was mended: the backup that a turn was taken from, by turn; and why others were not."""

    mended: dict[int, str]
    unmended: dict[int, str]


async def mend(store: Store, backups: Sequence[Path]) -> Repair:
    """Each damaged block is written anew, with its turns from the newest backup that has them as
    they were stored. The backups come in their order, the newest first."""
    mended: dict[int, str] = {}
    unmended = dict.fromkeys(await store.repair.turns_in_no_block(), OUTSIDE)
    for block_id in await store.repair.damaged_blocks():
        found = await store.repair.salvage(block_id, backups)
        try:
            if found.backups:
                await store.archive.mend(block_id, found.originals)
        except DatabaseDamaged as exc:
            # Where the broken page says which other ones the block has, it cannot be replaced.
            log.error("Block %d of the archive stays as it is: %s", block_id, exc)
            unmended |= dict.fromkeys((*found.backups, *found.lost), BROKEN)
            continue
        right = [each for each in found.originals if each.id not in found.lost]
        settled = set(await store.repair.settle(right))
        for turn_id, name in found.backups.items():
            if turn_id in settled:
                mended[turn_id] = name
        unmended |= dict.fromkeys(found.lost, IN_NO_BACKUP)
        unmended |= {each.id: OUTSIDE for each in right if each.id not in settled}
        log.info("Block %d of the archive: %d turns mended.", block_id, len(found.backups))
    if mended:
        store.embedding.tell_queued()
        # A page that the disk damaged may be among those that are free now, and no copy of the
        # life could be made as long as it is there.
        try:
            while await store.upkeep.vacuum(VACUUMED_PAGES):
                pass
        except DatabaseDamaged as exc:
            log.error("Unused pages could not be cut off: %s", exc)
    return Repair(mended, unmended)


def shape(found: Repair) -> dict[str, Any]:
    """As it is shown."""
    return {
        "mended": [
            {"turn_id": turn_id, "backup": name} for turn_id, name in sorted(found.mended.items())
        ],
        "unmended": [
            {"turn_id": turn_id, "reason": reason}
            for turn_id, reason in sorted(found.unmended.items())
        ],
    }
