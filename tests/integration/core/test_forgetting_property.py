"""Whatever a life is like and whatever of it is forgotten: the rest is whole, and that is gone."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.clocks import SOME_MOMENT
from tests.forgetting_homes import Home, at_home
from tests.lives import completed, new_turn
from tests.tiers import put_into
from tests.traces import files_with, traces
from vega.core.conversation import Outcome, TurnStatus
from vega.core.memory import Tier

TURNS = 40
FORGETTINGS = 6


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with at_home(tmp_path) as opened:
        yield opened


def word_of(turn_id: int) -> str:
    """Each begins in its own way, so that the index's segments hold it whole."""
    return f"{chr(ord('a') + turn_id % 26)}{turn_id:02d}q{turn_id * 7919:06d}zx"


@pytest.mark.parametrize("seed", range(6))
async def test_any_life_is_whole_without_what_was_forgotten(home: Home, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(TURNS):
        await _say(home, chance)
    forgotten: set[int] = set()
    for _ in range(FORGETTINGS):
        await _move_some(home, chance, forgotten)
        kept = [each for each in range(1, TURNS + 1) if each not in forgotten]
        gone = set(chance.sample(kept, chance.randint(1, 4)))
        kept = [each for each in kept if each not in gone]
        before = await home.originals(kept)

        for turn_id in gone:
            target = {"turn_id": turn_id} if chance.random() < 0.5 else {"phrase": word_of(turn_id)}
            await home.forget(**target)

        forgotten |= gone
        assert await home.originals(kept) == before
        assert await home.flaws() == []
        for turn_id in forgotten:
            assert traces(home.path, word_of(turn_id)) == set()
            assert files_with(home.path, word_of(turn_id)[1:].encode()) == set()
    totals = await home.store.tier_totals()
    sizes = dict.fromkeys(Tier, 0)
    for original in await home.originals(range(1, TURNS + 1)):
        sizes[(await home.store.turn(original.id)).tier] += original.text_bytes
    assert {tier: total.bytes for tier, total in totals.items()} == sizes


async def _say(home: Home, chance: random.Random) -> None:
    turn_id = await home.store._db.read(
        lambda connection: connection.execute("SELECT coalesce(max(id), 0) + 1 FROM turns").get
    )
    word = word_of(int(turn_id))
    at = SOME_MOMENT + timedelta(hours=chance.randint(0, 400))
    filling = " ".join(chance.choices(("some", "words\n", "of", '"mine"', "ä"), k=80))
    prompt = f"{word} {filling[: chance.randint(0, 200)]}" if chance.random() < 0.8 else "Hello"
    turn, _ = await home.store.accept_turn(new_turn(prompt, at=at))
    text = f"{filling * chance.choice((0, 1, 30))} {word}"
    status = chance.choice((TurnStatus.COMPLETED, TurnStatus.STOPPED, TurnStatus.FAILED))
    outcome = Outcome(status, text, reason=f"why {word}" if chance.random() < 0.3 else None)
    await home.store.end_turn(turn.id, outcome, (), at)


async def _move_some(home: Home, chance: random.Random, forgotten: set[int]) -> None:
    """Some into other tiers, some back from there; of what was forgotten too."""
    turns = [await home.store.turn(each) for each in range(1, TURNS + 1)]
    full = [turn.id for turn in turns if turn.tier is Tier.FULL]
    compressed = [turn.id for turn in turns if turn.tier is Tier.COMPRESSED]
    await put_into(
        home.store,
        chance.choice((Tier.COMPRESSED, Tier.ARCHIVED)),
        chance.sample(full, min(len(full), 12)),
    )
    originals = await home.originals(chance.sample(compressed, min(len(compressed), 4)))
    await home.store.archive.archive(originals)
    away = [turn.id for turn in turns if turn.tier is not Tier.FULL and turn.id not in forgotten]
    for turn_id in chance.sample(away, min(len(away), 2)):
        await home.store.ask_again(turn_id)
        again = completed(f"again {word_of(turn_id)}")
        await home.store.end_turn(turn_id, again, (), SOME_MOMENT)
    if chance.random() < 0.5:
        for group in await home.store.archive.small_blocks():
            await home.store.archive.merge(group)
