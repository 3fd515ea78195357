"""How often, and when first or last, something was said: counted and picked, not looked for."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from vega.core.conversation import Turn
from vega.core.importing import Role
from vega.core.life import records
from vega.core.life.talk_store import is_talk
from vega.core.memory import TimeWindow
from vega.core.recall.asking import asks_for_the_past, subject_of
from vega.core.recall.windows import span_of
from vega.core.replies.asking import Asking
from vega.core.replies.mentions import is_asking, told_of
from vega.core.replies.moments import at_words, window_name
from vega.core.replies.quoting import capital, is_asked, is_question, quote, said_verb
from vega.core.replies.reply import Reply, no_record
from vega.core.replies.spans import nothing_in
from vega.core.store import Store

#: So many turns of a time are counted, and of them so many read to tell questions from the rest.
MOST_COUNTED = 100_000
MOST_READ = 2_000
#: Turns that are read at a time where one is looked for from an end.
READ_AT_ONCE = 50
#: And so many days, each of which is looked at.
MOST_DAYS = 4_000
#: Beside a count, so many are quoted.
MOST_QUOTED = 3
_ORDINALS = {2: "second", 3: "third", 4: "fourth", 5: "fifth"}


async def counted(
    store: Store, asking: Asking, window: TimeWindow | None, turn: Turn, now: datetime
) -> Reply | None:
    """How often something was asked or said, exactly; None where its words say nothing."""
    if asking.subject:
        return await _counted_of(store, asking, window, turn, now)
    ids = await _ids(store, window, turn)
    opening = window_name(window, turn.zone, now) if window else "in all"
    if not ids:
        return await nothing_in(store, window, turn, now)
    if asking.is_of_days:
        return await _days(store, ids, window, turn, now)
    if len(ids) > MOST_READ:
        count = f"{len(ids):,}" if len(ids) < MOST_COUNTED else f"more than {MOST_COUNTED:,}"
        return Reply(capital(f"{opening} you said or asked something {count} times."))
    turns = [each for each in await store.talk.turns(ids) if is_talk(each) and each.prompt]
    asked = [each for each in turns if is_asked(each.prompt)]
    all_words = _times(len(turns), "message")
    shown = asked if asking.is_of_questions else turns
    told = f"you sent me {all_words}"
    if asking.is_of_questions:
        told = f"you asked me {_times(len(asked), 'question')}, in {all_words} of yours"
    if not shown:
        return Reply(capital(f"{opening} {told}."), tuple(each.id for each in turns[:MOST_QUOTED]))
    ends = shown[:1] if len(shown) == 1 else [shown[0], shown[-1]]
    quoted = [f"{at_words(each.at, each.zone, now)} {quote(each.prompt)}" for each in ends]
    names = ("It was",) if len(ends) == 1 else ("The first was", "the last")
    ends_told = ", ".join(f"{name} {said}" for name, said in zip(names, quoted, strict=True))
    text = f"{opening} {told}. {ends_told}."
    return Reply(capital(text), tuple(each.id for each in ends))


async def _days(
    store: Store, ids: Sequence[int], window: TimeWindow | None, turn: Turn, now: datetime
) -> Reply | None:
    """On how many days of a time there was talk: each day is looked at for a first turn; None where
    these are too many."""
    ends = await store.talk.turns([ids[0], ids[-1]])
    there = ZoneInfo(turn.zone)
    if not ends:
        return None
    start = ends[0].at
    last = ends[-1].at.astimezone(there).date()
    count = 0
    for _ in range(MOST_DAYS):
        day = start.astimezone(there).date()
        if day > last:
            name = f" {window_name(window, turn.zone, now)}" if window else ""
            return _of_days(count, f"we talked{name}", ends, now)
        behind = datetime.combine(day + timedelta(days=1), time(), there).astimezone(UTC)
        end = min(behind, window.end) if window else behind
        count += len(await store.talk.between(start, end, (turn.at, turn.id), 1))
        start = behind
    return None


def _of_days(count: int, what: str, said: Sequence[Turn], now: datetime) -> Reply:
    """Said with the first and the last of them."""
    text = f"On {_times(count, 'day')} {what}"
    ends = said[:1] if count == 1 else [said[0], said[-1]]
    told = [f"{at_words(each.at, each.zone, now)} {quote(each.prompt)}" for each in ends]
    which = told[0] if len(told) == 1 else f"first {told[0]}, last {told[1]}"
    return Reply(f"{text}: {which}.", tuple(dict.fromkeys(each.id for each in ends)))


async def _counted_of(
    store: Store, asking: Asking, window: TimeWindow | None, turn: Turn, now: datetime
) -> Reply | None:
    said = await _mentions(store, asking, window, turn)
    if said is None:
        return None
    name = f" {window_name(window, turn.zone, now)}" if window else ""
    subject = quote(_as_written(asking.subject, turn.prompt))
    if not said:
        return no_record(f": no message of yours{name} holds {subject}.")
    if asking.is_of_days:
        days = {each.at.astimezone(ZoneInfo(each.zone)).date() for each in said}
        return _of_days(len(days), f"you spoke of {subject}{name}", said, now)
    are_questions = asking.is_of_questions and all(is_question(each.prompt) for each in said)
    count = _times(len(said), "question" if are_questions else "message")
    shown = said if len(said) <= MOST_QUOTED else [said[0], *said[1 - MOST_QUOTED :]]
    told = [f"{at_words(each.at, each.zone, now)} {quote(each.prompt)}" for each in shown]
    of_more = f", of which I quote {len(shown)}" if len(shown) < len(said) else ""
    opening = f"{count} of yours{name} {'holds' if len(said) == 1 else 'hold'}"
    text = f"{opening} {subject}{of_more}: {'; '.join(told)}."
    return Reply(capital(text), tuple(each.id for each in shown))


def _as_written(subject: str, prompt: str) -> str:
    """With the capitals that it has in the prompt."""
    at = prompt.lower().find(subject)
    return prompt[at : at + len(subject)] if at >= 0 else subject


async def first_or_last_of(
    store: Store, asking: Asking, window: TimeWindow | None, turn: Turn, now: datetime
) -> Reply | None:
    """When the owner first or last spoke of something; None where no message of theirs holds it."""
    said = await _mentions(store, asking, window, turn)
    if not said:
        return None
    if asking.place == 0 and len(said) > 1:
        return await _counted_of(store, asking, window, turn, now)
    found = said[0] if asking.place > 0 else said[-1]
    when = at_words(found.at, found.zone, now)
    verb = said_verb(Role.USER, found.prompt)
    return Reply(f"{capital(when)} {verb}: {quote(found.prompt)}", (found.id,))


async def _mentions(
    store: Store, asking: Asking, window: TimeWindow | None, turn: Turn
) -> list[Turn] | None:
    """The owner's prompts that hold it, oldest first, but for those that only ask what was said of
    it; None where its words say nothing, or the index of words is not whole."""
    things = subject_of(asking.subject).things or subject_of(asking.subject).deeds
    is_complete = (await store.word_index.report()).is_complete
    if not things or not is_complete:
        # What is not in the index yet would be counted as never said.
        return None
    before = (records.micros(turn.at), turn.id)
    held = await store.recall.holding(things, before, span_of(window))
    ids = list(dict.fromkeys(id_ // 2 for id_ in held if id_ % 2 == 0))[-MOST_READ:]
    turns = await store.talk.turns(ids)
    talk = [each for each in turns if is_talk(each)]
    if asking.is_of_questions:
        asked = [each for each in talk if is_asking(each)]
        # Those of the world, where there are such, before those of what was said.
        asked = [each for each in asked if not asks_for_the_past(each.prompt)] or asked
        return asked or told_of(talk)
    return told_of(talk)


async def nth(
    store: Store, asking: Asking, window: TimeWindow | None, turn: Turn, now: datetime
) -> Reply:
    """The first, second or last that the owner or Vega said, of a time or of all."""
    ids = await _ids(store, window, turn)
    most = max(abs(asking.place), asking.most)
    found = await _from_end(store, asking, ids, most)
    if not found:
        return await nothing_in(store, window, turn, now)
    name = f" {window_name(window, turn.zone, now)}" if window else ""
    if asking.most > 1:
        clauses = [f"{at_words(each.at, each.zone, now)} {_words(asking, each)}" for each in found]
        sources = tuple(each.id for each in found)
        return Reply(capital(f"{'; '.join(clauses)}."), sources)
    if len(found) < abs(asking.place):
        which = _ORDINALS.get(asking.place, str(asking.place))
        return Reply(f"There is no {which} one{name}: I have a record of {len(found)}.")
    one = found[-1]
    text = one.response if asking.voice is Role.ASSISTANT else one.prompt
    verb = said_verb(asking.voice or Role.USER, text)
    when = at_words(one.at, one.zone, now)
    return Reply(f"{capital(when)} {verb}: {_words(asking, one)}", (one.id,))


def _words(asking: Asking, turn: Turn) -> str:
    return quote(turn.response, 600) if asking.voice is Role.ASSISTANT else quote(turn.prompt)


async def _from_end(store: Store, asking: Asking, ids: Sequence[int], most: int) -> list[Turn]:
    """So many of them that are what is asked for, from the first on or from the last back; what is
    no question only where there is none."""
    order = ids if asking.place > 0 else ids[::-1]
    others: list[Turn] = []
    found: list[Turn] = []
    for start in range(0, min(len(order), MOST_READ), READ_AT_ONCE):
        for each in await store.talk.turns(order[start : start + READ_AT_ONCE]):
            is_there = each.response if asking.voice is Role.ASSISTANT else each.prompt
            if not is_there or not is_talk(each):
                continue
            is_it = not asking.is_of_questions or is_asked(each.prompt)
            (found if is_it else others).append(each)
        if len(found) >= most:
            break
    return (found or others)[:most]


async def when_talked(
    store: Store, asking: Asking, window: TimeWindow | None, turn: Turn, now: datetime
) -> Reply:
    """When there was first or last talk in a time: "When did we last talk before today?" """
    ids = await _ids(store, window, turn)
    found = await _from_end(store, Asking(asking.wanted, place=asking.place), ids, 1)
    if not found:
        return await nothing_in(store, window, turn, now)
    one = found[0]
    when = at_words(one.at, one.zone, now)
    which = "first" if asking.place > 0 else "last"
    name = f", {window_name(window, turn.zone, now)}" if window else ""
    verb = "You asked" if is_question(one.prompt) else "You said"
    return Reply(f"We {which} talked {when}{name}. {verb}: {quote(one.prompt)}", (one.id,))


async def _ids(store: Store, window: TimeWindow | None, turn: Turn) -> list[int]:
    start = window.start if window else datetime.min.replace(year=1900, tzinfo=turn.at.tzinfo)
    end = window.end if window else turn.at
    return await store.talk.between(start, end, (turn.at, turn.id), MOST_COUNTED)


def _times(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
