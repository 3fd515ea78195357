"""What was said in a time, whatever it was about: "this morning", "yesterday", first, last."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from vega.core.conversation import Turn
from vega.core.importing import Role
from vega.core.life.talk_store import Place, is_talk
from vega.core.memory import TimeWindow
from vega.core.recall.asking import asks_for_the_past
from vega.core.recall.times import EARLIEST, Anchor, Impossible, read_impossible, read_time
from vega.core.replies.asking import Asking, Wanted
from vega.core.replies.digests import digested, whole_digests
from vega.core.replies.moments import ago_words, at_words, date_words, window_name, window_words
from vega.core.replies.quoting import MOST_LISTED_CHARS, capital, is_question, quote, said_verb
from vega.core.replies.reply import NO_RECORD, Lack, Reply, no_record
from vega.core.store import Store
from vega.core.vocabulary import of

Item = TypeVar("Item")

#: Turns that one answer quotes; of so many more than that it says how many.
MOST_QUOTED = 10
MOST_TALKED = 6
#: In one sentence; more are a list.
MOST_IN_LINE = 3
#: Without a time, the last so many.
MOST_LAST = 5
#: Of so many, questions about the past left out.
MOST_LOOKED_BACK = 30
#: Turns that are counted, and of them those that are read to be told apart.
MOST_COUNTED = 10_000
MOST_READ = 200
#: Before this hour it is still the night of the day before.
_NIGHT_ENDS_AT = 5
#: The longest that "around 8" may mean.
_AN_HOUR = timedelta(hours=2)
_WHETHER = re.compile(
    r"(?:(?:hey|hi|vega|so|and|but|ok(?:ay)?|well)\W+)*(?:did|have) (?:i|we|you) ", re.IGNORECASE
)
_PREPOSITIONS = of("on at in during between since before after over around until by earlier an a")


async def prompts_in(
    store: Store, window: TimeWindow | None, turn: Turn, now: datetime, *, is_of_questions: bool
) -> Reply:
    """What the owner asked, or said, in that time; without one, lately."""
    turns, more = await _said(store, window, turn, is_thinned=False)
    turns = [each for each in turns if each.prompt]
    asked = [each for each in turns if is_question(each.prompt)]
    told = [each for each in turns if not is_question(each.prompt)]
    if not turns:
        return await nothing_in(store, window, turn, now)
    if is_of_questions and asked:
        # What was only said is not what was asked.
        more = more if not told else max(0, len(asked) - MOST_QUOTED)
        return _prompt_list("you asked", asked, more, window, turn, now)
    if is_of_questions:
        reply = _prompt_list("you asked nothing, but you said", turns, more, window, turn, now)
        return Reply(reply.text, reply.sources)
    verb = "you asked" if not told else "you said"
    return _yes(_prompt_list(verb, turns, more, window, turn, now), turn)


async def talk_in(store: Store, window: TimeWindow | None, turn: Turn, now: datetime) -> Reply:
    """What was talked about in that time; without one, lately."""
    turns, more = await _said(store, window, turn)
    if not turns:
        return await nothing_in(store, window, turn, now)
    if window is not None and len(turns) + more > MOST_TALKED:
        digests = await whole_digests(store, window, turn.zone, now)
        if digests:
            told = digested(digests, window_name(window, turn.zone, now), len(turns) + more)
            return _yes(told, turn)
    more += max(0, len(turns) - MOST_TALKED)
    shown = _evenly(turns, MOST_TALKED)
    clauses = [_clause(each, window, now, has_voice=True) + _answered(each) for each in shown]
    opening = f"{_opening(window, turn.zone, now)} we talked about this"
    text = _sentence(opening, clauses, more, most_in_line=1)
    return _yes(Reply(text, tuple(each.id for each in shown)), turn)


def _yes(reply: Reply, turn: Turn) -> Reply:
    """With a "Yes", where it was asked whether anything was said then."""
    is_whether = _WHETHER.match(turn.prompt) is not None
    return Reply(f"Yes. {reply.text}", reply.sources) if is_whether else reply


async def first(store: Store, turn: Turn, now: datetime, *, is_how_long: bool = False) -> Reply:
    """The very first words, or how long ago they were said."""
    found = await store.talk.first((turn.at, turn.id))
    if found is None:
        return Reply("These are the first words that I have a record of.")
    when = at_words(found.at, found.zone, now)
    if is_how_long:
        length = ago_words(found.at, now, turn.zone)
        there = ZoneInfo(turn.zone)
        days = (now.astimezone(there).date() - found.at.astimezone(there).date()).days
        in_days = f" ({days:,} days)" if days > 31 else ""
        text = f"We have been talking for {length}{in_days}: since {_since(when)}."
        return Reply(f"{text} {_first_words(found)}", (found.id,))
    return Reply(f"We first talked {when}. {_first_words(found)}", (found.id,))


async def last(store: Store, turn: Turn, now: datetime) -> Reply:
    """What the owner said before this."""
    found = await _before(store, turn)
    found = [each for each in found if each.prompt]
    if not found:
        return no_record()
    when = capital(at_words(found[0].at, found[0].zone, now))
    verb = said_verb(Role.USER, found[0].prompt)
    return Reply(f"{when} {verb}: {quote(found[0].prompt)}", (found[0].id,))


async def last_answer(store: Store, turn: Turn, now: datetime) -> Reply:
    """What Vega said before this."""
    found = [each for each in await _before(store, turn) if each.response]
    if not found:
        return no_record()
    when = capital(at_words(found[0].at, found[0].zone, now))
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


async def _said(
    store: Store, window: TimeWindow | None, turn: Turn, *, is_thinned: bool = True
) -> tuple[list[Turn], int]:
    """The turns of the owner's talk in that time, oldest first, and how many more there are;
    chatter only where there is nothing else. Of very many some from all over, or the first; of
    all that was before something, the last."""
    place: Place = (turn.at, turn.id)
    if window is None:
        found = await store.talk.before((turn.at, turn.id), MOST_LOOKED_BACK)
        # "What were we talking about?" is no question about the questions about the past.
        talk = [each for each in found if not asks_for_the_past(each.prompt)] or found
        return talk[:MOST_LAST][::-1], 0
    for has_chatter in (False, True):
        ids = await store.talk.between(
            window.start, window.end, place, MOST_COUNTED, has_chatter=has_chatter
        )
        read = _evenly(ids, MOST_READ) if is_thinned else ids[:MOST_READ]
        if _is_open(window) and not is_thinned and len(ids) > MOST_READ:
            last = await store.talk.before(min(place, (window.end, 0)), MOST_READ)
            return last[::-1], len(ids) - len(last)
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
    is_open = _is_open(window)
    shown = turns[-MOST_QUOTED:] if is_open else turns[:MOST_QUOTED]
    more += len(turns) - len(shown)
    opening = f"{_opening(window, turn.zone, now)} {verb}"
    if len(turns) == 1 and not more:
        at = _time(turns[0], window, now)
        said, most = quote(turns[0].prompt), _opening(window, turn.zone, now)
        # "Lately" says nothing that the time itself does not say better.
        opening = f"{most} {at}" if window is not None else capital(at)
        return Reply(f"{opening} {verb}: {said}", (turns[0].id,))
    clauses = [_clause(each, window, now, has_voice=False) for each in shown]
    kind = "earlier" if is_open else "more"
    return Reply(_sentence(opening, clauses, more, kind=kind), tuple(each.id for each in shown))


def _is_open(window: TimeWindow | None) -> bool:
    """ "Before my trip": what is meant stands right before it."""
    return window is not None and window.start <= EARLIEST.replace(tzinfo=UTC)


def _clause(turn: Turn, window: TimeWindow | None, now: datetime, *, has_voice: bool) -> str:
    role = Role.USER if turn.prompt else Role.ASSISTANT
    text = turn.prompt or turn.response
    voice = f" {said_verb(role, text)}" if has_voice else ""
    return f"{_time(turn, window, now)}{voice} {quote(text, MOST_LISTED_CHARS)}"


def _answered(turn: Turn) -> str:
    """What came of it, in short."""
    if not turn.prompt or not turn.response or turn.response.startswith(NO_RECORD):
        return ""
    return f", and I answered {quote(turn.response, MOST_LISTED_CHARS)}"


def _sentence(
    opening: str,
    clauses: Sequence[str],
    more: int,
    most_in_line: int = MOST_IN_LINE,
    kind: str = "more",
) -> str:
    rest = f"and {more:,} {kind}" if more else ""
    if len(clauses) <= most_in_line:
        return f"{opening}: {'; '.join([*clauses, *([rest] if rest else [])])}."
    lines = "\n".join(f"- {clause}" for clause in clauses)
    return f"{opening}:\n{lines}" + (f"\n\n{rest}." if rest else "")


def _time(turn: Turn, window: TimeWindow | None, now: datetime) -> str:
    """The time of day alone where the window is within one day."""
    if window is not None and window.end - window.start <= timedelta(hours=25):
        return f"at {turn.at.astimezone(ZoneInfo(turn.zone)):%H:%M}"
    return at_words(turn.at, turn.zone, now)


def _opening(window: TimeWindow | None, zone: str, now: datetime) -> str:
    return capital(window_name(window, zone, now)) if window is not None else "Lately"


def _since(when: str) -> str:
    """ "10 March 2022 at 10:00", as it stands behind a preposition."""
    return when.removeprefix("on ")


async def nothing_in(store: Store, window: TimeWindow | None, turn: Turn, now: datetime) -> Reply:
    """That nothing was said then; and what is nearest to it: the rest of that day, where only a
    part of it is meant, or the first talk, where that came later."""
    if window is None:
        return Reply("I have no record of anything before this.", lack=Lack.TALK)
    if window.start >= now:
        return ahead(window, turn, now)
    name = window_name(window, turn.zone, now)
    joint = "" if name.split(" ")[0] in _PREPOSITIONS else "from "
    days = window_words(window.start, window.end, turn.zone)
    shown = "" if days in name else f" ({days})"
    text = f"I have no record of anything {joint}{name}{shown}."
    beside, is_meant = await _nearest(store, window, turn)
    if beside is not None and is_meant:
        verb = said_verb(Role.USER, beside.prompt)
        return _prompt_list(verb, [beside], 0, None, turn, now)
    if beside is not None:
        told = f"{at_words(beside.at, beside.zone, now)} {said_verb(Role.USER, beside.prompt)}"
        text = f"{text} The nearest that I find is: {told} {quote(beside.prompt)}."
        return Reply(text, (beside.id,), lack=Lack.TALK)
    found = await store.talk.first((turn.at, turn.id))
    if found is not None and found.at >= window.end:
        text = f"{text} We first talked {at_words(found.at, found.zone, now)}."
        return Reply(text, (found.id,), lack=Lack.TALK)
    return Reply(text, lack=Lack.TALK)


async def _nearest(store: Store, window: TimeWindow, turn: Turn) -> tuple[Turn | None, bool]:
    """What was said nearest to a part of a day, within a day of it; none to anything longer. And
    whether it may be just what is meant: "at 3:30" was in the night."""
    if window.end - window.start >= timedelta(hours=23):
        return None, False
    middle = window.start + (window.end - window.start) / 2
    there = ZoneInfo(turn.zone)
    day = middle.astimezone(there).replace(hour=0, minute=0, second=0, microsecond=0)
    # Who says "at 2:30 at night" may mean that of the day that they name, or of the next.
    days_back = 1 if middle.astimezone(there).hour < _NIGHT_ENDS_AT else 0
    start = (day - timedelta(days=days_back)).astimezone(UTC)
    ids = await store.talk.between(
        start, (day + timedelta(days=1)).astimezone(UTC), (turn.at, turn.id), MOST_READ
    )
    turns = [each for each in await store.talk.turns(ids) if is_talk(each) and each.prompt]
    shifted = [each for each in turns if _is_shifted(each, window, days_back)]
    best = min(shifted or turns, key=lambda each: abs(each.at - middle), default=None)
    return best, bool(shifted)


def _is_shifted(said: Turn, window: TimeWindow, days_back: int) -> bool:
    """Whether it was said then by a clock of twelve hours, or in the night before; of an hour
    only, since "in the evening" means no morning."""
    if window.end - window.start > _AN_HOUR or re.search(r"\d", window.words) is None:
        return False
    there = ZoneInfo(said.zone)
    first, until, at = (
        moment.astimezone(there).replace(tzinfo=None)
        for moment in (window.start, window.end, said.at)
    )
    hours = (12, -12, 24) if days_back else (12, -12)
    return any(first <= at + timedelta(hours=shift) < until for shift in hours)


def ahead(window: TimeWindow, turn: Turn, now: datetime) -> Reply:
    """That it is still to come."""
    name = window_name(window, turn.zone, now)
    days = window_words(window.start, window.end, turn.zone)
    shown = name if days in name else f"{name}: {days}"
    return Reply(
        f"That still lies ahead ({shown}), so nothing has been said then yet. Ask me what is on "
        "your schedule for what you have told me of your plans."
    )


def is_about(window: TimeWindow, prompt: str) -> bool:
    """Whether that time is what was spoken of, and not when: "What did I say about tomorrow?" """
    verbs = "".join(rf"(?<!\b{verb} )" for verb in ("talk", "talked", "talking", "speak", "chat"))
    before = rf"{verbs}\b(?:about|for|regarding) (?:the )?{re.escape(window.words)}"
    return re.search(before, " ".join(prompt.split()), re.IGNORECASE) is not None


def impossible(asking: Asking, prompt: str) -> Impossible | None:
    """The time of a question in which nothing can have been said."""
    time = read_impossible(prompt) if asking.is_certain else None
    is_of_things = asking.wanted in (Wanted.PASSAGE, Wanted.MOMENT)
    # What is asked about may well have been in that year.
    return None if time is None or (time.is_year and is_of_things) else time


def needs_window(asking: Asking, prompt: str, now: datetime) -> bool:
    """Whether it is asked for a time that could not be read."""
    if not asking.names_time or asking.wanted in (Wanted.PASSAGE, Wanted.MOMENT):
        return False
    time = read_time(prompt, now)
    return time is None or not isinstance(time.meaning, Anchor)


async def never(store: Store, time: Impossible, turn: Turn, now: datetime) -> Reply:
    """That there is no such day, or that it is a year of which nothing can be known."""
    found = await store.talk.first((turn.at, turn.id))
    if not time.is_year:
        return Reply(f"{capital(time.words)} does not exist: there is no such day or time.")
    if int(time.words) > now.year:
        return Reply(f"The year {time.words} still lies ahead.")
    text = f"I have no record of anything in {time.words}."
    if found is None:
        return Reply(text)
    return Reply(f"{text} We first talked {at_words(found.at, found.zone, now)}.", (found.id,))


def unread_time(turn: Turn) -> Reply:
    """That it is not known which time is meant."""
    day = date_words(turn.at.astimezone(ZoneInfo(turn.zone)).date())
    return Reply(
        f'I do not understand which time you mean. Please say it with a date, as in "on {day}".'
    )


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
