"""Models that fail, are away or full of themselves; disks without room: no turn is lost."""

import asyncio
from pathlib import Path

import pytest

from tests.lives import living, set_room, until
from tests.models import HesitantModel, SpeakingModel, SteppedModel, TroubledModel
from vega.core import assistant as assistant_module
from vega.core.conversation import TurnStatus
from vega.errors import (
    AnswerBroken,
    AnswerDelayed,
    ContextOverflow,
    ModelLoading,
    ModelRefused,
    ModelUnavailable,
    StorageFull,
)
from vega.llm.base import Ending, ModelProfile
from vega.llm.scripted import ScriptedModel, scripted_answer


class AbsentModel(ScriptedModel):
    """Is away until `come_back`, and says so at once."""

    def __init__(self, error: ModelUnavailable | None = None) -> None:
        super().__init__()
        self.is_away = True
        self._error = error
        self._back = asyncio.Event()

    def come_back(self) -> None:
        self.is_away = False
        self._back.set()

    async def wait_until_available(self, timeout_seconds: float) -> bool:
        await self._back.wait()
        return True

    def _be_there(self) -> None:
        if self.is_away and self._error:
            raise self._error
        super()._be_there()


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assistant_module, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(assistant_module, "DISK_RETRY_SECONDS", 0.01)
    monkeypatch.setattr(assistant_module, "ATTEMPT_PAUSE_SECONDS", 0.01)


async def test_a_broken_attempt_is_followed_by_another_that_goes_on(tmp_path: Path) -> None:
    model = TroubledModel([(3, AnswerBroken("torn")), (5, AnswerBroken("torn"))])
    async with living(tmp_path, model) as life:
        turn = await life.ask("Hello")

        assert turn.status is TurnStatus.COMPLETED
        assert turn.response == scripted_answer("Hello", 12)
        assert turn.attempts == 2


async def test_after_three_failed_attempts_a_turn_is_given_up_and_the_queue_goes_on(
    tmp_path: Path,
) -> None:
    troubles = [(0, AnswerBroken("one")), (2, ModelRefused("two")), (0, RuntimeError("three"))]
    async with living(tmp_path, TroubledModel(troubles)) as life:
        failing = await life.say("bad")
        following = await life.say("good")
        failed, answered = await life.ended(failing.id), await life.ended(following.id)

        assert (failed.status, failed.attempts) == (TurnStatus.FAILED, 3)
        assert failed.answer is not None
        assert failed.answer.reason == "three. Given up after 3 attempts."
        assert answered.status is TurnStatus.COMPLETED
        await life.assistant.ask_again(failing.id)
        assert (await life.ended(failing.id)).status is TurnStatus.COMPLETED


async def test_attempts_outlive_the_process(tmp_path: Path) -> None:
    hours = 3_600.0
    model = TroubledModel([(0, AnswerBroken("one")), (0, AnswerBroken("two"))], delay_seconds=hours)
    async with living(tmp_path, model) as life:
        await life.say("bad")
        await until(lambda: len(model.calls) == 1)
        await life.store.count_failed_attempt(1)
        await life.store.count_failed_attempt(1)

    async with living(tmp_path, TroubledModel([(0, AnswerBroken("three"))])) as life:
        assert (await life.ended(1)).status is TurnStatus.FAILED


@pytest.mark.parametrize("items", [(Ending("stop"),), (" ", "\n", Ending("stop"))])
async def test_an_empty_answer_is_a_failed_attempt(
    tmp_path: Path, items: tuple[str | Ending, ...]
) -> None:
    async with living(tmp_path, SpeakingModel(*items)) as life:
        turn = await life.ask("Hello")

        assert turn.status is TurnStatus.FAILED
        assert turn.answer is not None
        assert "answered nothing" in (turn.answer.reason or "")


async def test_a_stream_without_its_end_mark_is_no_answer(tmp_path: Path) -> None:
    async with living(tmp_path, SpeakingModel("half", can_continue=False)) as life:
        turn = await life.ask("Hello")

        assert turn.status is TurnStatus.FAILED
        assert turn.answer is not None
        assert "end mark" in (turn.answer.reason or "")


