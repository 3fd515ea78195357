"""Whatever happens to a life, each turn stays as it was said: against a plain model of it.

The model keeps everything as it was told, knows no tiers, and is compared after each step.
"""

import asyncio
import json
import tempfile
from collections.abc import Coroutine, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.acceptance.life_file import assert_sound, read_life
from tests.clocks import FakeClock
from tests.lives import only_model
from tests.models import ParrotModel
from tests.plain_life import ENDS, ODD_TEXTS, Said, ages, jumps, plain, sayable, texts, zones
from vega.core import cleanup
from vega.core.cleanup import Cleaner
from vega.core.conversation import Answer, Exchange, NewTurn, Outcome, Source, Turn, TurnStatus
from vega.core.importing import Line
from vega.core.life import archive_store
from vega.core.life.import_store import Report
from vega.core.live_turns import LiveTurns
from vega.core.memory import CleanupKind, Tier
from vega.core.store import Store
from vega.core.telling.summaries import Summarizer
from vega.llm.scripted import ScriptedModel

Result = TypeVar("Result")

#: Which of several turns: the remainder, for lists whose length only the machine knows.
which = st.integers(0, 10_000)


class Lifecycles(RuleBasedStateMachine):
    """One life, in every order of events that hypothesis can think of."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.home = Path(self.folder.name)
        self.clock = FakeClock()
        self.said: dict[int, Said] = {}
        #: Everything that happened: a turn, and the number of the answer that ended.
        self.links: list[tuple[int, int | None]] = []
        #: Of these, what was imported: of that nobody is told.
        self.untold: set[tuple[int, int | None]] = set()
        self.patch = pytest.MonkeyPatch()
        # So that a handful of turns fills several blocks.
        self.patch.setattr(cleanup, "MOST_COMPRESSED", 4)
        self.patch.setattr(cleanup, "BLOCK_BYTES", 3_000)
        self.patch.setattr(archive_store, "BLOCK_BYTES", 3_000)
        self.patch.setattr(archive_store, "SMALL_BLOCK_BYTES", 1_500)
        self.patch.setattr(cleanup, "TURNS_AT_ONCE", 5)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.loop.run_until_complete(work)

    @initialize()
    def begin(self) -> None:
        self.store = self.run(Store.open(self.home))

    # What happens

    @rule(prompt=texts, age=ages, zone=zones, device=st.sampled_from([None, "Küche"]))
    def accept(self, prompt: str, age: timedelta, zone: str, device: str | None) -> None:
        key = f"key {len(self.said)}" if len(prompt) % 2 else None
        new = NewTurn(prompt, self.clock.now() - age, zone, "api", device, key)
        turn, is_new = self.run(self.store.accept_turn(new))
        assert is_new
        self.said[turn.id] = Said(new)
        self.links.append((turn.id, None))

    @rule(told=st.lists(st.tuples(texts, texts), min_size=2, max_size=6), age=ages, zone=zones)
    def talk(self, told: list[tuple[str, str]], age: timedelta, zone: str) -> None:
        for prompt, text in told:
            self.accept(prompt, age, zone, None)
            number = len(self.waiting()) - 1
            self.end(number, text, TurnStatus.COMPLETED, "scripted", number)
            self.jump({"minutes": 7})

    @rule(
        told=st.lists(st.tuples(sayable, st.none() | sayable), min_size=1, max_size=5),
        age=st.timedeltas(timedelta(hours=1), timedelta(days=9_000)),
    )
    def bring_from_elsewhere(self, told: list[tuple[str, str | None]], age: timedelta) -> None:
        lines = []
        for prompt, text in told:
            turn_id = len(self.said) + 1
            at = self.clock.now() - age + timedelta(seconds=turn_id)
            said = Said(NewTurn(prompt, at, self.clock.zone, "import"), TurnStatus.COMPLETED)
            self.said[turn_id] = said
            self.links.append((turn_id, None))
            lines.append({"role": "user", "text": prompt, "at": at})
            if text is not None:
                said.answers.append(Answer(0, 1, 1, text, None, None, None, ended_at=at))
                said.statuses[1] = "completed"
                self.links.append((turn_id, 1))
                lines.append({"role": "assistant", "text": text, "at": at})
        self.untold |= set(self.links[-len(lines) :])
        self.run(self.take(lines))

    @rule(text=st.sampled_from(ODD_TEXTS), size=st.integers(20_000, 120_000))
    def say_something_huge(self, text: str, size: int) -> None:
        huge = ((text or '"') * size)[:size]
        self.talk([(huge, text), (text, huge)], timedelta(0), "UTC")

    @precondition(lambda self: self.waiting())
    @rule(which=which, text=texts)
    def begin_to_answer(self, which: int, text: str) -> None:
        turn_id, said = self.one_of(self.waiting(), which)
        generation = 1 + max((each.generation for each in said.answers), default=0)
        now = self.clock.now()
        self.run(self.store.begin_attempt(turn_id, generation, "", now))
        self.run(self.store.save_part(turn_id, generation, text))
        said.status, said.interruptions = TurnStatus.ANSWERING, 0
        if "writing" in said.statuses.values():
            number = said.answers.pop().number
        else:
            number = len(said.answers) + 1
        said.answers.append(Answer(0, number, generation, text, None, None, None))
        said.statuses[number] = "writing"

    @precondition(lambda self: self.waiting())
    @rule(
        which=which,
        text=texts,
        status=st.sampled_from(ENDS),
        model=st.sampled_from([None, "scripted"]),
        source=which,
    )
    def end(
        self, which: int, text: str, status: TurnStatus, model: str | None, source: int
    ) -> None:
        turn_id, said = self.one_of(self.waiting(), which)
        source_id, rested_on = self.one_of(self.said, source)
        sources = (source_id,) if source % 3 else ()
        reason = "Given up." if status is TurnStatus.FAILED else None
        if status is TurnStatus.FAILED:
            said.attempts = self.run(self.store.count_failed_attempt(turn_id))
        outcome = Outcome(
            *(status, text, 1 + len(said.answers), model),
            reason=reason,
            sources=sources,
            prompt_tokens=len(text),
        )
        self.run(self.store.end_turn(turn_id, outcome, (), self.clock.now()))
        is_vain = status is TurnStatus.FAILED or not text
        said.status = TurnStatus.COMPLETED if is_vain and said.is_answered else status
        is_begun = "writing" in said.statuses.values()
        number = said.answers.pop().number if is_begun else len(said.answers) + 1
        said.statuses[number] = str(status)
        said.answers.append(
            Answer(
                *(0, number, outcome.generation, text, model, None, reason),
                is_failed=status is TurnStatus.FAILED,
                sources=tuple(Source(source_id, rested_on.new.at) for _ in sources),
                prompt_tokens=len(text),
                ended_at=self.clock.now(),
            )
        )
        self.links.append((turn_id, number))

    @precondition(lambda self: self.ended())
    @rule(which=which)
    def ask_again(self, which: int) -> None:
        turn_id, said = self.one_of(self.ended(), which)
        self.run(self.store.ask_again(turn_id))
        said.status, said.attempts, said.interruptions = TurnStatus.PENDING, 0, 0

    @precondition(lambda self: self.said)
    @rule(which=which)
    def send_once_more(self, which: int) -> None:
        turn_id, said = self.one_of(self.said, which)
        if said.new.idempotency_key is not None:
            turn, is_new = self.run(self.store.accept_turn(said.new))
            assert (turn.id, is_new) == (turn_id, False)

    @rule(kind=st.sampled_from(CleanupKind), kept=st.integers(1, 6), is_parrot=st.booleans())
    def clean(self, kind: CleanupKind, kept: int, is_parrot: bool) -> None:
        recent = sorted(self.said, key=self.place)[-kept:]
        before = self.run(self.turns(recent))
        cleaner = self.cleaner(kept, is_parrot=is_parrot)
        self.run(cleaner.run(kind))
        assert before == self.run(self.turns(recent))

    @rule(jump=jumps)
    def jump(self, jump: dict[str, float]) -> None:
        self.clock.advance(**jump)

    @rule()
    def restart(self) -> None:
        self.run(self.store.close())
        self.store = self.run(Store.open(self.home))
        self.run(self.store.take_up_turns())
        for said in self.said.values():
            if said.status is TurnStatus.ANSWERING:
                said.status = TurnStatus.PENDING
                said.interruptions += 1

    # What must always be so

    @invariant()
    def nothing_is_lost(self) -> None:
        self.every_turn_is_as_it_was_said()
        self.history_is_whole_and_in_order()
        self.every_event_is_told_again_in_its_order()
        self.the_context_is_as_if_all_stood_in_full()

    def every_turn_is_as_it_was_said(self) -> None:
        found = self.run(self.turns(self.said))
        for turn_id, turn in found.items():
            assert plain(turn) == self.expected(turn_id)
        totals = self.run(self.store.tier_totals())
        for tier in Tier:
            there = [turn for turn in found.values() if turn.tier is tier]
            assert totals[tier].turns == len(there)
            assert totals[tier].bytes == sum(self.said[turn.id].size for turn in there)

    def history_is_whole_and_in_order(self) -> None:
        shown: list[Turn] = []
        before: tuple[datetime, int] | None = None
        while page := self.run(self.store.history(7, before)):
            shown += page
            before = (page[-1].at, page[-1].id)
        order = sorted(self.said, key=self.place, reverse=True)
        assert [plain(turn) for turn in shown] == [self.expected(turn_id) for turn_id in order]

    def every_event_is_told_again_in_its_order(self) -> None:
        told: list[tuple[int, int | None]] = []
        number = 0
        while links := self.run(self.store.links_after(number, 5)):
            for link in links:
                number = link.number
                turn_id = link.turn.id
                ended = link.turn.answer.number if link.is_answer and link.turn.answer else None
                assert self.links[number - 1] == (turn_id, ended)
                assert plain(link.turn) == self.expected(turn_id, ended)
                told.append((turn_id, ended))
        assert told == [link for link in self.links if link not in self.untold]

    def the_context_is_as_if_all_stood_in_full(self) -> None:
        order = sorted(self.said, key=self.place)
        exchanges = [one for turn_id in order if (one := self.exchange(turn_id)) is not None]
        end = (self.clock.now() + timedelta(days=9_000), 0)
        for limit in (1, 4, 1000):
            newest = self.run(self.store.contexts.exchanges_before(end, limit))
            assert newest == exchanges[::-1][:limit]
            if order:
                first = self.place(order[len(order) // 2])
                later = [one for one in exchanges if (one.at, one.turn_id) >= first]
                between = self.store.contexts.exchanges_between
                assert self.run(between(first, end, limit)) == later[:limit]

    def teardown(self) -> None:
        try:
            self.run(self.store.close())
            with read_life(self.home) as life:
                assert_sound(life, self.home)
        finally:
            self.patch.undo()
            self.run(self.loop.shutdown_default_executor())
            self.loop.close()
            self.folder.cleanup()

    # The model

    async def turns(self, turn_ids: Iterable[int]) -> dict[int, Turn]:
        return {turn_id: await self.store.turn(turn_id) for turn_id in turn_ids}

    async def take(self, messages: list[dict[str, Any]]) -> None:
        """An import of these, each of which is new."""
        labelled = [
            message | {"external_id": f"{len(self.links)}.{number}", "at": str(message["at"])}
            for number, message in enumerate(messages)
        ]
        contents = [json.dumps(message).encode() for message in labelled]
        lines = [Line(number, content) for number, content in enumerate(contents, 1)]
        report = await self.store.imports.take(lines, self.clock)
        assert report == Report(imported=len(lines))

    def waiting(self) -> dict[int, Said]:
        return {id_: said for id_, said in self.said.items() if said.status not in ENDS}

    def ended(self) -> dict[int, Said]:
        return {id_: said for id_, said in self.said.items() if said.status in ENDS}

    def one_of(self, turns: dict[int, Said], number: int) -> tuple[int, Said]:
        return list(turns.items())[number % len(turns)]

    def place(self, turn_id: int) -> tuple[datetime, int]:
        return self.said[turn_id].new.at, turn_id

    def cleaner(self, kept: int, *, is_parrot: bool) -> Cleaner:
        model = ParrotModel(is_able=True) if is_parrot else ScriptedModel()
        live_turns = LiveTurns(self.store)
        summarizer = Summarizer(only_model(model, self.home), live_turns)
        return Cleaner(self.store, summarizer, live_turns, self.clock, kept)

    def expected(self, turn_id: int, number: int | None = None) -> Turn:
        """The turn, or as it stood when that answer ended."""
        said = self.said[turn_id]
        new = said.new
        answer = said.best() if number is None else said.answers[number - 1]
        expected = Turn(
            *(turn_id, 1 + self.links.index((turn_id, None)), new.prompt, new.at, new.zone),
            *(new.origin, new.device),
            status=said.status if number is None else TurnStatus(said.statuses[number]),
            tier=Tier.FULL,
            attempts=said.attempts,
            interruptions=said.interruptions,
            last_generation=max((each.generation for each in said.answers), default=0),
            answer=answer,
        )
        return plain(expected)

    def exchange(self, turn_id: int) -> Exchange | None:
        said = self.said[turn_id]
        answer = said.told()
        if answer is None:
            return None
        return Exchange(
            *(turn_id, said.new.at, said.new.zone, said.new.prompt, answer.text, answer.model)
        )


def test_whatever_happens_each_turn_stays_as_it_was_said() -> None:
    run_state_machine_as_test(
        Lifecycles,
        settings=settings(
            max_examples=12,
            stateful_step_count=40,
            suppress_health_check=list(HealthCheck),
            # To find a shorter life that fails would take minutes; the steps are shown as they are.
            phases=[Phase.generate],
        ),
    )
