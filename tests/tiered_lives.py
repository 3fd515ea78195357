"""Lives whose turns are spread over the tiers, made without waiting for a cleanup."""

import random
from collections.abc import Sequence
from datetime import timedelta

from tests.clocks import SOME_MOMENT
from tests.lives import completed, new_turn, tell
from vega.core.conversation import Outcome, TurnStatus
from vega.core.life.archive import pack
from vega.core.memory import Summary
from vega.core.store import Store

#: Of the turns that `tell_tiers` makes.
ARCHIVED = range(1, 13)
COMPRESSED = range(13, 19)
FULL = range(19, 25)
TURNS = len(FULL) + len(COMPRESSED) + len(ARCHIVED)
BLOCK_TURNS = 6
NOISE_BYTES = 1_500


async def tell_tiers(store: Store) -> None:
    """Turns in all tiers, in blocks of six; turn 3 was asked again, turn 4 failed, turn 5 was
    stopped, turns 6 and 7 waited at the same time, turn 8 rests on turn 1."""
    for number in range(1, TURNS + 1):
        at = SOME_MOMENT + timedelta(minutes=number)
        if number == 7:
            continue
        if number == 6:
            first, _ = await store.accept_turn(new_turn("The sixth", at=at))
            second, _ = await store.accept_turn(new_turn("The seventh, Ä€𝄞", at=at))
            for turn in (first, second):
                await store.end_turn(turn.id, completed(f"to {turn.id}"), (), at)
            continue
        if number in (4, 5):
            turn, _ = await store.accept_turn(new_turn(f"prompt {number}", at=at))
            status = TurnStatus.FAILED if number == 4 else TurnStatus.STOPPED
            outcome = Outcome(status, "half" if number == 5 else "", reason="It broke.")
            await store.end_turn(turn.id, outcome, (), at)
            continue
        # Of a kind that does not compress, so that a block fills pages of its own.
        noise = random.Random(number).randbytes(NOISE_BYTES).hex()
        await tell(store, f"prompt {number} " * 5, f"answer {number} {noise}", at=at)
    turn = await store.ask_again(3)
    later = SOME_MOMENT + timedelta(hours=1)
    await store.end_turn(turn.id, completed("another answer", sources=(1,)), (), later)
    await move(store, [*ARCHIVED, *COMPRESSED], archived=ARCHIVED)


async def move(store: Store, turn_ids: Sequence[int], *, archived: Sequence[int] = ()) -> None:
    """These turns are compressed, some of them archived."""
    for start in range(0, len(turn_ids), BLOCK_TURNS):
        originals = await store.archive.originals(turn_ids[start : start + BLOCK_TURNS])
        summaries = {each.id: Summary(f"in short {each.id}", None) for each in originals}
        await store.archive.compress(originals, pack(originals), summaries)
        await store.archive.archive([each for each in originals if each.id in archived])