async def test_an_overflow_makes_the_next_attempt_smaller(tmp_path: Path) -> None:
    model = TroubledModel([(0, ContextOverflow())] * 2, context_tokens=1024)
    async with living(tmp_path, model) as life:
        turn = await life.ask("word " * 2_000)

        assert turn.status is TurnStatus.COMPLETED
        sizes = [sum(len(message.content) for message in call) for call in model.calls]
        assert sizes[0] > sizes[1] > sizes[2]


async def test_a_fact_in_a_prompt_that_failed_first_is_known_after_it_was_asked_again(
    tmp_path: Path,
) -> None:
    async with living(tmp_path, TroubledModel([(0, AnswerBroken("torn"))] * 3)) as life:
        failed = await life.ask("My name is Ana. What is the capital of France?")
        await life.assistant.ask_again(failed.id)
        answered = await life.ended(failed.id)

        assert (failed.status, answered.status) == (TurnStatus.FAILED, TurnStatus.COMPLETED)
        assert await life.store.facts.find("name") is not None


async def test_without_a_model_the_turn_is_kept_and_answered_when_one_is_back(
    tmp_path: Path,
) -> None:
    model = AbsentModel()
    async with living(tmp_path, model) as life:
        turns = [await life.say(f"prompt {number}") for number in range(3)]
        for turn in turns:
            with pytest.raises(AnswerDelayed, match=rf"is away\. .*turn {turn.id}"):
                await life.ended(turn.id)
        kept = [(await life.store.turn(turn.id)).status for turn in turns]

        model.come_back()
        ended = [await life.ended_at_last(turn.id) for turn in turns]

        assert kept == [TurnStatus.PENDING] * 3
        assert [turn.status for turn in ended] == [TurnStatus.COMPLETED] * 3
        assert [turn.attempts for turn in ended] == [0, 0, 0]
        links = await life.store.links_after(0, 100)
        assert [link.turn.id for link in links if link.is_answer] == [1, 2, 3]


async def test_without_a_model_the_store_still_answers(tmp_path: Path) -> None:
    async with living(tmp_path, AbsentModel()) as life:
        waiting = await life.say("Tell me something")
        told = await life.ask("My favorite color is purple")
        asked = await life.ask("What is my favorite color?")

        assert told.status is TurnStatus.COMPLETED
        assert asked.response.startswith("Your favorite color is purple")
        assert (await life.store.turn(waiting.id)).status is TurnStatus.PENDING


async def test_a_turn_that_waits_for_a_model_can_be_stopped(tmp_path: Path) -> None:
    async with living(tmp_path, AbsentModel()) as life:
        turn = await life.say("Tell me something")
        with pytest.raises(AnswerDelayed):
            await life.ended(turn.id)

        assert (await life.assistant.stop(turn.id)).status is TurnStatus.STOPPED


async def test_a_loading_model_is_waited_for(tmp_path: Path) -> None:
    model = AbsentModel(ModelLoading())
    async with living(tmp_path, model) as life:
        turn = await life.say("Tell me something")
        waiting = asyncio.create_task(life.ended(turn.id))
        await asyncio.sleep(0.1)
        was_patient = not waiting.done()

        model.come_back()

        assert was_patient
        assert (await waiting).status is TurnStatus.COMPLETED


async def test_a_model_that_goes_away_in_the_middle_counts_no_attempt(tmp_path: Path) -> None:
    model = TroubledModel([(0, ModelUnavailable("gone"))] * 5)
    async with living(tmp_path, model) as life:
        turn = await life.say("Tell me something")
        await until(lambda: len(model.calls) == 6)
        ended = await life.ended(turn.id)

        assert (ended.status, ended.attempts) == (TurnStatus.COMPLETED, 0)


async def test_a_turn_that_waits_for_a_model_is_pending_also_in_the_store(
    tmp_path: Path,
) -> None:
    """Else each power cut while the model's server is away is blamed on the turn."""
    model = TroubledModel([(0, ModelUnavailable("gone"))])
    model.wait_until_available = AbsentModel().wait_until_available  # type: ignore[method-assign]
    async with living(tmp_path, model) as life:
        turn = await life.say("Tell me something")
        live = life.live_turns.find(turn.id)
        assert live is not None
        await until(lambda: live.delay)

        async with asyncio.timeout(5):
            while (await life.store.turn(turn.id)).status is not TurnStatus.PENDING:
                await asyncio.sleep(0.001)


