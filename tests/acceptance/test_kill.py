"""kill -9 at any moment loses nothing and doubles nothing: the promise that all others rest on.

A real server is killed at random moments, before, in and between answers, while clients talk to
it and follow its streams. The seed is printed; VEGA_TEST_SEED gives it back.
"""

import os
import random
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest

from tests.acceptance.clients import Client, LifeReader, Said
from tests.acceptance.conftest import MakeVega
from tests.acceptance.life_file import (
    StoredAnswer,
    StoredTurn,
    answers_in,
    assert_sound,
    read_copy,
    read_life,
    turns_in,
)
from tests.vega_process import VegaProcess, wait_until
from vega.llm.scripted import scripted_answer

CLIENT_COUNT = 4
WORDS = 36
#: Between two words, another one at each start: answers of about 0.4, 1.2 and 2.8 seconds, the last
#: ones longer than the second after which a part is saved.
DELAYS_MS = (8, 25, 60)
#: How often a kill hits a server that is still starting.
STARTING_SHARE = 0.25
STARTING_SECONDS = 0.6
LONGEST_RUN_SECONDS = 2.6
FIRST_START_ROUNDS = 16
FIRST_SECOND = 1.0
#: How long a first start takes from its home folder to its key, or longer.
BIRTH_SECONDS = 0.12


@dataclass
class Deaths:
    """What each kill found."""

    starting: int = 0
    answering: int = 0
    between: int = 0
    #: Turns whose answer had a stored part, and those that had begun without one.
    begun: set[int] = field(default_factory=set)
    empty: set[int] = field(default_factory=set)

    @property
    def count(self) -> int:
        return self.starting + self.answering + self.between

    def note(self, answers: list[StoredAnswer], *, was_starting: bool) -> None:
        broken_off = [answer for answer in answers if answer.status == "writing"]
        self.starting += was_starting
        self.answering += bool(broken_off) and not was_starting
        self.between += not broken_off and not was_starting
        self.begun |= {answer.turn_id for answer in broken_off if answer.text}
        self.empty |= {answer.turn_id for answer in broken_off if not answer.text}


@pytest.fixture
def seed() -> int:
    return int(os.environ.get("VEGA_TEST_SEED") or secrets.randbits(32))


