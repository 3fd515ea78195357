"""What stands before the recent turns: the instructions, the owner's facts, the past in digests.

It is composed when the window hops, and then stays as it is until the next hop. Each of its kinds
has a share of the budget, so the prompt does not grow with the life.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from vega.core.memory import Digest, DigestKind, Fact, FactKind
from vega.core.privacy import Privacy
from vega.core.store import Store
from vega.core.telling.periods import first_day, name_of, period_of
from vega.core.tokens import TokenCounter

INSTRUCTIONS = (
    "You are Vega, the personal assistant of one owner, in one conversation that never ends. "
    "Answer plainly and briefly. Each of the owner's messages begins with its time in brackets. "
    "If you do not know something, say so."
)
#: For a model that may be trusted with memory; for others Vega confirms facts itself.
MEMORY_INSTRUCTIONS = (
    " When the owner tells you a fact about themselves, confirm it, as in: Got it! I'll remember "
    "that your favorite color is blue."
)
WISHES_TITLE = "The owner's standing wishes; every answer follows them:"
FACTS_TITLE = "What the owner has told about themselves:"
DIGESTS_TITLE = 'What was said on earlier days, as told to the owner (here "you" is the owner):'
#: Room that wishes may take, and facts, as shares of the budget.
WISHES_SHARE = 0.1
FACTS_SHARE = 0.2
MAX_FACTS = 200
#: Room that digests may take, as a share of the budget.
DIGESTS_SHARE = 0.15
#: How far back each kind reaches, behind the one before it; and its share of the digests' room,
#: beside what those before it have left. The longest kind has all the rest.
_REACHES = (
    (DigestKind.DAY, 7, 0.45),
    (DigestKind.WEEK, 5, 0.2),
    (DigestKind.MONTH, 12, 0.2),
    (DigestKind.YEAR, 100, 0.15),
)
_DAY = timedelta(days=1)


async def compose(
    store: Store,
    today: date,
    budget: int,
    tokens: TokenCounter,
    *,
    is_able: bool,
    privacy: Privacy | None = None,
) -> str:
    """The preamble of a window that begins now. A model that is not able sees the instructions
    alone: it makes up wishes, facts and memories in the manner of those that it sees.

    `privacy` says what a model outside this machine may not be sent; None: it is on this one.
    """
    if not is_able:
        return INSTRUCTIONS
    lines = [INSTRUCTIONS + MEMORY_INSTRUCTIONS]
    room = int(budget * WISHES_SHARE)
    lines += await _titled(WISHES_TITLE, await _wish_lines(store, privacy), room, tokens)
    room = int(budget * FACTS_SHARE)
    lines += await _titled(FACTS_TITLE, await _fact_lines(store, privacy), room, tokens)
    room = int(budget * DIGESTS_SHARE)
    digests = await _digest_lines(store, today, room, tokens, privacy)
    lines += [DIGESTS_TITLE, *digests] if digests else []
    return "\n".join(lines)


def is_for(preamble: str, *, is_able: bool) -> bool:
    """Whether it was composed for such a model."""
    return preamble.startswith(INSTRUCTIONS + MEMORY_INSTRUCTIONS) is is_able


def is_sendable(preamble: str, privacy: Privacy | None) -> bool:
    """Whether no line of it is private, nor tells of a day with a private turn."""
    if privacy is None:
        return True
    lines = preamble.split("\n")
    hidden = tuple({_digest_start(kind, day) for day in privacy.days for kind in DigestKind})
    return not privacy.hides(*lines) and not any(line.startswith(hidden) for line in lines)


async def _titled(title: str, lines: Sequence[str], room: int, tokens: TokenCounter) -> list[str]:
    """The title and those lines that there is room for, the first before others; or nothing."""
    kept, _ = await _newest(lines[::-1], room, tokens)
    return [title, *kept[::-1]] if kept else []


async def _wish_lines(store: Store, privacy: Privacy | None) -> list[str]:
    """The pinned first, then the newest."""
    wishes = await store.facts.wishes(include_private=privacy is None)
    lines = [f"- {fact.value}" for fact in _first_the_pinned(wishes)]
    return [line for line in lines if is_sendable(line, privacy)]


async def _fact_lines(store: Store, privacy: Privacy | None) -> list[str]:
    """The pinned first, then the newest."""
    kinds = [kind for kind in FactKind if kind is not FactKind.WISH]
    facts = await store.facts.current(MAX_FACTS, kinds, include_private=privacy is None)
    lines = [_fact_line(fact) for fact in _first_the_pinned(facts)]
    return [line for line in lines if is_sendable(line, privacy)]


def _first_the_pinned(facts: Sequence[Fact]) -> list[Fact]:
    return sorted(facts, key=lambda fact: (fact.is_pinned, fact.held_from, fact.id), reverse=True)


async def _digest_lines(
    store: Store, today: date, room: int, tokens: TokenCounter, privacy: Privacy | None
) -> list[str]:
    """The last days one by one, before them weeks, then months, then years: the whole life, the
    oldest first; of each kind the newest, as far as there is room. Without what may not be sent."""
    lines, left = list[str](), room - await tokens.count(DIGESTS_TITLE)
    kinds_room, end = 0.0, today
    for kind, reach, share in _REACHES:
        begin = _before(kind, end, reach)
        if begin == end:
            break
        found = await store.digests.find([kind], begin, end - _DAY, reach)
        kinds_room = min(left, kinds_room + room * share)
        told = [_digest_line(each) for each in reversed(found) if not _is_hidden(each, privacy)]
        kept, used = await _newest(told, int(kinds_room), tokens)
        lines = [*kept, *lines]
        left -= used
        kinds_room -= used
        end = begin
    return lines


def _before(kind: DigestKind, end: date, count: int) -> date:
    """The first day of the last so many periods of that kind which begin before that day."""
    for _ in range(count):
        if end == date.min:
            break
        end = first_day(kind, end - _DAY)
    return end


async def _newest(lines: Sequence[str], room: int, tokens: TokenCounter) -> tuple[list[str], int]:
    """The last of the lines, as many as there is room for, and what they take of it."""
    kept, used = list[str](), 0
    for line in reversed(lines):
        size = await tokens.count(line)
        if used + size > room:
            break
        used += size
        kept.insert(0, line)
    return kept, used


def _fact_line(fact: Fact) -> str:
    told = local_time(fact.held_from, fact.zone)
    return f"- {fact.attribute}: {fact.value} (told on {told.day} {told:%B %Y})"


def _digest_line(digest: Digest) -> str:
    return f"{_digest_start(digest.kind, digest.first_day)}{digest.text}"


def _is_hidden(digest: Digest, privacy: Privacy | None) -> bool:
    if privacy is None:
        return False
    return privacy.hides_span(digest.first_day, digest.last_day) or privacy.hides(digest.text)


def _digest_start(kind: DigestKind, day: date) -> str:
    return f"- {name_of(period_of(kind, day))}: "


def local_time(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))
