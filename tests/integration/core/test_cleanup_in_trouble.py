"""Cleanups beside whatever else goes on, and with models that are no help: nothing is lost."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.acceptance.life_file import assert_sound, read_life
from tests.cleanups import ANSWER, KEPT, Home, assert_unchanged
from tests.clocks import FakeClock
from tests.lives import completed, new_turn, until
from tests.models import HangingModel, ParrotModel, SpeakingModel
from vega.core import cleanup
from vega.core.backup.backup import Backup
from vega.core.backup.backups import Backups
from vega.core.cleanup import MOST_FAILURES, TURNS_AT_ONCE
from vega.core.conversation import Turn
from vega.core.importing import Line
from vega.core.life.sqlite import Connection
from vega.core.live_turns import LiveTurns
from vega.core.memory import CleanupKind, Tier
from vega.core.store import Store
from vega.llm.base import Ending
from vega.llm.scripted import ScriptedModel

ASKED = "Tell me thing 3 about the moon."
SHORT = "The Moon orbits the Earth at 384,400 km."


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (HangingModel(is_able=True, can_continue=False), "timeout"),
        (HangingModel("The Moon", is_able=True, can_continue=False), "timeout"),
        (SpeakingModel(Ending("stop"), is_able=True, can_continue=False), "empty"),
        (ParrotModel(is_able=True, can_continue=False), "too long"),
        (
            SpeakingModel(ASKED, Ending("stop"), is_able=True, can_continue=False),
            "repeats the prompt",
        ),
    ],
    ids=["hangs", "hangs in the middle", "nothing", "the instructions", "the prompt"],
)
async def test_where_a_model_fails_the_full_text_stays_and_the_next_pass_does_without_it(
    store: Store, tmp_path: Path, model: ScriptedModel, reason: str
) -> None:
    life = Home(store, FakeClock(), tmp_path, model, timeout_seconds=0.05)
    same = [await _say_thing_3(life) for _ in range(9)]
    await life.say(3 + KEPT)
    oldest = [each.id for each in (await store.history(100))[::-1]][: 3 + 9]

    first = await life.cleaner.run(CleanupKind.BACKLOG)
    stayed = [id_ for id_ in oldest if (await store.turn(id_)).tier is Tier.FULL]
    calls = len(model.calls)
    second = await life.cleaner.run(CleanupKind.BACKLOG)

    assert len(stayed) >= MOST_FAILURES
    assert first.compressed == len(oldest) - len(stayed)
    assert life.summarizer.failures == {reason: len(stayed)}
    assert second.compressed == len(stayed)
    assert len(model.calls) == calls
    assert await life.tiers() == [KEPT, len(oldest), 0]
    await assert_unchanged(store, same)


async def _say_thing_3(life: Home) -> Turn:
    life.clock.advance(minutes=1)
    new = new_turn(ASKED, at=life.clock.now())
    turn, _ = await life.store.accept_turn(new)
    return await life.store.end_turn(turn.id, completed(ANSWER), (), life.clock.now())


async def test_after_some_failures_in_a_row_a_model_is_not_asked_in_that_pass(
    store: Store, tmp_path: Path
) -> None:
    model = SpeakingModel(Ending("stop"), is_able=True, can_continue=False)
    life = Home(store, FakeClock(), tmp_path, model)
    await life.say(20)

    done = await life.cleaner.run(CleanupKind.BACKLOG)

    assert len(model.calls) == MOST_FAILURES
    assert done.compressed == 20 - KEPT - MOST_FAILURES


async def test_a_model_does_not_hold_up_a_pass_for_ever(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = SpeakingModel(SHORT, Ending("stop"), is_able=True, can_continue=False)
    life = Home(store, FakeClock(), tmp_path, model)
    await life.say(KEPT + 9)
    monkeypatch.setattr(cleanup, "MODEL_SECONDS", 0.0)

    done = await life.cleaner.run(CleanupKind.BACKLOG)

    assert model.calls == []
    assert done.compressed == 9


async def test_which_turns_a_model_failed_at_is_remembered_within_bounds(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleanup, "REMEMBERED_FAILURES", 1)
    model = SpeakingModel(Ending("stop"), is_able=True, can_continue=False)
    life = Home(store, FakeClock(), tmp_path, model)
    await life.say(20)

    await life.cleaner.run(CleanupKind.BACKLOG)
    await life.cleaner.run(CleanupKind.BACKLOG)

    assert len(life.cleaner._failed) == 1
    assert len(model.calls) == 2 * MOST_FAILURES
    assert await life.tiers() == [KEPT + MOST_FAILURES, 20 - KEPT - MOST_FAILURES, 0]


async def test_a_model_that_is_able_writes_the_summaries(store: Store, tmp_path: Path) -> None:
    model = SpeakingModel(SHORT, Ending("stop"), is_able=True, can_continue=False)
    life = Home(store, FakeClock(), tmp_path, model)
    said = await life.say(KEPT + 2)

    await life.cleaner.run(CleanupKind.BACKLOG)

    shown = await store.turn(said[0].id)
    assert shown.summary == SHORT
    await assert_unchanged(store, said)


async def test_a_model_that_keeps_the_conversation_in_its_cache_is_asked_at_night_alone(
    store: Store, tmp_path: Path
) -> None:
    model = SpeakingModel(SHORT, Ending("stop"), is_able=True)
    life = Home(store, FakeClock(), tmp_path, model)
    said = await life.say(KEPT + 1)
    await life.cleaner.run(CleanupKind.BACKLOG)
    by_day = len(model.calls)
    said += await life.say(1)
    life.clock.advance(hours=2)
    await life.cleaner.run(CleanupKind.NIGHTLY)

    assert (by_day, len(model.calls)) == (0, 1)
    assert (await store.turn(said[0].id)).summary != SHORT
    assert (await store.turn(said[1].id)).summary == SHORT


async def test_a_live_turn_waits_for_no_more_than_the_step_that_is_being_done(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleanup, "PATIENCE_SECONDS", 60.0)
    monkeypatch.setattr(cleanup, "TURNS_AT_ONCE", 8)
    life = Home(store, FakeClock(), tmp_path)
    said = await life.say(200)
    running = asyncio.create_task(life.cleaner.run(CleanupKind.BACKLOG))
    while (await life.tiers())[1] == 0:
        await asyncio.sleep(0)
    new, _ = await store.accept_turn(new_turn("Are you there?", at=life.clock.now()))
    life.live_turns.add(new)
    before = (await life.tiers())[1]
    await asyncio.sleep(0.3)
    meanwhile = (await life.tiers())[1]
    is_running = not running.done()
    ended = await store.end_turn(new.id, completed("Yes."), (), life.clock.now())
    life.live_turns.end(ended)
    done = await running

    assert is_running
    assert meanwhile - before <= 8
    assert meanwhile < 195
    assert done.compressed == 196
    await assert_unchanged(store, said)


async def test_a_life_that_never_rests_is_cleaned_all_the_same(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleanup, "PATIENCE_SECONDS", 0.01)
    life = Home(store, FakeClock(), tmp_path)
    said = await life.say(3 * TURNS_AT_ONCE)
    new, _ = await store.accept_turn(new_turn("Are you there?", at=life.clock.now()))
    life.live_turns.add(new)

    done = await life.cleaner.run(CleanupKind.BACKLOG)

    assert done.compressed == len(said) + 1 - KEPT
    await assert_unchanged(store, said)


async def test_a_turn_that_changes_while_it_is_summarized_stays_in_full_with_its_batch(
    store: Store, tmp_path: Path
) -> None:
    life = Home(store, FakeClock(), tmp_path)
    said = await life.say(10)
    calls = 0

    class AskedWhilePacked(LiveTurns):
        async def wait_until_idle(self, timeout_seconds: float) -> bool:
            nonlocal calls
            calls += 1
            if calls == 2:
                await store.ask_again(said[0].id)
                await store.end_turn(said[0].id, completed("Another."), (), life.clock.now())
            return True

    cleaner = life.cleaner_beside(AskedWhilePacked(store))
    first = await cleaner.run(CleanupKind.BACKLOG)
    second = await cleaner.run(CleanupKind.BACKLOG)

    assert (first.compressed, second.compressed) == (0, 5)
    assert (await store.turn(said[0].id)).response == "Another."
    await assert_unchanged(store, said[1:])


async def test_an_import_and_a_backup_while_cleanups_go_on_and_nothing_is_lost(
    store: Store, tmp_path: Path
) -> None:
    life = Home(store, FakeClock(), tmp_path)
    backups = Backups(tmp_path, life.clock, "1.0")
    said = await life.say(150, minutes_apart=30)
    is_over = False

    async def clean() -> int:
        moved = 0
        while not is_over:
            for kind in (CleanupKind.BACKLOG, CleanupKind.AGGRESSIVE, CleanupKind.NIGHTLY):
                done = await life.cleaner.run(kind)
                moved += done.compressed + done.archived
        return moved

    async def bring() -> None:
        for first in range(0, 200, 20):
            begun = life.clock.now() - timedelta(days=1000) + timedelta(minutes=first)
            lines = [
                {
                    "external_id": f"{first}.{number}",
                    "role": "assistant" if number % 2 else "user",
                    "text": f"{first}.{number}: {ANSWER}",
                    "at": (begun + timedelta(seconds=number)).isoformat(),
                }
                for number in range(20)
            ]
            taken = [Line(n, json.dumps(line).encode()) for n, line in enumerate(lines, 1)]
            report = await store.imports.take(taken, life.clock)
            assert report.imported == 20

    cleaning = asyncio.create_task(clean())
    made: list[Backup] = []
    for _ in range(3):
        backing = asyncio.create_task(backups.create())
        life.clock.advance(seconds=1)
        await bring() if not made else await life.say(3)
        made.append(await backing)
    is_over = True
    moved = await cleaning
    await life.cleaner.run(CleanupKind.NIGHTLY)
    history = await store.history(1000)
    for backup in made:
        await backups.verify(backup.name)
    await store.close()

    assert moved > 200
    assert len(history) == 150 + 100 + 6
    imported = [turn for turn in history if turn.origin == "import"]
    assert [(turn.prompt, turn.response) for turn in imported[::-1]] == [
        (f"{first}.{number}: {ANSWER}", f"{first}.{number + 1}: {ANSWER}")
        for first in range(0, 200, 20)
        for number in range(0, 20, 2)
    ]
    by_id = {turn.id: turn for turn in history}
    assert [by_id[turn.id].response for turn in said] == [turn.response for turn in said]
    with read_life(tmp_path) as file:
        assert_sound(file, tmp_path)


def _garble_checksums(connection: Connection) -> None:
    connection.execute("UPDATE archive_blocks SET checksum = x'00'")


async def test_a_block_that_is_damaged_keeps_no_other_turn_from_being_moved(
    store: Store, tmp_path: Path
) -> None:
    life = Home(store, FakeClock(), tmp_path)
    damaged = await life.say(KEPT + 4)
    await life.cleaner.run(CleanupKind.BACKLOG)
    await store._db.write(_garble_checksums)
    said = await life.say(20)
    await life.cleaner.run(CleanupKind.BACKLOG)
    life.clock.advance(days=8)
    done = await life.cleaner.run(CleanupKind.NIGHTLY)
    again = await life.cleaner.run(CleanupKind.NIGHTLY)

    assert done.archived == 20
    assert not again.did_anything
    assert await life.tiers() == [KEPT, 4, 20]
    await assert_unchanged(store, [*damaged[4:], *said])


async def test_nobody_waits_for_a_cleanup_that_is_broken_off(store: Store, tmp_path: Path) -> None:
    life = Home(store, FakeClock(), tmp_path)
    await life.say(100)
    running = asyncio.create_task(life.cleaner.run(CleanupKind.BACKLOG))
    await until(lambda: life.cleaner.running is not None)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert life.cleaner.running is None
