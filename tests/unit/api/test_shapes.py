"""The shapes in JSON."""

import pytest

from vega.api.shapes import event_shape
from vega.core.conversation import EventKind, TurnEvent


def test_an_event_of_an_accepted_turn_needs_its_turn() -> None:
    with pytest.raises(ValueError, match="without its turn"):
        event_shape(TurnEvent(EventKind.ACCEPTED, 1, "0.0"), "session")


def test_a_waiting_turns_event_says_why() -> None:
    event = TurnEvent(EventKind.WAITING, 1, "1.0", text="It is away.")

    assert event_shape(event, "session") == {"turn_id": 1, "reason": "It is away."}
