"""No private fact is ever in a request to a model server outside this machine."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.clocks import SOME_MOMENT, FakeClock
from tests.diaries import Diary, Owner, local
from tests.lives import living, only_model, tell
from tests.model_server import Behaviour, ModelServer
from vega.core.memory import DigestKind, FactKind, Statement
from vega.core.preamble import compose
from vega.core.store import Store
from vega.core.telling.fact_drawing import FORM, request
from vega.core.telling.periods import Due, period_of
from vega.core.telling.scribe import Scribe
from vega.core.telling.summaries import Summarizer
from vega.core.tokens import TokenCounter
from vega.errors import SummaryFailed
from vega.llm.openai import OpenAIModel
from vega.llm.scripted import ScriptedModel

SECRET = "asthma"
CONDITION = Statement("condition", SECRET, FactKind.HEALTH, is_one_of_many=True)
NAME = Statement("name", "Ana", FactKind.NAME)
ELSEWHERE = "models.example.com"


@asynccontextmanager
async def serving(place: str | None) -> AsyncIterator[tuple[ModelServer, OpenAIModel]]:
    """A model server, which is taken for one in that place."""
    async with ModelServer(Behaviour(is_llama_cpp=False)) as server:
        model = OpenAIModel(server.url, place=place)
        try:
            yield server, model
        finally:
            await model.close()


def sent(server: ModelServer) -> list[str]:
    """What the server was asked to answer."""
    return [
        request.body.decode()
        for request in server.requests
        if request.path == "/v1/chat/completions"
    ]


async def hide(store: Store) -> None:
    fact = await store.facts.find("condition")
    assert fact is not None
    await store.facts.set_private(fact.id, True)


async def ask(
    home: Path, clock: FakeClock, model: ScriptedModel | OpenAIModel, *prompts: str
) -> None:
    async with living(home, models=only_model(model, home), clock=clock) as life:
        for prompt in prompts:
            clock.advance(minutes=1)
            await life.ask(prompt)


@pytest.mark.parametrize("place", [ELSEWHERE, None])
async def test_a_private_fact_goes_to_a_model_here_and_to_no_other(
    tmp_path: Path, place: str | None
) -> None:
    clock = FakeClock(SOME_MOMENT + timedelta(hours=1))
    store = await Store.open(tmp_path)
    await tell(store, f"I have {SECRET}.", f"I am sorry that you have {SECRET}.", facts=[CONDITION])
    await tell(store, "My name is Ana.", "Hello Ana!", facts=[NAME])
    day = Due(period_of(DigestKind.DAY, date(2026, 11, 21)), 1)
    await store.digests.put(day, f"You told of your {SECRET}.", None, (1, 1), SOME_MOMENT)
    await hide(store)
    await store.close()
    # The window, with the fact, is frozen for a model on this machine.
    here = ScriptedModel(is_able=True)
    await ask(tmp_path, clock, here, "What do you know of me?")
    assert SECRET in here.calls[-1][0].content

    async with serving(place) as (server, model):
        prompts = ("And what else?", "What did I tell you today?", "What do I have?")
        await ask(tmp_path, clock, model, *prompts)
        bodies = sent(server)

    assert len(bodies) == 3
    assert all("Ana" in body for body in bodies)
    assert all((SECRET in body) is (place is None) for body in bodies)


async def test_what_is_made_private_leaves_the_frozen_window_at_once(tmp_path: Path) -> None:
    clock = FakeClock(SOME_MOMENT + timedelta(hours=1))
    async with (
        serving(ELSEWHERE) as (server, model),
        living(tmp_path, models=only_model(model, tmp_path), clock=clock) as life,
    ):
        await tell(life.store, f"I have {SECRET}.", "Oh.", facts=[CONDITION])
        await life.ask("What do you know of me?")
        assert SECRET in sent(server)[-1]

        await hide(life.store)
        clock.advance(minutes=1)
        await life.ask("And what else?")
        assert SECRET not in sent(server)[-1]


async def test_the_window_does_not_begin_anew_for_each_prompt_elsewhere(tmp_path: Path) -> None:
    clock = FakeClock(SOME_MOMENT + timedelta(hours=1))
    store = await Store.open(tmp_path)
    await tell(store, f"I have {SECRET}.", facts=[CONDITION, NAME])
    await hide(store)
    await store.close()
    async with serving(ELSEWHERE) as (server, model):
        prompts = [f"Prompt number {number}" for number in range(6)]
        await ask(tmp_path, clock, model, *prompts)
        last = sent(server)[-1]

    assert all(prompt in last for prompt in prompts)


async def test_summaries_and_digests_of_what_is_private_are_made_here(
    store: Store, tmp_path: Path
) -> None:
    diary = Diary(store, FakeClock(SOME_MOMENT), tmp_path)
    for hour in range(9, 14):
        await diary.say(
            f"2026-11-20T{hour:02}:00",
            f"I have {SECRET}, and at {hour} I went to see Doctor Berger about it in the old town.",
            "I am glad that you went to see somebody. " * 4,
        )
    await tell(store, f"I have {SECRET}.", facts=[CONDITION])
    await hide(store)
    owner = Owner()
    answer = f"Those who have {SECRET} can do sports. " * 60
    async with serving(ELSEWHERE) as (server, model):
        models = only_model(model, tmp_path)
        diary_writer = diary.writer()
        diary_writer._scribe._models = models
        summarizer = Summarizer(models, owner, privacy=store.facts.privacy)
        async with asyncio.timeout(20):
            summary = await summarizer.summarize("Can I do sports?", answer)
            await diary_writer.write_due()
        assert sent(server) == []

        await store.facts.set_private((await store.facts.current(1))[0].id, False)
        with pytest.raises(SummaryFailed):
            # The stub's words are no summary: but it was asked.
            await summarizer.summarize("Can I do sports?", answer)
        assert len(sent(server)) == 1
        await store.digests.redo("another model")
        await diary_writer.write_due()
        assert len(sent(server)) > 1
    assert summary.model is None


async def test_no_text_is_made_elsewhere_from_a_private_turn_whatever_its_words(
    store: Store, tmp_path: Path
) -> None:
    turn = await tell(store, "Keep it between us: it is my lungs.", facts=[CONDITION])
    await hide(store)
    answer = "Those who have trouble with their lungs can do sports. " * 60
    async with serving(ELSEWHERE) as (server, model):
        models = only_model(model, tmp_path)
        summarizer = Summarizer(models, Owner(), privacy=store.facts.privacy)
        scribe = Scribe(models, Owner(), 5, store.facts.privacy)
        async with asyncio.timeout(20):
            summary = await summarizer.summarize(turn.prompt, answer, turn.id)
            assert await scribe.ask(100, lambda _: request(turn), FORM) is None
        assert sent(server) == []
    assert summary.model is None


async def test_no_digest_of_a_private_turns_day_goes_elsewhere_whatever_its_words(
    tmp_path: Path,
) -> None:
    clock = FakeClock(SOME_MOMENT + timedelta(days=3))
    store = await Store.open(tmp_path)
    private = await tell(store, "Keep it between us: it is my lungs.", facts=[CONDITION])
    await tell(store, "What a day.", at=SOME_MOMENT + timedelta(days=1))
    day = private.at.date()
    for kind in DigestKind:
        told = Due(period_of(kind, day), 1)
        await store.digests.put(told, f"Your lungs, in a {kind}.", None, (1, 2), SOME_MOMENT)
    other = Due(period_of(DigestKind.DAY, day + timedelta(days=1)), 1)
    await store.digests.put(other, "It was a fine day.", None, (2, 2), SOME_MOMENT)
    await hide(store)
    await store.close()
    here = ScriptedModel(is_able=True)
    await ask(tmp_path, clock, here, "What do you know of me?")
    assert "Your lungs" in here.calls[-1][0].content

    async with serving(ELSEWHERE) as (server, model):
        # The first finds the window frozen as the model on this machine has it.
        await ask(tmp_path, clock, model, "And what else?", "And then?")
        bodies = sent(server)

    assert len(bodies) == 2
    assert all("It was a fine day." in body for body in bodies)
    assert not any("lungs" in body for body in bodies)


async def test_a_longer_digest_is_not_made_elsewhere_from_the_day_of_a_private_turn(
    store: Store, tmp_path: Path
) -> None:
    diary = Diary(store, FakeClock(local("2026-03-06T12:00")), tmp_path)
    prompt, at = "Keep it between us: it is my lungs.", local("2026-02-03T09:00")
    await tell(store, prompt, "Oh. " * 99, at=at, facts=[CONDITION])
    for month in (1, 2):
        for number in range(4, 24, 2):
            await diary.say_long_day(f"2026-{month:02}-{number:02}")
    await diary.write()
    await hide(store)
    await store.digests.redo("another model")
    async with serving(ELSEWHERE) as (server, model):
        server.behaviour.pieces = ["you told of bread, and of a van with a lot of room. "] * 6
        writer = diary.writer()
        writer._scribe._models = only_model(model, tmp_path)
        async with asyncio.timeout(60):
            await writer.write_due()
        bodies = sent(server)

    names = {name for body in bodies for name in re.findall("in this time: (.*?)[.]", body)}
    assert {"January 2026", "9 to 15 February 2026"} <= names
    assert names.isdisjoint({"2 to 8 February 2026", "February 2026"})
    assert not any("lungs" in body for body in bodies)


async def test_wishes_stand_first_and_for_an_able_model_alone(tmp_path: Path) -> None:
    clock = FakeClock(SOME_MOMENT + timedelta(hours=1))
    wish = Statement("wish", "Answer in metric units", FactKind.WISH, is_one_of_many=True)
    store = await Store.open(tmp_path)
    await tell(store, "Answer in metric units, always.", facts=[NAME, wish])
    await store.close()

    for is_able in (True, False):
        model = ScriptedModel(is_able=is_able)
        async with living(tmp_path, model, clock=clock) as life:
            clock.advance(minutes=1)
            await life.ask("How far is the moon?")
        preamble = model.calls[-1][0].content
        assert preamble.count("metric units") == is_able
        assert not is_able or preamble.index("metric") < preamble.index("name: Ana")


async def test_a_pinned_fact_is_known_before_all_others(store: Store) -> None:
    await tell(store, facts=[NAME])
    for number in range(40):
        like = Statement("like", f"thing {number} of many", FactKind.LIKE, is_one_of_many=True)
        await tell(store, facts=[like], at=SOME_MOMENT + number * timedelta(hours=1))
    fact = await store.facts.find("name")
    assert fact is not None
    await store.facts.pin(fact.id, True)

    tokens = TokenCounter(ScriptedModel())
    text = await compose(store, date(2026, 11, 23), 700, tokens, is_able=True)

    assert "name: Ana" in text
    assert "thing 39" in text
    assert "thing 1 " not in text
