"""How much one caller may do at once, and all of them together: requests, and open streams.

Strangers, who show neither key nor cookie, have a share of their own: they take nobody's room.
"""

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

#: At once, of one key, browser or address.
MAX_REQUESTS_OF_ONE = 500
MAX_STREAMS_OF_ONE = 100
#: At once, of all but the Unix socket, by which the owner always comes in.
MAX_REQUESTS = 1_000
MAX_STREAMS = 500
#: Of strangers, one and all.
MAX_REQUESTS_OF_STRANGER = 20
MAX_REQUESTS_OF_STRANGERS = 100


class Crowded(Exception):
    """Too much is going on at once; what, for people to read."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody at that address."""

    source: str


class Crowd:
    """Counts what is being answered now."""

    def __init__(self) -> None:
        self._requests: Counter[Hashable] = Counter()
        self._streams: Counter[Hashable] = Counter()
        self._strangers: Counter[Hashable] = Counter()

    @contextmanager
    def joined(self, caller: Hashable | None, *, is_stream: bool) -> Iterator[None]:
        """One request, for as long as it lasts; None's are not counted. Raises Crowded."""
        if caller is None:
            yield
            return
        if isinstance(caller, Stranger):
            limits = (MAX_REQUESTS_OF_STRANGER, MAX_REQUESTS_OF_STRANGERS)
            counters = [self._strangers]
            _require_room(self._strangers, caller, "requests", *limits)
        else:
            counters = [self._requests]
            _require_room(self._requests, caller, "requests", MAX_REQUESTS_OF_ONE, MAX_REQUESTS)
            if is_stream:
                counters.append(self._streams)
                _require_room(
                    self._streams, caller, "open streams", MAX_STREAMS_OF_ONE, MAX_STREAMS
                )
        for counter in counters:
            counter[caller] += 1
        try:
            yield
        finally:
            for counter in counters:
                counter[caller] -= 1
                if not counter[caller]:
                    del counter[caller]


def _require_room(
    counter: Counter[Hashable], caller: Hashable, what: str, of_one: int, of_all: int
) -> None:
    if counter[caller] >= of_one:
        raise Crowded(f"There are {of_one} {what} of yours at once.")
    if counter.total() >= of_all:
        raise Crowded(f"There are {of_all:,} {what} at once.")
