"""What the model sees in one call, built under its real budget and stable in its beginning.

In this order: the preamble with the owner's facts and the past in digests, frozen; recent turns,
each as it was sent; last the prompt, with the place for what recall finds, and the present time.
Whatever changes per turn stands at the end, and the recent window moves in hops: it grows turn by
turn until it is full, then begins anew with its newer half. So a model server's prefix cache serves
nearly all of every prompt. Where the window begins, and the preamble, is kept in the store: a
restart sends the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from vega.core.conversation import Exchange, Turn
from vega.core.preamble import compose, local_time
from vega.core.store import Store, Window
from vega.core.tokens import TokenCounter
from vega.llm.base import Message, ModelProfile

#: What a chat template puts around one message, in tokens, and what no count foresees.
MESSAGE_TOKENS = 8
MARGIN_TOKENS = 32
#: How full the budget is after a hop; the rest is room for the turns until the next one.
HOP_SHARE = 0.5
#: A past message takes at most this share of the budget; the rest of it is left out.
MESSAGE_SHARE = 0.15
#: The prompt, with what recall found and the answer to be continued, takes at most this share.
ENDING_SHARE = 0.5
#: Of that, the answer to be continued.
PART_SHARE = 0.5
#: Shorter than this no prompt is made.
LEAST_CHARS = 96
#: With fewer bytes to a token than this no text is expected: emoji and rare scripts.
LEAST_BYTES_PER_TOKEN = 2.0
#: How much less is tried after the model has said that a prompt was too long, at the least; and
#: how fast it is forgotten: one turn may have been to blame, and not the model's window.
NARROWING = 0.7
NARROWEST = 0.25
WIDENING = 1.02


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent, and how long the answer may become."""

    messages: tuple[Message, ...]
    max_tokens: int


class Context:
    """Builds prompts for one life."""

    def __init__(self, store: Store, max_turns: int) -> None:
        self._store = store
        self._max_turns = max_turns
        self._narrowing = 1.0

    def narrow(self) -> None:
        """The last prompt did not fit, whatever was counted: build smaller ones from now on."""
        self._narrowing = max(NARROWEST, self._narrowing * NARROWING)

    async def build(
        self, turn: Turn, profile: ModelProfile, tokens: TokenCounter, part: str, findings: str = ""
    ) -> Prompt:
        """The prompt for this turn; `part` is the answer's text so far, to be continued, and
        `findings` is what recall has found, ready to be shown."""
        self._narrowing = min(1.0, self._narrowing * WIDENING)
        room = profile.context_tokens - profile.answer_tokens - MARGIN_TOKENS
        budget = max(64, int(room * self._narrowing))
        ending = await self._ending(turn, budget, tokens, part, findings)
        budget -= await _count(ending, tokens)
        preamble, recent = await self._recent(turn, budget, profile, tokens)
        max_tokens = profile.answer_tokens
        if part:
            max_tokens = max(1, max_tokens - await tokens.count(part))
        return Prompt((preamble, *recent, *ending), max_tokens)

    async def _recent(
        self, turn: Turn, budget: int, profile: ModelProfile, tokens: TokenCounter
    ) -> tuple[Message, list[Message]]:
        """The system message and the recent turns before this one; hops when they do not fit."""
        window = await self._store.find_window()
        here = (turn.at, turn.id)
        # A window that begins after this turn was made when the clock was ahead.
        if window is not None and (window.first_at, window.first_id) <= here:
            most = profile.recent_turns or 2 * self._max_turns
            past = await self._store.exchanges_between(
                (window.first_at, window.first_id), here, most + 1
            )
            preamble = Message("system", window.preamble)
            recent = [message for one in past for message in _past(one, profile)]
            size = await _count([preamble, *recent], tokens)
            if len(past) <= most and size <= budget:
                return preamble, recent
        return await self._hop(turn, budget, profile, tokens)

    async def _hop(
        self, turn: Turn, budget: int, profile: ModelProfile, tokens: TokenCounter
    ) -> tuple[Message, list[Message]]:
        """Begins the window anew: today's preamble, and as many recent turns as half fill it."""
        today = local_time(turn.at, turn.zone).date()
        preamble = Message(
            "system",
            await compose(self._store, today, budget, tokens, is_able=profile.is_able),
        )
        left = int(budget * HOP_SHARE) - await _count([preamble], tokens)
        recent: list[Message] = []
        first = (turn.at, turn.id)
        most = max(1, profile.recent_turns // 2) if profile.recent_turns else self._max_turns
        for past in await self._store.exchanges_before(first, most):
            messages = _past(past, profile)
            left -= await _count(messages, tokens)
            if left < 0:
                break
            recent = [*messages, *recent]
            first = (past.at, past.turn_id)
        await self._store.set_window(Window(preamble.content, *first))
        return preamble, recent

    async def _ending(
        self, turn: Turn, budget: int, tokens: TokenCounter, part: str, findings: str
    ) -> list[Message]:
        """The prompt, and the answer's end where it is to be continued; each shortened where it
        would fill the budget."""
        room = int(budget * ENDING_SHARE)
        answer: list[Message] = []
        if part:
            limit = int(room * PART_SHARE * LEAST_BYTES_PER_TOKEN)
            answer = [Message("assistant", part[-max(limit, LEAST_CHARS) :])]
        opening = f"{findings}\n\n" if findings else ""
        room -= await _count(answer, tokens) + await tokens.count(opening)
        text, limit = turn.prompt, len(turn.prompt)
        # No token is shorter than a byte, so most prompts need not be counted.
        while len(text.encode()) > room and limit > LEAST_CHARS:
            if (size := await tokens.count(text)) <= room:
                break
            limit = max(LEAST_CHARS, int(min(limit, len(text)) * max(0.0, min(0.9, room / size))))
            text = clip(turn.prompt, limit)
        return [Message("user", opening + _stamped(text, turn)), *answer]


def clip(text: str, limit: int) -> str:
    """So many characters of the text, without its middle; the whole where that is no shorter."""
    if len(text) <= limit:
        return text
    half = max(0, limit) // 2
    left_out = len(text) - 2 * half
    clipped = f"{text[:half]}\n[… {left_out:,} characters left out …]\n{text[len(text) - half :]}"
    return clipped if len(clipped) < len(text) else text


def _past(exchange: Exchange, profile: ModelProfile) -> list[Message]:
    """An answered turn as it stands in the window; not so one that the store answered, for a
    model that would only imitate it."""
    if not profile.is_able and exchange.model is None:
        return []
    limit = int(profile.context_tokens * MESSAGE_SHARE * LEAST_BYTES_PER_TOKEN)
    return [
        Message("user", _stamped(clip(exchange.prompt, limit), exchange)),
        Message("assistant", clip(exchange.response, limit)),
    ]


def _stamped(text: str, turn: Turn | Exchange) -> str:
    """The text behind the owner's local time when they said it."""
    return f"[{local_time(turn.at, turn.zone):%a %d %b %Y, %H:%M}] {text}"


async def _count(messages: Sequence[Message], tokens: TokenCounter) -> int:
    counts = [await tokens.count(message.content) + MESSAGE_TOKENS for message in messages]
    return sum(counts)
