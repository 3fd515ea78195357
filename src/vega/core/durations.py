"""How long something took, again and again: how often up to which bound, and the sum.

A histogram of a fixed size, so it costs the same after a million turns. Who is told of it, and in
which format, is not decided here.
"""

from bisect import bisect_left
from itertools import accumulate

#: From an answer out of the store to a turn that waited an hour for its model. In seconds.
BOUNDS_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 900, 3600)


class Durations:
    """One histogram. Its counts never fall."""

    def __init__(self) -> None:
        #: Of all durations together.
        self.sum_seconds = 0.0
        self._counts = [0] * (len(BOUNDS_SECONDS) + 1)

    def add(self, seconds: float) -> None:
        self.sum_seconds += seconds
        self._counts[bisect_left(BOUNDS_SECONDS, seconds)] += 1

    @property
    def count(self) -> int:
        return sum(self._counts)

    def counts_up_to(self) -> list[tuple[float, int]]:
        """Each bound with the count of those that took no longer; last infinity, with all."""
        return list(zip((*BOUNDS_SECONDS, float("inf")), accumulate(self._counts), strict=True))
