"""One turn after the other, from prompt to stored answer."""

import asyncio
from pathlib import Path

import pytest

from tests.clocks import SOME_MOMENT, FakeClock
from tests.lives import Life, living, new_turn, tell, until
from tests.models import HesitantModel, SpeakingModel, SteppedModel
from vega.core import assistant as assistant_module
from vega.core import writing
from vega.core.conversation import TurnStatus
from vega.core.store import Store
from vega.errors import KeyReused, QueueFull, TurnEnded, TurnNotFound
from vega.llm.base import Ending
from vega.llm.scripted import ScriptedModel, scripted_answer


async def answering(life: Life, prompt: str = "Say something") -> int:
    """A turn whose answer has begun."""
    model = life.model
    assert isinstance(model, SteppedModel)
    turn = await life.say(prompt)
    model.step(3)
    live = life.live_turns.find(turn.id)
    assert live is not None
    await until(lambda: len(live.text) > 9)
    return turn.id


async def test_a_prompt_gets_its_whole_answer(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        turn = await life.ask("What is the capital of France?")

        assert turn.status is TurnStatus.COMPLETED
        assert turn.response == scripted_answer("What is the capital of France?", 12)
        assert turn.answer is not None
        assert (turn.answer.model, turn.answer.place) == ("scripted", "this machine")
        assert await life.store.turn(turn.id) == turn


async def test_turns_are_answered_one_at_a_time_in_their_order(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        turns = [await life.say(f"prompt {number}") for number in range(10)]
        ended = [await life.ended(turn.id) for turn in reversed(turns)]

        assert [turn.response for turn in reversed(ended)] == [
            scripted_answer(f"prompt {number}", 12) for number in range(10)
        ]
        links = await life.store.links_after(0, 100)
        assert [link.turn.id for link in links if link.is_answer] == [turn.id for turn in turns]
        assert len(life.model.calls) == 10


async def test_a_fact_told_is_acknowledged_and_known_without_the_model(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        told = await life.ask("My favorite color is purple")
        asked = await life.ask("What is my favorite color?")

        assert told.response == "Got it! I'll remember that your favorite color is purple."
        assert asked.response == "Your favorite color is purple: you told me today at 10:00."
        assert asked.answer is not None
        assert [source.turn_id for source in asked.answer.sources] == [told.id]
        assert asked.answer.model is None
        assert life.model.calls == []


async def test_an_unknown_fact_is_not_invented(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        asked = await life.ask("What is my favorite color?")

        assert asked.response.startswith("I have no record of that")
        assert life.model.calls == []


async def test_what_is_said_in_passing_is_acknowledged_first_and_the_model_goes_on(
    tmp_path: Path,
) -> None:
    async with living(tmp_path) as life:
        turn = await life.ask("My name is Ana. What is the capital of France?")
        fact = await life.store.facts.find("name")

        assert turn.response.startswith("Got it! I'll remember that your name is Ana.\n\n")
        assert turn.response.endswith("word12")
        assert fact is not None
        assert (fact.value, fact.turn_id) == ("Ana", turn.id)


async def test_an_able_model_speaks_for_itself_and_its_sources_are_named(tmp_path: Path) -> None:
    async with living(tmp_path, ScriptedModel(is_able=True)) as life:
        told = await life.ask("My favorite color is purple")
        asked = await life.ask("What is my favorite color?")

        assert told.response.startswith("You said: My favorite color is purple.")
        assert asked.response.startswith("You said: What is my favorite color?")
        assert asked.answer is not None
        assert [source.turn_id for source in asked.answer.sources] == [told.id]


async def test_a_key_sent_twice_is_one_turn(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        first = await life.say("Hello", key="k")
        second = await life.say("Hello", key="k")
        await life.ended(first.id)
        third = await life.say("Hello", key="k")
        with pytest.raises(KeyReused):
            await life.say("Bye", key="k")

        assert first.id == second.id == third.id
        assert third.status is TurnStatus.COMPLETED
        assert len(life.model.calls) == 1


async def test_a_full_queue_refuses_new_prompts_and_knows_old_ones(tmp_path: Path) -> None:
    model = SteppedModel()
    async with living(tmp_path, model, queue_limit=2) as life:
        first = await life.say("one", key="k")
        await life.say("two")

        with pytest.raises(QueueFull):
            await life.say("three")
        with pytest.raises(QueueFull):
            await life.say("three", key="new")
        with pytest.raises(QueueFull):
            await life.assistant.ask_again(first.id)
        assert (await life.say("one", key="k")).id == first.id
        assert life.assistant.queue_length == 2
        assert len(await life.store.history(10)) == 2
        model.go_on()
        await life.ended(2)
        assert (await life.ask("three")).status is TurnStatus.COMPLETED


async def test_prompts_that_arrive_together_do_not_overfill_the_queue(tmp_path: Path) -> None:
    async with living(tmp_path, SteppedModel(), queue_limit=5) as life:
        results = await asyncio.gather(
            *(life.say(f"{number}") for number in range(20)), return_exceptions=True
        )

        assert sum(isinstance(result, QueueFull) for result in results) == 15
        assert len(await life.store.history(100)) == 5


async def test_a_running_answer_is_stopped_and_what_there_is_of_it_kept(tmp_path: Path) -> None:
    model = SteppedModel()
    async with living(tmp_path, model) as life:
        turn_id = await answering(life)
        following = await life.say("next")

        stopped = await life.assistant.stop(turn_id)
        model.go_on()
        answered = await life.ended(following.id)

        assert stopped.status is TurnStatus.STOPPED
        assert stopped.response == "You said: Say"
        assert answered.status is TurnStatus.COMPLETED


async def test_a_waiting_turn_is_stopped_before_it_begins(tmp_path: Path) -> None:
    model = SteppedModel()
    async with living(tmp_path, model) as life:
        await answering(life)
        waiting = await life.say("next")

        stopped = await life.assistant.stop(waiting.id)
        model.go_on()
        await life.ended(1)

        assert (stopped.status, stopped.response) == (TurnStatus.STOPPED, "")
        assert len(model.calls) == 1


async def test_what_has_ended_or_never_was_cannot_be_stopped(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        turn = await life.ask("Hello")

        with pytest.raises(TurnEnded):
            await life.assistant.stop(turn.id)
        with pytest.raises(TurnNotFound):
            await life.assistant.stop(99)


async def test_a_turn_is_stopped_while_the_model_is_still_asked_what_it_is(
    tmp_path: Path,
) -> None:
    model = HesitantModel()
    async with living(tmp_path, model) as life:
        turn = await life.say("Tell me something")
        await model.is_asked.wait()
        stopping = asyncio.create_task(life.assistant.stop(turn.id))
        await asyncio.sleep(0.01)

        model.may_tell.set()

        assert (await stopping).status is TurnStatus.STOPPED


async def test_a_turn_that_is_stopped_in_two_places_at_once_ends_once(tmp_path: Path) -> None:
    model = SteppedModel()
    async with living(tmp_path, model) as life:
        await answering(life)
        waiting = await life.say("next")

        results = await asyncio.gather(
            life.assistant.stop(waiting.id),
            life.assistant.stop(waiting.id),
            life.assistant.stop(1),
            life.assistant.stop(1),
            return_exceptions=True,
        )
        model.go_on()

        assert not [r for r in results if isinstance(r, Exception) and not isinstance(r, TurnEnded)]
        assert life.assistant.is_alive
        assert (await life.ask("more")).status is TurnStatus.COMPLETED


async def test_an_ended_turn_is_asked_again(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        first = await life.ask("Hello")
        again = await life.assistant.ask_again(first.id)
        second = await life.ended(first.id)

        assert again.status is TurnStatus.PENDING
        assert second.status is TurnStatus.COMPLETED
        assert second.answer is not None
        assert (second.answer.number, second.response) == (2, first.response)


async def test_a_turn_that_still_waits_is_not_asked_twice(tmp_path: Path) -> None:
    model = SteppedModel()
    async with living(tmp_path, model) as life:
        turn_id = await answering(life)

        await life.assistant.ask_again(turn_id)
        model.go_on()
        turn = await life.ended(turn_id)

        assert turn.answer is not None
        assert turn.answer.number == 1
        assert len(model.calls) == 1


async def test_a_client_that_leaves_while_its_prompt_is_stored_loses_nothing(
    tmp_path: Path,
) -> None:
    async with living(tmp_path) as life:
        submitting = asyncio.create_task(life.say("Hello", key="k"))
        await asyncio.sleep(0)
        submitting.cancel()
        await asyncio.gather(submitting, return_exceptions=True)
        await life.store.check_writable()

        again = await life.say("Hello", key="k")
        turn = await life.ended(again.id)

        assert turn.status is TurnStatus.COMPLETED


async def test_leading_space_of_an_answer_is_dropped_and_usage_is_kept(tmp_path: Path) -> None:
    model = SpeakingModel("  ", " Hello", " you ", Ending("stop", 40, 3))
    async with living(tmp_path, model) as life:
        turn = await life.ask("Hi there")

        assert turn.response.strip() == "Hello you"
        assert turn.response.startswith("Hello")
        assert turn.answer is not None
        assert (turn.answer.prompt_tokens, turn.answer.completion_tokens) == (40, 3)


async def test_a_closed_assistant_keeps_what_there_is_of_an_answer(tmp_path: Path) -> None:
    model = SteppedModel()
    async with living(tmp_path, model) as life:
        await answering(life)

    async with living(tmp_path, SteppedModel()) as life:
        live = life.live_turns.find(1)

        assert live is not None
        assert (live.text, live.generation) == ("You said: Say", 2)


async def test_a_broken_off_answer_is_continued_from_its_stored_part(tmp_path: Path) -> None:
    async with living(tmp_path, SteppedModel()) as life:
        await answering(life)

    model = ScriptedModel()
    async with living(tmp_path, model) as life:
        turn = await life.ended(1)

        assert turn.response == scripted_answer("Say something", 12)
        assert model.calls[0][-1].role == "assistant"
        assert model.calls[0][-1].content == "You said: Say"
        assert turn.answer is not None
        assert turn.answer.number == 1


async def test_a_model_that_cannot_continue_is_asked_anew(tmp_path: Path) -> None:
    async with living(tmp_path, SteppedModel()) as life:
        await answering(life)

    model = ScriptedModel(can_continue=False)
    async with living(tmp_path, model) as life:
        turn = await life.ended(1)

        assert turn.response == scripted_answer("Say something", 12)
        assert model.calls[0][-1].role == "user"
        assert turn.answer is not None
        assert turn.answer.generation == 3


async def test_pending_turns_of_the_last_process_are_answered_in_order(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    for number in range(3):
        await store.accept_turn(new_turn(f"prompt {number}"))
    await store.close()

    async with living(tmp_path) as life:
        turns = [await life.ended(number) for number in (1, 2, 3)]

        assert [turn.response[:18] for turn in turns] == [f"You said: prompt {n}" for n in range(3)]


async def test_a_turn_over_which_the_process_died_again_and_again_is_given_up(
    tmp_path: Path,
) -> None:
    store = await Store.open(tmp_path)
    killer, _ = await store.accept_turn(new_turn("killer"))
    await store.accept_turn(new_turn("innocent"))
    for _ in range(assistant_module.MAX_INTERRUPTIONS):
        await store.begin_attempt(killer.id, 1, "", SOME_MOMENT)
        await store.take_up_turns()
    await store.close()

    async with living(tmp_path) as life:
        given_up, innocent = await life.ended(1), await life.ended(2)

        assert given_up.status is TurnStatus.FAILED
        assert given_up.answer is not None
        assert "10 times" in (given_up.answer.reason or "")
        assert innocent.status is TurnStatus.COMPLETED
        await life.assistant.ask_again(1)
        assert (await life.ended(1)).status is TurnStatus.COMPLETED


async def test_a_long_answer_is_saved_while_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "SAVE_INTERVAL_SECONDS", 0.0)
    async with living(tmp_path, SteppedModel()) as life:
        await answering(life)
        async with asyncio.timeout(5):
            while (await life.store.turn(1)).response != "You said: Say":
                await asyncio.sleep(0.001)

        assert (await life.store.turn(1)).status is TurnStatus.ANSWERING


async def test_the_model_is_asked_with_the_conversation_before(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with living(tmp_path, clock=clock) as life:
        await tell(life.store, "Earlier", "Indeed.")
        clock.advance(minutes=5)
        await life.ask("And now")

        assert [message.content for message in life.model.calls[0]][1:] == [
            "[Sun 22 Nov 2026, 10:00] Earlier",
            "Indeed.",
            "[Sun 22 Nov 2026, 10:05] And now",
        ]


async def test_an_assistant_is_alive_until_it_is_closed(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        was_alive = life.assistant.is_alive

    assert was_alive
    assert not life.assistant.is_alive
