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
from datetime import datetime

from vega.core.conversation import Exchange, Turn
from vega.core.echoes import count_to_last_echo
from vega.core.findings import Finding, Findings, render
from vega.core.life.records import WINDOW_ROWS
from vega.core.preamble import compose, is_for, is_sendable, local_time
from vega.core.privacy import Privacy
from vega.core.sent_context import SentContext
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
#: Of that, what recall found.
FINDINGS_SHARE = 0.6
#: Of the rest, the answer to be continued.
PART_SHARE = 0.5
#: An answer is compared with those of so many turns before the window.
ECHO_REACH = 8
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
    #: From what it can be put together again.
    sent: SentContext
    #: What was found and is quoted in it.
    quoted: tuple[Finding, ...] = ()
    #: The turns of the recent window.
    recent_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Recent:
    """What stands before the prompt."""

    preamble: str
    shown: tuple[Exchange, ...]
    #: Where the window begins, and which of its turns are kept back.
    first: tuple[datetime, int]
    left_out: frozenset[int] = frozenset()


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
        self,
        turn: Turn,
        profile: ModelProfile,
        tokens: TokenCounter,
        part: str,
        findings: Findings | None = None,
    ) -> Prompt:
        """The prompt for this turn; `part` is the answer's text so far, to be continued, and
        `findings` is what recall has found for it."""
        self._narrowing = min(1.0, self._narrowing * WIDENING)
        room = profile.context_tokens - profile.answer_tokens - MARGIN_TOKENS
        budget = max(64, int(room * self._narrowing))
        found = findings or Findings()
        # Room is kept for all of it; what the recent turns show anyway is then left out.
        reserve = min(found.budget_tokens, int(budget * ENDING_SHARE * FINDINGS_SHARE))
        reserve = reserve if found.items else 0
        room = int(budget * ENDING_SHARE) - reserve
        prompt, prompt_chars, ending = await _ending(turn, room, tokens, part)
        message_chars = int(profile.context_tokens * MESSAGE_SHARE * LEAST_BYTES_PER_TOKEN)
        budget -= reserve + await _count([Message("user", prompt), *ending], tokens)
        recent = await self._recent(turn, budget, profile, tokens)
        recent_ids = tuple(one.turn_id for one in recent.shown)
        quoted = await found.packed(tokens, reserve, recent_ids)
        max_tokens = profile.answer_tokens
        if part:
            max_tokens = max(1, max_tokens - await tokens.count(part))
        sent = SentContext(
            preamble=recent.preamble,
            link=self._store.newest_link,
            first=recent.first,
            left_out=recent.left_out,
            shows_stored=profile.is_able,
            message_chars=message_chars,
            prompt_chars=prompt_chars,
            part=(len(part) - len(ending[0].content), len(part)) if ending else None,
            findings=tuple(item.quotation for item in quoted),
        )
        messages = (
            Message("system", recent.preamble),
            *(message for one in recent.shown for message in past_messages(one, message_chars)),
            Message("user", with_findings(prompt, quoted)),
            *ending,
        )
        return Prompt(messages, max_tokens, sent, quoted, recent_ids)

    async def _recent(
        self, turn: Turn, budget: int, profile: ModelProfile, tokens: TokenCounter
    ) -> _Recent:
        """The system message and the recent turns before this one; hops when they do not fit."""
        window = await self._store.find_window()
        here = (turn.at, turn.id)
        # What a model on this machine may know, another may not.
        privacy = None if profile.is_here else await self._store.facts.privacy()
        # A window that begins after this turn was made when the clock was ahead.
        is_usable = (
            window is not None
            and (window.first_at, window.first_id) <= here
            and is_for(window.preamble, is_able=profile.is_able)
            and is_sendable(window.preamble, privacy)
        )
        if window is not None and is_usable:
            most = profile.recent_turns or 2 * self._max_turns
            first = (window.first_at, window.first_id)
            past: Sequence[Exchange] = ()
            # Not over any amount of chatter.
            reach = await self._store.contexts.count_between(first, here, WINDOW_ROWS)
            is_near = reach < WINDOW_ROWS
            if is_near:
                past = await self._store.contexts.exchanges_between(first, here, most + 1)
            shown, left_out = await self._shown(past, profile, privacy)
            size = await self._size(window.preamble, shown, profile, tokens)
            if is_near and len(past) <= most and size <= budget:
                return _Recent(window.preamble, shown, first, left_out)
        return await self._hop(turn, budget, profile, tokens, privacy)

    async def _hop(
        self,
        turn: Turn,
        budget: int,
        profile: ModelProfile,
        tokens: TokenCounter,
        privacy: Privacy | None,
    ) -> _Recent:
        """Begins the window anew: today's preamble, and as many recent turns as half fill it."""
        today = local_time(turn.at, turn.zone).date()
        preamble = await compose(
            self._store,
            today,
            budget,
            tokens,
            is_able=profile.is_able,
            privacy=privacy,
        )
        left = int(budget * HOP_SHARE) - await self._size(preamble, (), profile, tokens)
        kept = list[Exchange]()
        first = (turn.at, turn.id)
        most = max(1, profile.recent_turns // 2) if profile.recent_turns else self._max_turns
        past = await self._store.contexts.exchanges_before(first, most)
        for one in past:
            shown, _ = _sendable([one], profile, privacy)
            left -= await self._size("", shown, profile, tokens) if shown else 0
            if left < 0:
                break
            kept = [one, *kept]
            first = (one.at, one.turn_id)
        await self._store.set_window(Window(preamble, *first))
        shown, left_out = await self._shown(kept, profile, privacy)
        return _Recent(preamble, shown, first, left_out)

    async def _shown(
        self, past: Sequence[Exchange], profile: ModelProfile, privacy: Privacy | None
    ) -> tuple[tuple[Exchange, ...], frozenset[int]]:
        """As `_sendable`. A model that can follow only a few turns sees nothing up to the last
        answer in which it repeated itself: it would do so again."""
        shown, left_out = _sendable(past, profile, privacy)
        if profile.recent_turns is None or not shown:
            return shown, left_out
        begin = (shown[0].at, shown[0].turn_id)
        before = await self._store.contexts.exchanges_before(begin, ECHO_REACH)
        answers = [one.response for one in (*before[::-1], *shown)]
        count = count_to_last_echo(answers, len(before)) - len(before)
        return shown[count:], left_out | {one.turn_id for one in shown[:count]}

    async def _size(
        self,
        preamble: str,
        shown: Sequence[Exchange],
        profile: ModelProfile,
        tokens: TokenCounter,
    ) -> int:
        """Tokens of a system message and of recent turns."""
        limit = int(profile.context_tokens * MESSAGE_SHARE * LEAST_BYTES_PER_TOKEN)
        messages = [message for one in shown for message in past_messages(one, limit)]
        return await _count([Message("system", preamble)] * bool(preamble) + messages, tokens)


async def _ending(
    turn: Turn, room: int, tokens: TokenCounter, part: str
) -> tuple[str, int, list[Message]]:
    """The prompt and how many characters were left of it, and the answer's end where it is to be
    continued; each shortened where it would fill the room."""
    answer: list[Message] = []
    if part:
        limit = int(room * PART_SHARE * LEAST_BYTES_PER_TOKEN)
        answer = [Message("assistant", part[-max(limit, LEAST_CHARS) :])]
    room -= await _count(answer, tokens)
    text, limit = turn.prompt, len(turn.prompt)
    # No token is shorter than a byte, so most prompts need not be counted.
    while len(text.encode()) > room and limit > LEAST_CHARS:
        if (size := await tokens.count(text)) <= room:
            break
        limit = max(LEAST_CHARS, int(min(limit, len(text)) * max(0.0, min(0.9, room / size))))
        text = clip(turn.prompt, limit)
    return stamped(text, turn), limit, answer


def with_findings(prompt: str, quoted: Sequence[Finding]) -> str:
    """The last message of the owner: what was found, then the prompt behind its time."""
    return f"{render(quoted)}\n\n{prompt}" if quoted else prompt


def clip(text: str, limit: int) -> str:
    """So many characters of the text, without its middle; the whole where that is no shorter."""
    if len(text) <= limit:
        return text
    half = max(0, limit) // 2
    left_out = len(text) - 2 * half
    clipped = f"{text[:half]}\n[… {left_out:,} characters left out …]\n{text[len(text) - half :]}"
    return clipped if len(clipped) < len(text) else text


def _sendable(
    past: Sequence[Exchange], profile: ModelProfile, privacy: Privacy | None
) -> tuple[tuple[Exchange, ...], frozenset[int]]:
    """The answered turns that stand in the window, and those that may not be sent. Neither are
    those that the store answered, for a model that would only imitate it."""
    known = [one for one in past if profile.is_able or one.model is not None]
    hidden = frozenset(
        one.turn_id
        for one in known
        if privacy is not None and privacy.hides_turn(one.turn_id, one.prompt, one.response)
    )
    return tuple(one for one in known if one.turn_id not in hidden), hidden


def past_messages(exchange: Exchange, most_chars: int) -> list[Message]:
    """An answered turn as it stands in the window."""
    return [
        Message("user", stamped(clip(exchange.prompt, most_chars), exchange)),
        Message("assistant", clip(exchange.response, most_chars)),
    ]


def stamped(text: str, turn: Turn | Exchange) -> str:
    """The text behind the owner's local time when they said it."""
    return f"[{local_time(turn.at, turn.zone):%a %d %b %Y, %H:%M}] {text}"


async def _count(messages: Sequence[Message], tokens: TokenCounter) -> int:
    counts = [await tokens.count(message.content) + MESSAGE_TOKENS for message in messages]
    return sum(counts)
