"""The values of the conversation."""

from tests.clocks import SOME_MOMENT
from vega.core.conversation import Turn, TurnStatus
from vega.core.memory import Tier


def test_three_states_are_ends() -> None:
    assert {status for status in TurnStatus if status.is_end} == {
        TurnStatus.COMPLETED,
        TurnStatus.STOPPED,
        TurnStatus.FAILED,
    }


def test_a_turn_without_an_answer_has_an_empty_response() -> None:
    turn = Turn(
        id=1,
        link=1,
        prompt="Hello",
        at=SOME_MOMENT,
        zone="UTC",
        origin="api",
        device=None,
        status=TurnStatus.PENDING,
        tier=Tier.FULL,
        attempts=0,
        interruptions=0,
    )

    assert turn.response == ""
