"""A histogram of fixed size."""

from vega.core.durations import BOUNDS_SECONDS, Durations


def test_each_duration_is_counted_below_its_bound_and_every_higher_one() -> None:
    durations = Durations()

    for seconds in (0.01, 0.05, 0.06, 7.0, 10_000.0):
        durations.add(seconds)

    counts = dict(durations.counts_up_to())
    assert (counts[0.05], counts[0.1], counts[5], counts[10]) == (2, 3, 3, 4)
    assert (counts[3600], counts[float("inf")], durations.count) == (4, 5, 5)
    assert durations.sum_seconds == 10_007.12


def test_it_stays_as_small_as_it_was() -> None:
    durations = Durations()

    for _ in range(10_000):
        durations.add(0.3)

    assert len(durations.counts_up_to()) == len(BOUNDS_SECONDS) + 1
    assert durations.count == 10_000


def test_nothing_was_measured_at_first() -> None:
    assert {count for _, count in Durations().counts_up_to()} == {0}