@pytest.mark.parametrize(("continues", "kills"), [("yes", 32), ("no", 10)])
def test_kill_9_at_any_moment_loses_nothing_and_doubles_nothing(
    continues: str,
    kills: int,
    seed: int,
    make_vega: MakeVega,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(seed)
    vega = make_vega(model_url=_model(DELAYS_MS[0], continues))
    deaths = Deaths()

    with _Talk(vega, chance) as talk:
        for _ in range(kills):
            _kill_at_a_random_moment(vega, chance, deaths, tmp_path / "copy")
            vega.settings["VEGA_MODEL_URL"] = _model(chance.choice(DELAYS_MS), continues)
            vega.launch()
        said = talk.end()
        shown = vega.history(page_size=7)
        output = vega.output
        exit_code = vega.terminate()

    with read_life(vega.home) as life:
        turns, answers = turns_in(life), answers_in(life)
        counts = _counts(said, turns, answers, deaths, can_continue=continues == "yes")
        record_property("counts", f"kill -9 (continues={continues}, seed {seed}): {counts}")
        _assert_each_answered_once(said, turns, answers)
        assert_sound(life, vega.home)
    _assert_shown_as_stored(shown, turns, answers)
    _assert_told_as_stored(said, talk.life_reader, answers)
    for client in talk.clients:
        ids = [each.turn_id or 0 for each in client.said]
        assert ids == sorted(set(ids))
    assert deaths.answering > 0
    assert exit_code == 0
    assert "Traceback" not in output


@pytest.mark.parametrize("is_aimed", [False, True], ids=["any moment", "while a life is made"])
def test_a_first_start_that_is_killed_is_followed_by_one_that_works(
    is_aimed: bool,
    seed: int,
    make_vega: MakeVega,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(seed)
    kills = made = 0

    for number in range(FIRST_START_ROUNDS):
        vega = make_vega(f"home {number}")
        for _ in range(chance.randint(1, 3)):
            vega.launch()
            if is_aimed:
                wait_until(vega.home.exists, 20, poll_seconds=0.0005)
            time.sleep(chance.uniform(0, BIRTH_SECONDS if is_aimed else FIRST_SECOND))
            vega.kill()
            kills += 1
            made += (vega.home / "vega.db").exists()
        session_ids = set()
        for _ in range(2):
            vega.start()
            session_ids.add(vega.status()["session_id"])
            vega.kill()

        assert len(session_ids) == 1
        assert "Traceback" not in vega.output
        with read_life(vega.home) as life:
            assert_sound(life, vega.home)

    counts = f"{FIRST_START_ROUNDS} homes, {kills} kills, {made} of them after the life was made"
    record_property("counts", f"kill -9 at first start (seed {seed}): {counts}")


class _Talk:
    """Several clients and a reader of the whole life, at it from a first start on."""

    def __init__(self, vega: VegaProcess, chance: random.Random) -> None:
        self._vega = vega
        self._is_enough = threading.Event()
        self._is_over = threading.Event()
        self._pool = ThreadPoolExecutor(CLIENT_COUNT + 1)
        self._running: list[Future[None]] = []
        self.clients = [
            Client(vega, name, random.Random(chance.random()), self._is_enough, self._is_over)
            for name in "ABCDEFGH"[:CLIENT_COUNT]
        ]
        self.life_reader = LifeReader(vega, self._is_over)

    def __enter__(self) -> Self:
        self._vega.start()
        self._running = [self._pool.submit(client.run) for client in self.clients]
        self._reading = self._pool.submit(self.life_reader.run)
        return self

    def end(self) -> list[Said]:
        """Everything that was said, once all of it is answered and everybody was told."""
        self._is_enough.set()
        for each in self._running:
            each.result()
        said = [each for client in self.clients for each in client.said]
        # Clients who were between two prompts at the last kill asked nothing of the new start.
        self._vega.wait_until_healthy()
        self._vega.wait_until_idle()
        wait_until(lambda: len(self.life_reader.ended) >= len(said), 20)
        self._is_over.set()
        return said

    def __exit__(self, *_: object) -> None:
        self._is_enough.set()
        self._is_over.set()
        self._vega.kill()
        self._pool.shutdown()
        self._reading.result()


def _model(delay_ms: int, continues: str) -> str:
    return f"scripted:?words={WORDS}&delay_ms={delay_ms}&continues={continues}"


def _kill_at_a_random_moment(
    vega: VegaProcess, chance: random.Random, deaths: Deaths, copy: Path
) -> None:
    is_early = chance.random() < STARTING_SHARE
    if not is_early:
        vega.wait_until_healthy()
    time.sleep(chance.uniform(0, STARTING_SECONDS if is_early else LONGEST_RUN_SECONDS))
    vega.kill()
    with read_copy(vega.home, copy) as life:
        deaths.note(answers_in(life), was_starting=is_early)


def _counts(
    said: list[Said],
    turns: list[StoredTurn],
    answers: list[StoredAnswer],
    deaths: Deaths,
    *,
    can_continue: bool,
) -> str:
    stored = {turn.id for turn in turns}
    accepted = [each.turn_id for each in said if each.turn_id is not None]
    continued = deaths.begun if can_continue else set()
    anew = deaths.empty if can_continue else deaths.begun | deaths.empty
    return (
        f"{deaths.count} kills ({deaths.starting} at a start, {deaths.answering} in an answer, "
        f"{deaths.between} between), {len(accepted)} accepted, "
        f"{len(set(accepted) - stored)} lost, "
        f"{len(turns) - len({turn.prompt for turn in turns})} prompts doubled, "
        f"{len(answers) - len({answer.turn_id for answer in answers})} answers doubled, "
        f"{len(continued)} continued, {len(anew - continued)} asked anew, "
        f"{sum(each.retries for each in said)} requests retried, "
        f"{sum(each.restarts for each in said)} texts restarted"
    )


def _assert_each_answered_once(
    said: list[Said], turns: list[StoredTurn], answers: list[StoredAnswer]
) -> None:
    expected = sorted((each.turn_id or 0, each.prompt, each.key) for each in said)
    assert [(turn.id, turn.prompt, turn.idempotency_key) for turn in turns] == expected
    assert {turn.status for turn in turns} == {"completed"}
    whole = [(turn.id, 1, "completed", scripted_answer(turn.prompt, WORDS)) for turn in turns]
    assert [
        (answer.turn_id, answer.number, answer.status, answer.text) for answer in answers
    ] == whole


def _assert_shown_as_stored(
    shown: list[dict[str, Any]], turns: list[StoredTurn], answers: list[StoredAnswer]
) -> None:
    assert [(turn["id"], turn["prompt"], turn["response"]) for turn in shown] == [
        (turn.id, turn.prompt, answer.text) for turn, answer in zip(turns, answers, strict=True)
    ]


def _assert_told_as_stored(
    said: list[Said], life_reader: LifeReader, answers: list[StoredAnswer]
) -> None:
    stored = {answer.turn_id: answer.text for answer in answers}
    assert {each.turn_id: each.text for each in said} == stored
    assert {each.turn_id: each.response for each in said} == stored
    assert life_reader.accepted == sorted(stored)
    assert life_reader.ended == sorted(stored)
    assert life_reader.responses == stored
    # It may miss the last pieces of an answer that ended while it was away, but none between.
    assert {
        id_: text for id_, text in life_reader.texts.items() if not stored[id_].startswith(text)
    } == {}
