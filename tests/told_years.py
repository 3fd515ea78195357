"""Some years of one person's talk, told into a real store, and questions asked of them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.lives import completed, lookup_in
from vega.core.conversation import NewTurn, Turn
from vega.core.facts import read_statements
from vega.core.replies.answering import Replies
from vega.core.store import Store

#: A Wednesday afternoon.
NOW, ZONE = "2026-11-25 14:30", "Europe/Vienna"
_YEARS = """
2022-03-10 10:00 | Europe/Vienna | My favorite color is red | Nice.
2022-06-02 20:15 | Europe/Vienna | I booked a trip to Lisbon for June 10th to 17th | Enjoy!
2022-06-05 08:30 | Europe/Vienna | How do I remove red wine from a shirt? | Cold water.
2022-06-11 23:40 | Europe/Lisbon | I am in Lisbon now, the hostel is called Casa Azul | Have fun.
2022-06-12 00:20 | Europe/Lisbon | Is the tram 28 running at night? | Until eleven.
2022-06-18 10:00 | Europe/Vienna | Back from Lisbon! I lost my grey hat on the tram. | A pity.
2023-01-01 00:20 | Europe/Vienna | Happy new year! My resolution is to run a marathon | Great.
2023-03-14 09:00 | Europe/Vienna | How do bees find their way home? | By the sun.
2023-10-29 02:30 | Europe/Vienna | The baby is awake again, she is teething | Poor thing.
2023-11-24 11:00 | Europe/Vienna | Are the headphones a good deal? | Hardly.
2024-02-29 12:00 | Europe/Vienna | Leap day lunch with Marta at the Thai place | Yum.
2024-03-31 03:30 | Europe/Vienna | The clock jumped while I wrote the parser | Summer time.
2024-10-31 21:00 | Europe/Vienna | How do I carve a pumpkin? | With a spoon.
2025-02-14 18:00 | Europe/Vienna | I made a heart of chocolate for Tobias | Sweet.
2025-03-14 20:00 | Europe/Vienna | The cake had eleven candles too many | Ha.
2025-04-20 10:00 | Europe/Vienna | We hid eggs in the garden | Lovely.
2025-05-20 07:10 | America/New_York | Can you suggest a recipe for asparagus? | Risotto, of course.
2025-11-27 17:00 | Europe/Vienna | The turkey is in the oven | Smells good.
2025-11-28 09:30 | Europe/Vienna | Should I buy the drill at half price? | If you need it.
2025-12-20 10:00 | Europe/Vienna | Which tree keeps its needles? | A Nordmann fir.
2025-12-24 17:00 | Europe/Vienna | Merry Christmas! I got a Fairphone from mum | Merry Christmas!
2025-12-31 22:00 | Europe/Vienna | What goes well with raclette? | Pickles.
2026-03-09 09:00 | Europe/Vienna | Do bees sleep? | They do.
2026-06-04 09:00 | Europe/Vienna | What should I pack for Norway? | A rain jacket.
2026-06-08 09:00 | Europe/Vienna | My flight to Norway leaves tomorrow at 6:40 from VIE | Safe trip.
2026-06-20 21:00 | Europe/Vienna | The Norway trip was wet but great | Nice.
2026-06-21 08:00 | Europe/Vienna | How long do wet boots dry? | Two days.
2026-08-03 09:00 | Asia/Tokyo | Which ramen is the best in Shibuya? | The one with the queue.
2026-10-05 10:00 | Europe/Vienna | How do I store apples? | In the dark.
2026-10-12 10:00 | Europe/Vienna | The roof leaks again | Call the roofer.
2026-11-16 10:00 | Europe/Vienna | Is the museum open on Mondays? | No.
2026-11-17 09:05 | Europe/Vienna | Draft a mail to my boss about the budget | Dear boss ...
2026-11-17 20:30 | Europe/Vienna | How do I prune a fig tree? | In late winter.
2026-11-20 15:00 | Europe/Vienna | Explain the difference between TCP and UDP | TCP is reliable.
2026-11-21 23:10 | Europe/Vienna | I went to bed at eleven | Sleep well.
2026-11-23 10:00 | Europe/Vienna | Let's talk about project Heron | Project Heron sounds great.
2026-11-24 08:10 | Europe/Vienna | Is it OK to eat yoghurt past its date? | Usually yes.
2026-11-24 15:20 | Europe/Vienna | The garden shed gets a green roof | Good choice.
2026-11-24 21:45 | Europe/Vienna | Which film should I watch tonight? | Paterson.
2026-11-25 06:30 | Europe/Vienna | Remind me to water the ficus | I will.
2026-11-25 08:10 | Europe/Vienna | How many moons has Mars? | Two: Phobos and Deimos.
2026-11-25 13:50 | Europe/Vienna | Do bees like lavender? | Very much.
"""


def moment(local: str, zone: str = ZONE) -> datetime:
    """In UTC, what a clock of that zone shows."""
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


async def tell_years(store: Store, years: str = _YEARS) -> None:
    """All of it, as it was said and answered then."""
    for line in years.strip().splitlines():
        at, zone, prompt, answer = (cell.strip() for cell in line.split("|"))
        said_at = moment(at, zone)
        turn, _ = await store.accept_turn(NewTurn(prompt, said_at, zone))
        facts = read_statements(prompt).statements
        await store.end_turn(turn.id, completed(answer), facts, said_at)


class Asked:
    """Questions of one life, none of which becomes part of it."""

    def __init__(self, store: Store, now: str = NOW, zone: str = ZONE) -> None:
        self._store = store
        self._replies = Replies(store, lookup_in(store))
        self._now, self._zone = moment(now, zone), zone
        self._like: Turn | None = None

    async def answer(self, question: str) -> str:
        """What the store says to it; "" where that is left to a model."""
        if self._like is None:
            self._like = (await self._store.talk.before((self._now, 2**40), 1))[0]
        turn = replace(
            self._like, id=2**40, prompt=question, at=self._now, zone=self._zone, answer=None
        )
        reply = await self._replies.reply(turn, read_statements(question), self._now)
        return reply.text if reply else ""


def rows(table: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """Of each line "question | word; word | not this; nor this" the three."""
    for line in table.strip().splitlines():
        question, *lists = (cell.strip() for cell in line.split("|"))
        wanted, forbidden = (
            [word.strip() for word in cell.split(";") if word.strip()] for cell in (*lists, "")[:2]
        )
        yield question, wanted, forbidden


async def wrong_answers(store: Store, table: str, now: str = NOW, zone: str = ZONE) -> list[str]:
    """The questions of a table whose answer lacks what it must hold, or holds what it must not."""
    asked = Asked(store, now, zone)
    wrong = []
    for question, wanted, forbidden in rows(table):
        text = await asked.answer(question)
        low = text.lower()
        missing = [w for w in wanted if w.lower() not in low]
        extra = [w for w in forbidden if w.lower() in low]
        if missing or extra or not text:
            wrong.append(f"{question} -> {text!r} (without {missing}, with {extra})")
    return wrong


async def open_years(home: Path, *more: str) -> Store:
    """A life of these years, and of what was told besides."""
    store = await Store.open(home)
    for years in (_YEARS, *more):
        await tell_years(store, years)
    return store
