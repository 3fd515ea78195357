"""Answers about what was done, when it was done, and what was answered to it: the message that
tells it, of the time that is asked about."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.clocks import FakeClock
from tests.lives import Life, living, tell

#: A Thursday.
NOW = datetime(2026, 6, 25, 8, 0, tzinfo=UTC)
NOTHING_YESTERDAY = "I have no record of that (yesterday: 24 June 2026)."

SAID = (
    (400, "My resolution is to run the Snowdonia marathon.", "Brave."),
    (300, "Ran the Snowdonia marathon, my doctor would kill me.", "Well done."),
    (90, "I lent my drill to Kev.", "I hope he gives it back."),
    (80, "Walked up the moor, lost my wedding ring there.", "Oh no."),
    (75, "Maggie found my wedding ring!", "Marvellous."),
    (70, "The cat ate the butter.", "Cats do."),
    (40, "Kev gave back the drill.", "At last."),
    (30, "I flew home from Porto.", "Welcome back."),
    (28, "I booked the next flights to Lisbon.", "Nice."),
    (24, "We arrived in Lisbon.", "Enjoy."),
    (20, "We are back from Lisbon.", "Welcome back."),
    (15, "Can you suggest a name for the sourdough starter?", "Clint Yeastwood."),
    (14, "The boiler makes a kettling noise.", "A power flush helps."),
    (12, "Nadia is pregnant!", "What wonderful news."),
    (10, "Mum has her cataract operation soon.", "All the best."),
    (9, "The midges on Skye were hellish.", "They are."),
    (1, "Had scrambled eggs for breakfast.", "Yum."),
    (1, "Bought a kite.", "Fun."),
)


async def ask(life: Life, prompt: str) -> str:
    life.clock.set(NOW)
    for days, said, answer in SAID:
        await tell(life.store, said, answer, at=NOW - timedelta(days=days))
    return (await life.ask(prompt)).response


@pytest.mark.parametrize(
    ("question", "opening", "held"),
    [
        # What was done is told by who says that it was done.
        ("When did I lose my wedding ring?", "On 6 April", "lost my wedding ring"),
        ("What month did Kev give back the drill?", "On ", "Kev gave back the drill."),
        ("When did I run the Snowdonia marathon?", "On ", "Ran the Snowdonia"),
        ("When was the last time I was in Lisbon?", "On ", "back from Lisbon"),
        # In a time: by what was said then.
        ("What did I buy yesterday?", "Yesterday at ", "Bought a kite."),
        ("What did I eat yesterday?", "Yesterday you said:", "scrambled eggs"),
        ("What did I eat yesterday, I forgot", "Yesterday you said:", "scrambled eggs"),
        (
            "Where did I fly in June?",
            "I have no record of that (in June: 1 June to 30 June 2026). The nearest",
            "Porto",
        ),
        # What was said of it at another time is said to be of another time.
        ("What did I tell you about the midges yesterday?", NOTHING_YESTERDAY, "The nearest that"),
        ("Did I tell you about the midges yesterday?", NOTHING_YESTERDAY, "hellish"),
        ("What did I tell you about the moles yesterday?", NOTHING_YESTERDAY, ""),
        # However it is asked for.
        ("I told you about the midges, didn't I?", "Yes, once: ", "hellish"),
        ("I believe I told you something about a drill?", "Yes, in 2 turns.", "lent"),
        ("I told you about the moles, right?", "I have no record of that.", ""),
        ("What did I tell u re: mum's op", "On 15 June", "cataract"),
        ("What did you suggest as a name for my sourdough starter?", "On 10 June", "Clint"),
        ("What did you suggest for a sourdough starter name?", "On 10 June", "Clint"),
        ("What did you last recommend?", "The nearest that I find is: ", "Clint"),
        # What Vega answered to what was no question.
        ("What did you advise for the kettling noise?", "The nearest that I find is: ", "flush"),
        ("What did you say when I told you that Nadia is pregnant?", "On 13 June", "wonderful"),
        ("What did you reply when I told you about the midges?", "On 16 June", "They are."),
    ],
)
async def test_what_was_done_is_told_of_its_time_by_who_told_it(
    tmp_path: Path, question: str, opening: str, held: str
) -> None:
    async with living(tmp_path, clock=FakeClock()) as life:
        answer = await ask(life, question)

        assert answer.startswith(opening)
        assert held in answer
