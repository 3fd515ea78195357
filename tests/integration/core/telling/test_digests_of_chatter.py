"""Commands of a home, titles asked by other pages and chatter of tools do not drown a day."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.clocks import SOME_MOMENT
from tests.lives import Life, completed, living, new_turn, only_model
from tests.tiers import put_into
from vega.core.memory import DigestKind, Tier
from vega.core.telling.digests import DigestWriter


async def said(life: Life, prompt: str, minute: int, origin: str) -> int:
    at = SOME_MOMENT + timedelta(minutes=minute)
    turn, _ = await life.store.accept_turn(replace(new_turn(prompt, at=at), origin=origin))
    await life.store.end_turn(turn.id, completed("Done."), (), at)
    return turn.id


async def digest(life: Life, home: Path) -> str:
    life.clock.advance(days=1)
    models = only_model(life.model, home)
    await DigestWriter(life.store, models, life.live_turns, life.clock).write_due()
    day = SOME_MOMENT.date()
    (found,) = await life.store.digests.find([DigestKind.DAY], day, day, 1)
    return found.text


@pytest.mark.parametrize("tier", list(Tier))
async def test_a_day_is_told_by_what_its_owner_said(tmp_path: Path, tier: Tier) -> None:
    async with living(tmp_path) as life:
        ids = [await said(life, f"Switch on lamp {number}", number, "home") for number in range(60)]
        ids.append(await said(life, "My sister Ana has moved to Graz.", 70, "page"))
        ids.append(await said(life, "A title for the talk about Graz", 71, "title"))
        await put_into(life.store, tier, ids)

        text = await digest(life, tmp_path)

        assert "My sister Ana has moved to Graz." in text
        assert "lamp" not in text
        assert "title" not in text


async def test_of_a_day_of_nothing_else_it_is_told(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await said(life, "Switch on the lamp in the garden", 1, "home")

        assert "lamp in the garden" in await digest(life, tmp_path)
