"""What a phrase or a fact names, wherever it was said; and only what was shown goes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.clocks import SOME_MOMENT
from tests.forgetting_homes import (
    TODAY,
    WORD,
    Home,
    at_home,
    tell_others,
    tell_secret,
)
from tests.lives import new_turn, set_room, tell
from tests.tiers import damage_block, put_into
from tests.traces import traces
from vega.core.life.forget_plan import ForgetTarget
from vega.core.memory import DigestKind, FactKind, Statement, Tier
from vega.core.telling.periods import Due, period_of
from vega.errors import (
    AnswerRunning,
    FactNotFound,
    ForgettingChanged,
    InvalidInput,
    StorageFull,
    TurnDamaged,
    TurnNotEnded,
    TurnNotFound,
)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with at_home(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(
    ("prompt", "answer", "phrase"),
    [
        (f"a {WORD} b", "yes", WORD),
        ("no", f"(it is {WORD}!)", WORD.upper()),
        ("the blue\n  door", "yes", "Blue door"),
        ('she said "open\\sesame"', "yes", '"open\\sesame"'),
        ("Straße 4711", "yes", "STRASSE 47"),
        ("secretly47114711", "yes", "4711"),
        ("我的密码是四七一一", "好", "密码是"),
        ("the of and", "yes", "of and"),
        ("🦜🦜", "yes", "🦜"),
        ('"""', "yes", '"'),
    ],
)
async def test_a_phrase_is_found_word_for_word_in_every_tier(
    home: Home, prompt: str, answer: str, phrase: str
) -> None:
    told = [(await tell(home.store, prompt, answer)).id for _ in range(3)]
    others = await tell_others(home.store)
    await put_into(home.store, Tier.COMPRESSED, [told[1], others[0]])
    await put_into(home.store, Tier.ARCHIVED, [told[2], others[1]])

    assert (await home.plan(phrase=phrase)).turn_ids == tuple(told)
    await home.forget(phrase=phrase)

    assert (await home.plan(phrase=phrase)).turn_ids == ()
    assert [(await home.store.turn(each)).forgotten_at is None for each in others] == [True] * 8
    assert await home.flaws() == []


async def test_a_phrase_goes_with_facts_and_digests_that_hold_it(home: Home) -> None:
    turn = await tell(home.store, "I like tea", "Good.", facts=(Statement("like", "tea"),))
    [fact] = await home.store.facts.history("like")
    await home.store.facts.correct(fact.id, f"tea with {WORD}", SOME_MOMENT)
    year = Due(period_of(DigestKind.YEAR, TODAY), 1)
    await home.store.digests.put(year, f"There was {WORD}.", None, (1, 1), SOME_MOMENT)

    plan = await home.plan(phrase=WORD)

    assert plan.turn_ids == ()
    # With what it was put right from, which only stood in its place.
    assert [each.value for each in plan.facts] == ["tea", f"tea with {WORD}"]
    assert [kind for kind, _ in plan.digests] == [DigestKind.YEAR]
    await home.forget(phrase=WORD)
    assert traces(home.path, WORD) == set()
    assert (await home.store.turn(turn.id)).prompt == "I like tea"


@pytest.mark.parametrize("phrase", ["", "  \n "])
async def test_an_empty_phrase_is_refused(home: Home, phrase: str) -> None:
    await tell(home.store)

    with pytest.raises(InvalidInput):
        await home.plan(phrase=phrase)


async def test_a_fact_goes_with_its_turn_and_names_others_that_hold_its_value(home: Home) -> None:
    secret = Statement("name", WORD, FactKind.NAME)
    turn = await tell(home.store, f"I am {WORD}", "Hello", facts=(secret,))
    other = await tell(home.store, "Who am I?", f"You are {WORD}.")
    [fact] = await home.store.facts.history("name")

    plan = await home.plan(fact_id=fact.id)

    assert (plan.turn_ids, plan.others) == ((turn.id,), (other.id,))
    await home.forget(fact_id=fact.id)
    assert await home.store.facts.history("name") == []
    with pytest.raises(FactNotFound):
        await home.plan(fact_id=fact.id)


async def test_only_what_was_shown_is_erased(home: Home) -> None:
    await tell(home.store, f"one {WORD}")
    target = ForgetTarget(phrase=WORD)
    shown = await home.forgetting.preview(target)
    await tell(home.store, f"two {WORD}")

    with pytest.raises(ForgettingChanged):
        await home.forgetting.forget(target, shown.token)

    assert (await home.store.turn(1)).forgotten_at is None


async def test_of_two_that_forget_the_same_one_does_it(home: Home) -> None:
    await tell(home.store, f"one {WORD}")
    target = ForgetTarget(phrase=WORD)
    token = (await home.forgetting.preview(target)).token

    results = await asyncio.gather(
        *(home.forgetting.forget(target, token) for _ in range(2)), return_exceptions=True
    )

    refused = [each for each in results if isinstance(each, Exception)]
    assert [type(each) for each in refused] == [ForgettingChanged]
    assert traces(home.path, WORD) == set()


async def test_a_turn_that_waits_for_its_answer_is_refused(home: Home) -> None:
    turn, _ = await home.store.accept_turn(new_turn(WORD))

    with pytest.raises(TurnNotEnded):
        await home.plan(turn_id=turn.id)
    with pytest.raises(TurnNotEnded):
        await home.plan(phrase=WORD)
    with pytest.raises(TurnNotFound):
        await home.plan(turn_id=99)


async def test_an_answer_that_is_being_written_may_have_read_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vega.core.forgetting.PATIENCE_SECONDS", 0.01)
    await tell(home.store, WORD)

    async with home.live_turns.at_work:
        with pytest.raises(AnswerRunning):
            await home.forget(turn_id=1)

    assert (await home.store.turn(1)).forgotten_at is None
    await home.forget(turn_id=1)


async def test_a_damaged_block_is_refused_and_nothing_is_changed(home: Home) -> None:
    turn = await tell_secret(home)
    await put_into(home.store, Tier.ARCHIVED, [turn.id, turn.id + 1])
    await damage_block(home.store, turn.id)

    for target in ({"turn_id": turn.id}, {"phrase": WORD}):
        with pytest.raises(TurnDamaged, match="vega doctor --repair"):
            await home.forget(**target)

    assert await home.store.facts.find("favorite secret") is not None
    assert await home.store.forgetting.pending() == []


async def test_another_damaged_block_is_told_of(home: Home) -> None:
    turn = await tell_secret(home)
    await put_into(home.store, Tier.ARCHIVED, [1, 2])
    await damage_block(home.store, 1)

    report = await home.forget(turn_id=turn.id)

    assert "damaged block" in report.left[0]
    assert (await home.store.turn(turn.id)).forgotten_at is not None


async def test_a_full_disk_refuses_it_whole(home: Home) -> None:
    turn = await tell_secret(home)
    await home.store.forgetting.empty_log()
    await set_room(home.store, 0)
    # So that even the mark finds no room.
    await home.store._db.write_alone(lambda connection: connection.pragma("max_page_count", 1))

    try:
        await home.forget(turn_id=turn.id)
    except StorageFull:
        assert (await home.store.turn(turn.id)).prompt.count(WORD) == 1
    else:
        assert traces(home.path, WORD) == set()
    await set_room(home.store, None)