async def test_waiting_for_a_model_is_no_interruption_however_often_vega_restarts(
    tmp_path: Path,
) -> None:
    """The model's server may be away for days of restarts; the turn is not to blame."""

    class RefusingModel(AbsentModel):
        """Is known, but takes no request."""

        async def profile(self) -> ModelProfile:
            return self._profile

    for _ in range(assistant_module.MAX_INTERRUPTIONS + 1):
        async with living(tmp_path, RefusingModel()) as life:
            turn = await life.say("Tell me something", key="k")
            live = life.live_turns.find(turn.id)
            assert live is not None, f"it was given up: {turn.answer}"
            await until(lambda live=live: live.delay)  # type: ignore[misc]

    async with living(tmp_path) as life:
        assert (await life.ended(1)).status is TurnStatus.COMPLETED


async def test_orderly_ends_of_the_process_are_no_interruptions(tmp_path: Path) -> None:
    for _ in range(assistant_module.MAX_INTERRUPTIONS + 1):
        model = SteppedModel()
        async with living(tmp_path, model) as life:
            turn = await life.say("Tell me something", key="k")
            assert not turn.status.is_end, f"it was given up: {turn.answer}"
            await until(lambda model=model: model.calls)  # type: ignore[misc]

    async with living(tmp_path) as life:
        assert (await life.ended(1)).status is TurnStatus.COMPLETED


async def test_a_full_disk_refuses_a_prompt_and_stores_nothing(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await life.ask("before")
        await set_room(life.store, 0)

        with pytest.raises(StorageFull, match="nothing was stored"):
            await life.say("x" * 20_000)
        await set_room(life.store, None)

        assert len(await life.store.history(10)) == 1
        assert life.assistant.queue_length == 0
        assert (await life.ask("after")).status is TurnStatus.COMPLETED


async def test_a_disk_that_is_full_in_the_middle_of_an_answer_delays_it(tmp_path: Path) -> None:
    model = SteppedModel(words=5_000)
    async with living(tmp_path, model) as life:
        turn = await life.say("Tell me much")
        await until(lambda: model.calls)
        await set_room(life.store, 0)
        model.go_on()
        live = life.live_turns.find(turn.id)
        assert live is not None
        await until(lambda: live.delay)
        with pytest.raises(AnswerDelayed, match="disk is full"):
            await life.ended(turn.id)

        await set_room(life.store, None)
        ended = await life.ended_at_last(turn.id)

        assert ended.status is TurnStatus.COMPLETED
        assert ended.response == scripted_answer("Tell me much", 5_000)
        assert ended.attempts == 0


async def test_a_stop_is_not_forgotten_when_the_model_turns_out_to_be_away(tmp_path: Path) -> None:
    model = HesitantModel(is_away=True)
    async with living(tmp_path, model) as life:
        turn = await life.say("Tell me something")
        await model.is_asked.wait()
        stopping = asyncio.create_task(life.assistant.stop(turn.id))
        await asyncio.sleep(0.01)

        model.may_tell.set()
        await asyncio.gather(stopping, return_exceptions=True)

        assert (await life.ended_at_last(turn.id)).status is TurnStatus.STOPPED


async def test_a_model_that_never_ends_is_stopped(tmp_path: Path) -> None:
    model = SpeakingModel(*["word " * 200] * 500, context_tokens=512)
    async with living(tmp_path, model) as life:
        turn = await life.ask("Hello")

        assert turn.status is TurnStatus.COMPLETED
        assert turn.response.endswith(" …")
        assert len(turn.response) < 20_000


async def test_a_model_that_says_nothing_but_space_is_given_up(tmp_path: Path) -> None:
    model = SpeakingModel(*["  \n" * 100] * 500, context_tokens=512)
    async with living(tmp_path, model) as life:
        turn = await life.ask("Hello")

        assert turn.status is TurnStatus.FAILED


async def test_a_server_that_quotes_the_prompt_in_its_error_does_not_bring_it_into_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    troubles = [(0, ModelRefused("bad request: Explain 4711"))] * 3
    async with living(tmp_path, TroubledModel(troubles)) as life:
        turn = await life.ask("Explain 4711")

        assert turn.answer is not None
        assert "4711" in (turn.answer.reason or "")
        assert "4711" not in caplog.text
