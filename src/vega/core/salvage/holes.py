"""What is missing of a life, and what is put in its place: its place in the chain, with the day on
which it was lost. No word of it is made up.
"""

import bisect
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from vega.core.life.archive import ArchivedAnswer, ArchivedTurn
from vega.core.life.chain import LOST
from vega.core.life.head import Head
from vega.core.salvage.contents import Contents
from vega.core.salvage.pieces import Piece, Pieces

_FAILED = "failed"
_FAR = 1 << 62


class Place(NamedTuple):
    """Whose link one is."""

    turn_id: int
    #: Which of the turn's answers; None: its prompt.
    number: int | None


@dataclass(slots=True)
class Traces:
    """What indexes and other tables still say of what is missing."""

    places: dict[int, Place] = field(default_factory=dict)
    #: When turns were said, in microseconds since 1970.
    times: dict[int, int] = field(default_factory=dict)
    #: The greatest number that a turn was given.
    last_turn_id: int = 0


def read_traces(contents: Contents) -> Traces:
    found = Traces(last_turn_id=contents.sequences.get("turns", 0))
    # Behind what it is over an index has the row's number, which here is the turn's.
    for entry in _numbers(contents, "turns_chronology", 3):
        found.times[entry[1]] = entry[0]
    for entry in _numbers(contents, "sqlite_autoindex_turns_1", 2):
        found.places[entry[0]] = Place(entry[1], None)
    numbers: dict[int, Place] = {}
    links: dict[int, int] = {}
    for name in ("sqlite_autoindex_answers_1", "sqlite_autoindex_answers_2"):
        numbers |= {each[2]: Place(each[0], each[1]) for each in _numbers(contents, name, 3)}
        links |= {each[1]: each[0] for each in _numbers(contents, name, 2)}
    found.places |= {link: numbers[row] for row, link in links.items() if row in numbers}
    for row in contents.of("archived_answers").values():
        link, turn_id, number = (int(value or 0) for value in row)
        found.places[link] = Place(turn_id, number)
    return found


def _numbers(contents: Contents, name: str, count: int) -> Iterator[tuple[int, ...]]:
    for entry in contents.entries.get(name, ()):
        if len(entry) == count and all(isinstance(value, int) for value in entry):
            yield tuple(int(value or 0) for value in entry)


class _Order:
    """Whose prompts are which links, in the order in which both are given."""

    def __init__(self, links: Mapping[int, int], answered: set[int]) -> None:
        self._known = sorted((link, turn_id) for turn_id, link in links.items())
        self.answered = answered

    def around(self, link: int) -> tuple[int, int, int]:
        """The turn before that link (0: none), the turn behind it and the link of that; where none
        is behind, both are very large."""
        place = bisect.bisect(self._known, (link, 0))
        before = self._known[place - 1][1] if place else 0
        behind_link, behind = self._known[place] if place < len(self._known) else (_FAR, _FAR)
        return before, behind, behind_link

    def add(self, link: int, turn_id: int) -> None:
        bisect.insort(self._known, (link, turn_id))


def _shared_out(links: list[int], order: _Order, ids: list[int], end: int) -> dict[int, Place]:
    """Whose these links are of which nothing is known, by the order of numbers: mostly a prompt and
    its answer by turns. Behind the end of what is known nothing says how many turns there were."""
    found: dict[int, Place] = {}
    counts: dict[int, int] = defaultdict(int)
    for position, link in enumerate(links):
        before, behind, behind_link = order.around(link)
        first, last = bisect.bisect(ids, before), bisect.bisect_left(ids, behind)
        left = bisect.bisect_left(links, behind_link) - position
        is_due = before in order.answered or not before or last - first >= left
        turn_id = 0
        if first < last and is_due:
            turn_id = ids[first]
        elif not before or (link > end and is_due and first == last):
            turn_id = before + 1
        if turn_id:
            found[link] = Place(turn_id, None)
            order.add(link, turn_id)
        else:
            counts[before] += 1
            order.answered.add(before)
            found[link] = Place(before, counts[before])
    return found


