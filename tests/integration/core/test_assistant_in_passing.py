"""What happens beside the plain way from prompt to answer."""

from pathlib import Path

from tests.clocks import SOME_MOMENT, FakeClock
from tests.lives import completed, living, lookup_in, new_turn, only_model, until
from tests.models import SpeakingModel, SteppedModel
from vega.core.assistant import Assistant
from vega.core.context import Context
from vega.core.conversation import TurnStatus
from vega.core.live_turns import LiveTurns
from vega.core.store import Store
from vega.llm.base import Ending
from vega.llm.scripted import ScriptedModel


async def test_vega_says_who_it_is_without_a_model(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        turn = await life.ask("Who are you?")

        assert "Vega" in turn.response
        assert life.model.calls == []


async def test_an_answer_that_was_cut_off_says_so(tmp_path: Path) -> None:
    async with living(tmp_path, SpeakingModel("Hello", Ending("length"))) as life:
        turn = await life.ask("Hi there")

        assert turn.status is TurnStatus.COMPLETED
        assert turn.response.startswith("Hello")
        assert len(turn.response) > len("Hello")


async def test_what_another_model_had_begun_gives_way_to_the_answer_from_the_store(
    tmp_path: Path,
) -> None:
    store = await Store.open(tmp_path)
    turn, _ = await store.accept_turn(new_turn("What is my name?"))
    await store.begin_attempt(turn.id, 1, "You never", SOME_MOMENT)
    await store.close()

    async with living(tmp_path) as life:
        ended = await life.ended(turn.id)

        assert ended.response.startswith("I have no record")
        assert ended.answer is not None
        assert ended.answer.generation == 3


async def test_a_turn_that_ended_otherwise_meanwhile_is_not_answered_twice(tmp_path: Path) -> None:
    model = SteppedModel()
    async with living(tmp_path, model) as life:
        turn = await life.say("Hello")
        await until(lambda: model.calls)
        await life.store.end_turn(turn.id, completed("otherwise"), (), SOME_MOMENT)

        model.go_on()
        await until(lambda: life.live_turns.find(turn.id) is None)

        assert (await life.store.turn(turn.id)).response == "otherwise"
        assert (await life.ask("More")).status is TurnStatus.COMPLETED


async def test_an_assistant_that_was_never_started_can_be_closed(
    store: Store, tmp_path: Path
) -> None:
    models = only_model(ScriptedModel(), tmp_path)
    context, clock = Context(store, 50), FakeClock()
    lookup = lookup_in(store)
    assistant = Assistant(store, LiveTurns(store), models, context, clock, 100, lookup)

    await assistant.close()

    assert not assistant.is_alive
