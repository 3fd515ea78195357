"""What stays on this machine is known as such."""

import pytest

from vega.llm.openai import Timeouts, is_loopback
from vega.llm.openai_format import AnswerEvents


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1", "vega.localhost"])
def test_a_loopback_address_is_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["10.0.0.1", "example.org", "localhost.example.org", "0.0.0.0"])
def test_any_other_address_is_not(host: str) -> None:
    assert not is_loopback(host)


def test_patience_ends_sooner_once_there_is_text() -> None:
    timeouts = Timeouts(first_piece_seconds=300, next_piece_seconds=60)
    answer = AnswerEvents()
    before = timeouts.until_next(answer)
    answer.feed(b'data: {"choices": [{"delta": {"content": "x"}}]}\n')

    assert (before, timeouts.until_next(answer)) == (300, 60)
