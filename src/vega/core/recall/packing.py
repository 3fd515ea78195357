"""What of the messages that were found is shown, so that it fits into a budget of tokens.

The best first; what does not fit is passed over, and smaller ones behind it may still fit. Of a
long message its beginning is shown, and with the room that is left in the end, also the passage
that fits the question. Pure.
"""

from dataclasses import dataclass, replace

from vega.core.recall.passages import pieces
from vega.core.recollection import Found, Recalled

#: So much is shown of a message that is longer; 200 tokens.
HEAD_CHARS = 800
#: A word that goes on there is shown to its end, if it ends so soon.
WORD_CHARS = 24
#: An estimate, as everywhere: most models make a token of some more.
CHARS_PER_TOKEN = 4
#: What a message takes beside its text: when it was said, by whom, and what parts it from others.
ITEM_TOKENS = 14
#: After so many messages in a row that did not fit, the next ones will hardly.
PATIENCE = 25
#: So many characters of whole messages are held.
MOST_HELD_CHARS = 20_000_000
#: So many characters of long messages are taken apart for the passages that fit, all together: half
#: a second's work.
MOST_SEARCHED_CHARS = 2_000_000
#: Stands where something is left out.
GAP = "…"


@dataclass(frozen=True, slots=True)
class _Item:
    recalled: Recalled
    #: Of the passage in the message that fits best; None where it is not known.
    piece: int | None


class Packer:
    """Takes messages one after the other, the best first, until its room is full."""

    def __init__(self, budget_tokens: int, limit: int) -> None:
        self._left = budget_tokens
        self._room = limit
        self._misses = 0
        self._held = 0
        self._searched = 0
        self._items: list[_Item] = []

    @property
    def is_full(self) -> bool:
        """Whether there is no use in trying more."""
        is_out_of_room = self._room <= 0 or self._left <= ITEM_TOKENS
        return is_out_of_room or self._misses >= PATIENCE or self._held >= MOST_HELD_CHARS

    def add(
        self,
        found: Found,
        *,
        piece: int | None = None,
        likeness: float | None = None,
    ) -> bool:
        """Whether the message fits, and so is among the items."""
        text = head(found.text)
        tokens = token_cost(text)
        if self._room <= 0 or tokens > self._left:
            self._misses += 1
            return False
        self._misses = 0
        self._left -= tokens
        self._room -= 1
        self._held += len(found.text)
        self._items.append(_Item(Recalled(found, text, tokens, likeness), piece))
        return True

    def items(self) -> tuple[Recalled, ...]:
        """What is shown, in the order in which it was taken."""
        return tuple(self._with_passage(item) for item in self._items)

    def _with_passage(self, item: _Item) -> Recalled:
        recalled = item.recalled
        if item.piece is None or len(recalled.text) >= len(recalled.found.text):
            return recalled
        self._searched += len(recalled.found.text)
        if self._searched > MOST_SEARCHED_CHARS:
            return recalled
        text = shown_with(recalled.found.text, item.piece)
        tokens = token_cost(text)
        if tokens - recalled.tokens > self._left:
            return recalled
        self._left -= tokens - recalled.tokens
        return replace(recalled, text=text, tokens=tokens)


def token_cost(text: str) -> int:
    """What a message with that text takes of the budget."""
    return -(-len(text) // CHARS_PER_TOKEN) + ITEM_TOKENS


def head(text: str) -> str:
    """The text, or of a long one the beginning."""
    end = _head_end(text)
    return text if end == len(text) else text[:end] + GAP


def shown_with(text: str, number: int) -> str:
    """The beginning of a long text and, where it is not in there, its passage of that number."""
    parts = pieces(text)
    end = _head_end(text)
    if number >= len(parts) or parts[number].end <= end:
        return head(text)
    passage = parts[number]
    behind = GAP if passage.end < len(text.rstrip()) else ""
    if passage.start <= end:
        return text[: passage.end] + behind
    return f"{text[:end]}{GAP}\n{text[passage.start : passage.end]}{behind}"


def _head_end(text: str) -> int:
    # A mark and one word more would be no shorter.
    if len(text) <= HEAD_CHARS + WORD_CHARS:
        return len(text)
    for end in range(HEAD_CHARS, HEAD_CHARS + WORD_CHARS):
        if text[end].isspace():
            return end
    return HEAD_CHARS
