"""What one caller may do at once, and all together; strangers take nobody's room."""

from contextlib import ExitStack

import pytest

from vega.api import crowd
from vega.api.crowd import Crowd, Crowded, Stranger


def join(stack: ExitStack, where: Crowd, caller: object, count: int, **more: bool) -> None:
    for _ in range(count):
        stack.enter_context(where.joined(caller, **{"is_stream": False, **more}))


def test_one_caller_has_so_many_requests_and_others_have_theirs() -> None:
    where = Crowd()
    with ExitStack() as stack:
        join(stack, where, "one", crowd.MAX_REQUESTS_OF_ONE)
        with pytest.raises(Crowded, match="500 requests of yours"):
            join(stack, where, "one", 1)
        join(stack, where, "other", 1)
    with ExitStack() as stack:
        join(stack, where, "one", crowd.MAX_REQUESTS_OF_ONE)


def test_streams_are_fewer_than_requests() -> None:
    where = Crowd()
    with ExitStack() as stack:
        join(stack, where, "one", crowd.MAX_STREAMS_OF_ONE, is_stream=True)
        with pytest.raises(Crowded, match="100 open streams of yours"):
            join(stack, where, "one", 1, is_stream=True)
        join(stack, where, "one", 1)


def test_all_together_have_so_many() -> None:
    where = Crowd()
    with ExitStack() as stack:
        for number in range(crowd.MAX_STREAMS // crowd.MAX_STREAMS_OF_ONE):
            join(stack, where, number, crowd.MAX_STREAMS_OF_ONE, is_stream=True)
        with pytest.raises(Crowded, match="500 open streams at once"):
            join(stack, where, "another", 1, is_stream=True)


def test_the_owner_at_the_unix_socket_is_never_turned_away() -> None:
    where = Crowd()
    with ExitStack() as stack:
        for number in range(crowd.MAX_REQUESTS // crowd.MAX_REQUESTS_OF_ONE):
            join(stack, where, number, crowd.MAX_REQUESTS_OF_ONE)
        with pytest.raises(Crowded, match="1,000 requests at once"):
            join(stack, where, "another", 1)
        join(stack, where, None, 500)
        join(stack, where, None, 500, is_stream=True)


def test_strangers_take_no_room_from_those_who_are_known() -> None:
    where = Crowd()
    with ExitStack() as stack:
        for number in range(crowd.MAX_REQUESTS_OF_STRANGERS // crowd.MAX_REQUESTS_OF_STRANGER):
            join(stack, where, Stranger(f"10.0.0.{number}"), crowd.MAX_REQUESTS_OF_STRANGER)
        for stranger in (Stranger("10.0.0.0"), Stranger("10.0.9.9")):
            with pytest.raises(Crowded):
                join(stack, where, stranger, 1)
        join(stack, where, "known", crowd.MAX_REQUESTS_OF_ONE)


def test_nothing_is_left_of_who_has_left() -> None:
    where = Crowd()
    for number in range(10_000):
        with where.joined(Stranger(str(number)), is_stream=False):
            pass
        with where.joined(number, is_stream=True):
            pass

    assert not where._requests
    assert not where._streams
    assert not where._strangers
