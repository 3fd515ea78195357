"""What may not be sent to a model server outside this machine.

That is each private fact, the turns in which it was told, those whose answers rest on these, any
other text that holds all words of its value, and what is told of a day with such a turn in it: it
may say the same in other words.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from vega.core.words import words


@dataclass(frozen=True, slots=True)
class Privacy:
    """What is private in one life at this moment."""

    #: Turns in which a private fact was told, and those whose answers rest on them.
    turn_ids: frozenset[int] = frozenset()
    #: The words of each private value; and those values that have none.
    values: tuple[frozenset[str], ...] = ()
    signs: tuple[str, ...] = ()
    #: The owner's days in which these turns were said.
    days: frozenset[date] = frozenset()

    def hides(self, *texts: str) -> bool:
        """Whether any of the texts may not be sent."""
        return any(map(self._hides, texts))

    def hides_turn(self, turn_id: int, *texts: str) -> bool:
        """Whether a turn, with what it says, may not be sent."""
        return turn_id in self.turn_ids or self.hides(*texts)

    def hides_span(self, first: date, last: date) -> bool:
        """Whether a digest of these days, both included, may not be sent."""
        return any(first <= day <= last for day in self.days)

    def _hides(self, text: str) -> bool:
        if not self.values and not self.signs:
            return False
        known = frozenset(words(text))
        return any(value <= known for value in self.values) or any(
            sign in text for sign in self.signs
        )


def privacy_of(
    turn_ids: Iterable[int], values: Iterable[str], days: Iterable[date] = ()
) -> Privacy:
    """What is private where these values are, told in these turns of these days."""
    by_value = {value: frozenset(words(value)) for value in values}
    return Privacy(
        frozenset(turn_ids),
        tuple({found for found in by_value.values() if found}),
        tuple(value.strip() for value, found in by_value.items() if not found and value.strip()),
        frozenset(days),
    )
