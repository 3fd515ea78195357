"""What was said in a time, whatever it was about: "this morning", "yesterday", first, last."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from vega.core.conversation import Turn
from vega.core.importing import Role
from vega.core.life.talk_store import Place, is_talk
from vega.core.memory import Digest, DigestKind, TimeWindow
from vega.core.replies.moments import at_words, window_words
from vega.core.replies.quoting import MOST_LISTED_CHARS, is_question, quote, said_verb
from vega.core.replies.reply import NO_RECORD, Reply
from vega.core.store import Store
from vega.core.telling.periods import name_of, period_of
from vega.core.vocabulary import of

Item = TypeVar("Item")

#: Turns that one answer quotes; of so many more than that it says how many.
MOST_QUOTED = 10
MOST_TALKED = 6
#: In one sentence; more are a list.
MOST_IN_LINE = 3
#: Without a time, the last so many.
MOST_LAST = 5
#: Turns that are counted, and of them those that are read to be told apart.
MOST_COUNTED = 10_000
MOST_READ = 200
#: Digests that one answer tells.
MOST_DIGESTS = 7
#: Of a time that is so long, days say too much, then weeks, then months.
_DIGEST_DAYS = (
    (DigestKind.DAY, 8),
    (DigestKind.WEEK, 45),
    (DigestKind.MONTH, 400),
    (DigestKind.YEAR, 10**6),
)
_PREPOSITIONS = of("on at in during between since before after over around until by earlier an a")


async def prompts_in(
    store: Store, window: TimeWindow | None, turn: Turn, now: datetime, *, is_of_questions: bool
) -> Reply:
    """What the owner asked, or said, in that time; without one, lately."""
    turns, more = await _said(store, window, turn)
    turns = [each for each in turns if each.prompt]
    asked = [each for each in turns if is_question(each.prompt)]
    told = [each for each in turns if not is_question(each.prompt)]
    if not turns:
        return _nothing(window, turn)
    if is_of_questions and asked:
        # What was only said is not what was asked.
        more = more if not told else max(0, len(asked) - MOST_QUOTED)
        return _prompt_list("you asked", asked, more, window, turn, now)
    if is_of_questions:
        reply = _prompt_list("you asked nothing, but you said", turns, more, window, turn, now)
        return Reply(reply.text, reply.sources)
    verb = "you asked" if not told else "you said"
    return _prompt_list(verb, turns, more, window, turn, now)


async def talk_in(store: Store, window: TimeWindow | None, turn: Turn, now: datetime) -> Reply:
    """What was talked about in that time; without one, lately."""
    turns, more = await _said(store, window, turn)
    if not turns:
        return _nothing(window, turn)
    if window is not None and len(turns) + more > MOST_TALKED:
        digests = await _digests(store, window, turn.zone, now)
        if digests:
            return _digested(digests, window, turns, more)
    more += max(0, len(turns) - MOST_TALKED)
    shown = _evenly(turns, MOST_TALKED)
    clauses = [_clause(each, window, now, has_voice=True) + _answered(each) for each in shown]
    opening = f"{_opening(window)} we talked about this"
    text = _sentence(opening, clauses, more, most_in_line=1)
    return Reply(text, tuple(each.id for each in shown))


async def first(store: Store, turn: Turn, now: datetime) -> Reply:
    """The very first words."""
    found = await store.talk.first((turn.at, turn.id))
    if found is None:
        return Reply("These are the first words that I have a record of.")
    when = at_words(found.at, found.zone, now)
    return Reply(f"We first talked {when}. {_first_words(found)}", (found.id,))


async def last(store: Store, turn: Turn, now: datetime) -> Reply:
    """What the owner said before this."""
    found = await _before(store, turn)
    found = [each for each in found if each.prompt]
    if not found:
        return Reply(NO_RECORD)
    when = _capital(at_words(found[0].at, found[0].zone, now))
    verb = said_verb(Role.USER, found[0].prompt)
    return Reply(f"{when} {verb}: {quote(found[0].prompt)}", (found[0].id,))


async def last_answer(store: Store, turn: Turn, now: datetime) -> Reply:
    """What Vega said before this."""
    found = [each for each in await _before(store, turn) if each.response]
    if not found:
        return Reply(NO_RECORD)
    when = _capital(at_words(found[0].at, found[0].zone, now))
    return Reply(f"{when} I answered: {quote(found[0].response, 600)}", (found[0].id,))


async def last_time(store: Store, turn: Turn, now: datetime) -> Reply:
    """When there was talk before this."""
    found = await _before(store, turn)
    if not found:
        return Reply("I have no record of any talk before this.")
    when = at_words(found[0].at, found[0].zone, now)
    return Reply(f"We last talked {when}. {_first_words(found[0])}", (found[0].id,))


async def _before(store: Store, turn: Turn) -> list[Turn]:
    return await store.talk.before((turn.at, turn.id), MOST_LAST)


async def _said(store: Store, window: TimeWindow | None, turn: Turn) -> tuple[list[Turn], int]:
    """The turns of the owner's talk in that time, oldest first, and how many more there are;
    chatter only where there is nothing else."""
    place: Place = (turn.at, turn.id)
    if window is None:
        return (await _before(store, turn))[::-1], 0
    for has_chatter in (False, True):
        ids = await store.talk.between(
            window.start, window.end, place, MOST_COUNTED, has_chatter=has_chatter
        )
        read = ids if len(ids) <= MOST_READ else _evenly(ids, MOST_READ)
        turns = await store.talk.turns(read)
        turns = [each for each in turns if has_chatter or is_talk(each)]
        if turns:
            return turns, len(ids) - len(read)
    return [], 0


def _prompt_list(
    verb: str,
    turns: Sequence[Turn],
    more: int,
    window: TimeWindow | None,
    turn: Turn,
    now: datetime,
) -> Reply:
    shown = turns[:MOST_QUOTED]
    more += len(turns) - len(shown)
    opening = f"{_opening(window)} {verb}"
    if len(turns) == 1 and not more:
        at = _time(turns[0], window, now)
        said, most = quote(turns[0].prompt), _opening(window)
        # "Lately" says nothing that the time itself does not say better.
        opening = f"{most} {at}" if window is not None else _capital(at)
        return Reply(f"{opening} {verb}: {said}", (turns[0].id,))
    clauses = [_clause(each, window, now, has_voice=False) for each in shown]
    return Reply(_sentence(opening, clauses, more), tuple(each.id for each in shown))


def _clause(turn: Turn, window: TimeWindow | None, now: datetime, *, has_voice: bool) -> str:
    role = Role.USER if turn.prompt else Role.ASSISTANT
    text = turn.prompt or turn.response
    voice = f" {said_verb(role, text)}" if has_voice else ""
    return f"{_time(turn, window, now)}{voice} {quote(text, MOST_LISTED_CHARS)}"


def _answered(turn: Turn) -> str:
    """What came of it, in short."""
    if not turn.prompt or not turn.response or turn.response.startswith(NO_RECORD[:-1]):
        return ""
    return f", and I answered {quote(turn.response, MOST_LISTED_CHARS)}"


def _sentence(
    opening: str, clauses: Sequence[str], more: int, most_in_line: int = MOST_IN_LINE
) -> str:
    rest = f"and {more:,} more" if more else ""
    if len(clauses) <= most_in_line:
        return f"{opening}: {'; '.join([*clauses, *([rest] if rest else [])])}."
    lines = "\n".join(f"- {clause}" for clause in clauses)
    return f"{opening}:\n{lines}" + (f"\n\n{rest}." if rest else "")


def _time(turn: Turn, window: TimeWindow | None, now: datetime) -> str:
    """The time of day alone where the window is within one day."""
    if window is not None and window.end - window.start <= timedelta(hours=25):
        return f"at {turn.at.astimezone(ZoneInfo(turn.zone)):%H:%M}"
    return at_words(turn.at, turn.zone, now)


def _opening(window: TimeWindow | None) -> str:
    return _capital(window.words) if window is not None else "Lately"


def _nothing(window: TimeWindow | None, turn: Turn) -> Reply:
    if window is None:
        return Reply("I have no record of anything before this.")
    joint = "" if window.words.split(" ")[0] in _PREPOSITIONS else "from "
    days = window_words(window.start, window.end, turn.zone)
    return Reply(f"I have no record of anything {joint}{window.words} ({days}).")


async def _digests(store: Store, window: TimeWindow, zone: str, now: datetime) -> list[Digest]:
    """Those that tell the whole window, oldest first; none where one is missing."""
    there = ZoneInfo(zone)
    first_day = window.start.astimezone(there).date()
    last_day = (window.end - timedelta(microseconds=1)).astimezone(there).date()
    today = now.astimezone(there).date()
    if last_day >= today or window.start.astimezone(there).time().hour:
        # A part of a day has no digest, and today has none yet.
        return []
    days = (last_day - first_day).days + 1
    kind = next(kind for kind, most in _DIGEST_DAYS if days <= most)
    found = await store.digests.find([kind], first_day, last_day, MOST_DIGESTS)
    return found[::-1]


def _digested(
    digests: Sequence[Digest], window: TimeWindow, turns: Sequence[Turn], more: int
) -> Reply:
    count = len(turns) + more
    opening = f"{_opening(window)} we talked {count:,} times"
    ids = [each for digest in digests for each in (digest.first_turn_id, digest.last_turn_id)]
    sources = tuple(dict.fromkeys(ids))
    if len(digests) == 1:
        return Reply(f"{opening}. {digests[0].text}", sources)
    lines = (f"- {name_of(period_of(each.kind, each.first_day))}: {each.text}" for each in digests)
    return Reply("\n".join([f"{opening}:", *lines]), sources[:8])


def _first_words(turn: Turn) -> str:
    if turn.prompt:
        verb = "You asked" if is_question(turn.prompt) else "You said"
        return f"{verb}: {quote(turn.prompt)}"
    return f"I said: {quote(turn.response)}"


def _evenly(items: Sequence[Item], most: int) -> list[Item]:
    """At most so many of them, with the first and the last."""
    if len(items) <= most:
        return list(items)
    step = (len(items) - 1) / (most - 1)
    return [items[round(number * step)] for number in range(most)]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
