"""The founding document's two conversations, word for word, against a real server by a clock that
is moved: with a restart and a cleanup that archives between them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.clocked_vega import ClockFile, clocked_vega
from tests.models_folder import models_folder
from tests.vega_process import VegaProcess, wait_until

#: Vega is an hour ahead of UTC on these days; the document's times are the owner's.
ZONE = "Europe/Vienna"
#: Of a life in which memory is always scarce, so that whatever is older than two hours is archived.
SCARCE = {
    "VEGA_WARNING_THRESHOLD_PERCENT": "0.5",
    "VEGA_CRITICAL_THRESHOLD_PERCENT": "1",
    "VEGA_MAX_CONTEXT_ENTRIES": "1",
    "VEGA_CHECK_INTERVAL_SECONDS": "1",
}
NOT_ABLE = "scripted:?able=no"


class Owner:
    """Says things at the times at which the document has them said."""

    def __init__(self, vega: VegaProcess, clock: ClockFile) -> None:
        self.vega = vega
        self.clock = clock

    def says(self, prompt: str, day: int, hour: int, minute: int = 0) -> dict[str, Any]:
        """The answer, on that day of March 2026 at that local time."""
        self.clock.set(datetime(2026, 3, day, hour - 1, minute, tzinfo=UTC))
        answer: dict[str, Any] = self.vega.chat(prompt).raise_for_status().json()
        return answer

    def waits_until_archived(self, turn_id: int, day: int, hour: int) -> None:
        """A cleanup has put the turn and all before it into the archive."""
        self.clock.set(datetime(2026, 3, day, hour - 1, tzinfo=UTC))
        wait_until(lambda: self.vega.turn(turn_id)["tier"] == "archived", 60, 0.1)

    def restarts(self) -> None:
        self.vega.kill()
        self.vega.start()


@contextmanager
def an_owner(tmp_path: Path, model_url: str) -> Iterator[Owner]:
    settings: Mapping[str, str] = SCARCE
    if not model_url:
        settings = {**SCARCE, "VEGA_MODELS_DIR": str(models_folder())}
    clock = ClockFile(tmp_path / "clock", datetime(2026, 3, 1, tzinfo=UTC), ZONE)
    home = tmp_path / "home"
    with clocked_vega(home, clock, model_url=model_url, settings=settings) as vega:
        vega.start()
        yield Owner(vega, clock)


def source_ids(answer: Mapping[str, Any]) -> list[int]:
    return [source["turn_id"] for source in answer["sources"]]


@pytest.mark.parametrize("model_url", [NOT_ABLE, ""])
def test_a_favorite_color_is_known_on_the_second_and_on_the_eighth_day(
    tmp_path: Path, model_url: str
) -> None:
    with an_owner(tmp_path, model_url) as owner:
        told = owner.says("Hey Vega, my favorite color is blue", 2, 9)
        assert told["response"] == "Got it! I'll remember that your favorite color is blue."

        owner.restarts()
        asked = owner.says("What's my favorite color?", 3, 15)
        assert asked["response"].startswith("Your favorite color is blue")
        assert source_ids(asked) == [told["turn_id"]]

        owner.says("Good night", 3, 22)
        owner.waits_until_archived(asked["turn_id"], 9, 4)
        again = owner.says("Do you remember my favorite color?", 9, 10)
        assert again["response"].startswith("Yes! Your favorite color is blue")
        assert source_ids(again) == [told["turn_id"]]
        source = owner.vega.turn(source_ids(again)[0])
        assert (source["prompt"], source["tier"]) == (
            "Hey Vega, my favorite color is blue",
            "archived",
        )

        changed = owner.says("actually it is green now", 9, 10, 5)
        assert changed["response"] == "Got it! I'll remember that your favorite color is green."
        before = owner.says("what was it before?", 9, 10, 10)
        assert before["response"] == "Before that it was blue: from 2 March until 9 March 2026."
        assert source_ids(before) == [told["turn_id"], changed["turn_id"]]
        now = owner.says("What's my favorite color?", 9, 10, 15)
        assert now["response"].startswith("Your favorite color is green")


@pytest.mark.parametrize("model_url", [NOT_ABLE, ""])
def test_a_typical_day_and_the_morning_after_it(tmp_path: Path, model_url: str) -> None:
    with an_owner(tmp_path, model_url) as owner:
        project = owner.says("We should plan the Vega upgrade project for June.", 1, 15, 20)
        owner.says("Good night", 1, 22)
        owner.waits_until_archived(project["turn_id"], 2, 4)

        schedule = owner.says("Vega, what's on my schedule today?", 2, 8, 12)
        assert "no calendar" in schedule["response"]
        assert source_ids(schedule) == []

        reminded = owner.says("Remind me about that project we discussed yesterday", 2, 14)
        assert reminded["response"].startswith("Yesterday at 15:20 you said: ")
        assert "Vega upgrade project" in reminded["response"]
        assert source_ids(reminded) == [project["turn_id"]]

        morning = owner.says("What did I ask you this morning?", 2, 19)
        assert morning["response"] == (
            'This morning at 08:12 you asked: "Vega, what\'s on my schedule today?"'
        )
        assert source_ids(morning) == [schedule["turn_id"]]

        owner.says("Good night", 2, 22)
        owner.waits_until_archived(morning["turn_id"], 3, 4)
        talk = owner.says("What did we talk about yesterday?", 3, 8)
        assert talk["response"].startswith("Yesterday we talked about this:")
        assert "what's on my schedule today?" in talk["response"]
        assert "Vega upgrade project" in talk["response"]
        assert source_ids(talk)[:3] == [
            schedule["turn_id"],
            reminded["turn_id"],
            morning["turn_id"],
        ]

        nothing = owner.says("What did I ask you this morning?", 8, 19)
        assert nothing["response"] == (
            "I have no record of anything from this morning (8 March 2026)."
        )
