"""Wrong keys and codes are counted by address, slowed down, told, and never fill the memory."""

import asyncio
import logging
import tracemalloc

import pytest

from tests.clocks import FakeClock
from vega.api import attempts
from vega.api.attempts import (
    FREE_TRIES,
    LONGEST_WAIT,
    MAX_IN_A_MINUTE,
    MAX_SOURCES,
    NOTICEABLE,
    Attempts,
    source_of,
)


@pytest.fixture
async def counted(clock: FakeClock) -> Attempts:
    return Attempts(clock)


async def test_the_first_wrong_ones_need_not_wait(counted: Attempts) -> None:
    assert [counted.add("key", "10.0.0.9") for _ in range(FREE_TRIES)] == [0] * FREE_TRIES


async def test_each_further_one_waits_twice_as_long_up_to_the_longest(
    counted: Attempts, clock: FakeClock
) -> None:
    waits = []
    for _ in range(FREE_TRIES + 12):
        waits.append(counted.add("key", "10.0.0.9"))
        clock.advance(seconds=waits[-1])

    assert waits[FREE_TRIES:] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    assert LONGEST_WAIT.total_seconds() == 900


async def test_who_does_not_wait_waits_no_longer_than_was_said(
    counted: Attempts, clock: FakeClock
) -> None:
    for _ in range(FREE_TRIES + 3):
        counted.add("key", "10.0.0.9")
        clock.advance(seconds=5)
    wait = counted.add("key", "10.0.0.9")
    clock.advance(seconds=2)

    assert wait == 8
    assert counted.add("key", "10.0.0.9") == 6
    assert counted.wait_seconds("10.0.0.9") == 6


async def test_one_address_does_not_slow_down_another(counted: Attempts) -> None:
    for _ in range(FREE_TRIES + 5):
        counted.add("key", "10.0.0.9")

    assert counted.add("key", "10.0.0.8") == 0


async def test_a_quiet_hour_is_a_new_beginning(counted: Attempts, clock: FakeClock) -> None:
    for _ in range(FREE_TRIES):
        counted.add("key", "10.0.0.9")
    clock.advance(hours=1)

    assert counted.add("key", "10.0.0.9") == 0


async def test_from_many_addresses_together_only_so_many_come_in_a_minute(
    counted: Attempts, clock: FakeClock
) -> None:
    waits = [counted.add("key", f"10.0.{n // 250}.{n % 250}") for n in range(MAX_IN_A_MINUTE + 1)]
    clock.advance(seconds=61)

    assert set(waits[:-1]) == {0}
    assert waits[-1] == 60
    assert counted.add("key", "10.9.9.9") == 0


async def test_a_clock_that_is_set_back_locks_nobody_out(
    counted: Attempts, clock: FakeClock
) -> None:
    for _ in range(FREE_TRIES + 3):
        counted.add("key", "10.0.0.9")
    clock.advance(days=-400)

    assert counted.add("key", "10.0.0.9") == 0
    assert counted.wait_seconds("10.0.0.9") == 0


async def test_a_million_addresses_take_no_more_room_than_a_thousand(counted: Attempts) -> None:
    def fill(first: int, count: int) -> int:
        for number in range(first, first + count):
            counted.add("key", f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::/64")
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        after_some = fill(0, 2 * MAX_SOURCES)
        after_many = fill(100_000, 100_000)
    finally:
        tracemalloc.stop()

    assert after_many - after_some < 100_000


async def test_the_owner_is_told_of_many_and_from_where(
    counted: Attempts, clock: FakeClock
) -> None:
    for _ in range(NOTICEABLE - 1):
        counted.add("key", "192.168.1.9")
    before = counted.notice()
    clock.advance(days=1)
    for _ in range(1_135):
        counted.add("key", "192.168.1.9")
    counted.add("pairing code", "10.0.0.1")
    after = counted.notice()
    clock.advance(days=2)

    assert before is None
    assert after is not None
    assert after.startswith(
        "1,234 wrong keys and 1 wrong pairing code came since yesterday, "
        "1,234 of them from 192.168.1.9."
    )
    assert counted.notice() is None
    assert counted.totals == {"key": 1_234, "pairing code": 1}


async def test_the_log_is_told_at_once_and_then_in_sum(
    counted: Attempts, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "LOG_SECONDS", 0.01)
    caplog.set_level(logging.WARNING)
    for _ in range(5_000):
        counted.add("key", "192.168.1.9")
    counted.add("pairing code", "10.0.0.1")
    async with asyncio.timeout(10):
        while len(caplog.messages) < 2:
            await asyncio.sleep(0.01)
    counted.close()

    assert caplog.messages[0] == "A wrong key came from 192.168.1.9."
    assert caplog.messages[1].startswith("5,000 more wrong keys or pairing codes came")
    assert caplog.messages[1].endswith("the last from 10.0.0.1.")


async def test_the_log_is_quiet_again_when_nothing_more_comes(
    counted: Attempts, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "LOG_SECONDS", 0.01)
    counted.add("key", "192.168.1.9")
    await asyncio.sleep(0.1)
    counted.add("key", "192.168.1.9")
    counted.close()

    assert caplog.messages == ["A wrong key came from 192.168.1.9."] * 2


@pytest.mark.parametrize(
    ("client", "source"),
    [
        (("192.168.1.9", 5), "192.168.1.9"),
        (("::ffff:192.168.1.9", 5), "192.168.1.9"),
        (("2001:db8:1:2:3:4:5:6", 5), "2001:db8:1:2::/64"),
        (("2001:db8:1:2:ffff::1", 5), "2001:db8:1:2::/64"),
        (("fe80::1%eth0", 5), "fe80::/64"),
        (("::1", 5), "::1"),
        (None, "the Unix socket"),
        (("", 0), "the Unix socket"),
    ],
)
def test_an_address_of_ipv6_counts_for_its_network(
    client: tuple[str, int] | None, source: str
) -> None:
    assert source_of({"type": "http", "client": client}) == source