class Holes:
    """Fills what is missing of one life up to its head."""

    def __init__(self, pieces: Pieces, traces: Traces, head: Head, day: str) -> None:
        """`day` as it is to be told."""
        self._pieces = pieces
        self._traces = traces
        self._head = head
        self._words = f"{LOST} on {day}"
        self._links: dict[int, int] = {}
        #: Turns of which something is lost: whether it is the prompt.
        self.lost: dict[int, bool] = {}

    def fill(self) -> None:
        missing = [
            link for link in range(1, self._head.link + 1) if link not in self._pieces.hashes
        ]
        self._links = self._prompt_links()
        for link, place in sorted(self._places_of(missing).items()):
            self._put(link, place)

    def _prompt_links(self) -> dict[int, int]:
        """By turn, of those whose prompt is there or known of."""
        found = {
            place.turn_id: link
            for link, place in self._traces.places.items()
            if place.number is None
        }
        for turn_id in self._pieces.rows:
            fields = self._pieces.fields(turn_id)
            if fields is not None:
                found[turn_id] = int(fields["link"])
        found |= {turn_id: turn.link for turn_id, turn in self._pieces.prompts.items()}
        return found

    def _places_of(self, missing: list[int]) -> dict[int, Place]:
        """Whose each of them is: as it is known, else by the order in which numbers are given."""
        known = {link: turn_id for turn_id, link in self._links.items()}
        found: dict[int, Place] = {}
        unknown: list[int] = []
        for link in missing:
            if link in self._traces.places:
                found[link] = self._traces.places[link]
            elif link in known:
                found[link] = Place(known[link], None)
            else:
                unknown.append(link)
        answered = {
            *self._pieces.kept,
            *(turn for turn, each in self._pieces.answers.items() if each),
        }
        answered |= {place.turn_id for place in found.values() if place.number is not None}
        links = dict(self._links)
        links |= {place.turn_id: link for link, place in found.items() if place.number is None}
        there = {*self._pieces.kept, *self._pieces.prompts, *links}
        last = max(self._traces.last_turn_id, *there, 0)
        ids = [each for each in range(1, last + 1) if each not in there]
        end = max(self._pieces.hashes, default=0)
        return found | _shared_out(unknown, _Order(links, answered), ids, end)

    def _put(self, link: int, place: Place) -> None:
        hash_ = self._head.hash if link == self._head.link else b""
        if place.number is None:
            self.lost[place.turn_id] = True
            self._pieces.take(Piece(place.turn_id, prompt=self._prompt(link, place, hash_)))
            return
        self.lost.setdefault(place.turn_id, False)
        taken = {*self._pieces.answers.get(place.turn_id, ())}
        number = place.number
        while number in taken:
            number += 1
        at = self.time_of(place.turn_id)
        answer = ArchivedAnswer(
            number, link, _FAILED, f"{self._words}.", 1, "", None, None, None, None, at, at,
            None, hash_.hex(),
        )  # fmt: skip
        self._pieces.take(Piece(place.turn_id, answer=answer))

    def _prompt(self, link: int, place: Place, hash_: bytes) -> ArchivedTurn:
        zone = self._zone_near(place.turn_id)
        at = self.time_of(place.turn_id)
        return ArchivedTurn(
            place.turn_id, link, at, zone, self._words, None, "", _FAILED, None, hash_.hex()
        )

    def time_of(self, turn_id: int) -> int:
        """When it was said, as near as that is known."""
        for step in range(turn_id, 0, -1):
            fields = self._pieces.fields(step)
            prompt = self._pieces.prompts.get(step)
            if step in self._traces.times:
                return self._traces.times[step]
            if fields is not None:
                return int(fields["at"])
            if prompt is not None:
                return prompt.at
        return min(self._traces.times.values(), default=0)

    def _zone_near(self, turn_id: int) -> str:
        for step in range(turn_id, 0, -1):
            prompt = self._pieces.prompts.get(step)
            if prompt is not None:
                return prompt.zone
        return "UTC"


def greatest_head(heads: list[Head], hashes: Mapping[int, bytes]) -> Head:
    """How far the life had come by everything that says so."""
    last = max(hashes, default=0)
    known = [*heads, Head(last, hashes.get(last, b""))]
    return max(known, key=lambda head: (head.link, bool(head.hash)))
