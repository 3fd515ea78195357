"""Open ranges, ranges from one time to another, what is to come, and several times at once."""

from datetime import timedelta

import pytest

from tests.said_times import NOW, at, cases, local, read
from vega.core.recall.times import (
    Anchor,
    FirstTalk,
    LocalSpan,
    Meaning,
    is_future,
    read_time,
    subject,
)

JUNE = LocalSpan(local("2026-06-01"), local("2026-07-01"))
SAID = """
since Christmas                           | 2025-12-24       | 2026-11-25 14:30
ever since Monday                         | 2026-11-23       | 2026-11-25 14:30
since yesterday                           | 2026-11-24       | 2026-11-25 14:30
since this morning                        | 2026-11-25 04:00 | 2026-11-25 14:30
since 9am                                 | 2026-11-25 09:00 | 2026-11-25 14:30
since 5pm                                 | 2026-11-24 17:00 | 2026-11-25 14:30
since 2019                                | 2019-01-01       | 2026-11-25 14:30
since the beginning of the year           | 2026-01-01       | 2026-11-25 14:30
until March                               | 1900-01-01       | 2026-04-01
until yesterday                           | 1900-01-01       | 2026-11-25
before March                              | 1900-01-01       | 2026-03-01
before Christmas                          | 1900-01-01       | 2025-12-24
after 3 March                             | 2026-03-04       | 2026-11-25 14:30
after March                               | 2026-04-01       | 2026-11-25 14:30
after November                            | 2025-12-01       | 2026-11-25 14:30
after Monday                              | 2026-11-24       | 2026-11-25 14:30
before 3pm yesterday                      | 2026-11-24       | 2026-11-24 15:00
after 5 yesterday                         | 2026-11-24 17:00 | 2026-11-25
after midnight                            | 2026-11-25       | 2026-11-25 14:30
between Monday and Wednesday              | 2026-11-23       | 2026-11-26
between Monday and Friday                 | 2026-11-16       | 2026-11-21
from Monday to Friday                     | 2026-11-16       | 2026-11-21
between last Monday and yesterday         | 2026-11-23       | 2026-11-25
between 3 and 7 March                     | 2026-03-03       | 2026-03-08
from March 3 to 7                         | 2026-03-03       | 2026-03-08
between 3 March and 7 April               | 2026-03-03       | 2026-04-08
between 28 December and 3 January         | 2025-12-28       | 2026-01-04
from June till August 2023                | 2023-06-01       | 2023-09-01
from June to August                       | 2026-06-01       | 2026-09-01
between November and February             | 2025-11-01       | 2026-03-01
between 2019 and 2021                     | 2019-01-01       | 2022-01-01
from 2024-03-04 to 2024-03-10             | 2024-03-04       | 2024-03-11
between Christmas and New Year            | 2025-12-24       | 2026-01-02
from Christmas to Easter                  | 2025-12-24       | 2026-04-07
"""
#: Of the future.
TO_COME = """
What do I have on Friday?                 | 2026-11-27       | 2026-11-28
on Wednesday                              | 2026-11-25       | 2026-11-26
What is on tomorrow evening?              | 2026-11-26 17:00 | 2026-11-27
What is tomorrow's plan?                  | 2026-11-26       | 2026-11-27
my plans for Monday                       | 2026-11-30       | 2026-12-01
next Friday                               | 2026-12-04       | 2026-12-05
in March                                  | 2027-03-01       | 2027-04-01
on the 3rd                                | 2026-12-03       | 2026-12-04
at Christmas                              | 2026-12-24       | 2026-12-27
at 3                                      | 2026-11-25 14:30 | 2026-11-25 15:30
in two weeks                              | 2026-12-06       | 2026-12-13
in 3 days' time                           | 2026-11-28       | 2026-11-29
in an hour                                | 2026-11-25 15:00 | 2026-11-25 16:00
the next three days                       | 2026-11-25 14:30 | 2026-11-29
before Friday                             | 2026-11-25 14:30 | 2026-11-27
until Friday                              | 2026-11-25 14:30 | 2026-11-28
between Monday and Wednesday              | 2026-11-30       | 2026-12-03
on 29 February                            | 2028-02-29       | 2028-03-01
"""
RELATED: list[tuple[str, Meaning]] = [
    ("What did I pack before my trip in June?", Anchor("before", "my trip", JUNE)),
    ("Before my trip in June, what did I pack?", Anchor("before", "my trip", JUNE)),
    ("What did I say after the wedding?", Anchor("after", "the wedding")),
    ("What did I say shortly after the wedding?", Anchor("after", "the wedding")),
    ("What have we discussed since I moved?", Anchor("since", "I moved")),
    ("What did I ask when I was in Rome?", Anchor("during", "I was in Rome")),
    ("while I was living in Graz", Anchor("during", "I was living in Graz")),
    ("during my holiday", Anchor("during", "my holiday")),
    ("around the time I moved", Anchor("around", "I moved")),
    ("before my sister's visit about rent", Anchor("before", "my sister's visit")),
    (
        "the week before my trip to Rome",
        Anchor("before", "my trip to Rome", within=timedelta(days=7)),
    ),
    (
        "two days after my birthday",
        Anchor("after", "my birthday", within=timedelta(days=3)),
    ),
    ("the day before I drove to Graz", Anchor("before", "I drove to Graz", day=-1)),
    ("the morning after the marathon", Anchor("after", "the marathon", day=1, part="morning")),
    ("the evening before my flight", Anchor("before", "my flight", day=-1, part="evening")),
    ("What did I say after I told you about rent?", Anchor("after", "I told you about rent")),
    ("What did I say when we first talked?", FirstTalk()),
    ("When did we first talk?", FirstTalk()),
    ("What was the first thing I ever asked you?", FirstTalk()),
    ("What was my very first question?", FirstTalk()),
    ("What did we say in our first conversation?", FirstTalk()),
    ("the first time we spoke", FirstTalk()),
]
#: What is said, the words of its time, and the rest.
PHRASES = [
    ("What did I ask you This Morning?", "this morning", "What did I ask you?"),
    ("What did we talk about yesterday?", "yesterday", "What did we talk?"),
    ("In  March, what did I say about cats?", "in March", "what did I say about cats?"),
    ("what did I ask ON MONDAY about rent", "on Monday", "what did I ask about rent"),
    ("Yesterday's chat about cats", "yesterday", "chat about cats"),
    ("the idea from last week, please", "last week", "the idea, please"),
    ("Look, back in May 2023 I said so", "in May 2023", "Look I said so"),
    ("what did I say on new year's eve?", "on New Year's Eve", "what did I say?"),
    ("What did I say right after the wedding?", "after the wedding", "What did I say?"),
    ("What did I pack before My trip in june?", "before My trip in June", "What did I pack?"),
    ("Tell me about yesterday", "yesterday", "Tell me"),
    ("Yesterday", "yesterday", ""),
]


@pytest.mark.parametrize(("text", "first", "until"), cases(SAID))
def test_a_range_reaches_from_one_time_to_the_other(text: str, first: str, until: str) -> None:
    assert read(text) == (first, until)


@pytest.mark.parametrize(("text", "first", "until"), cases(TO_COME))
def test_of_the_future_it_is_the_next(text: str, first: str, until: str) -> None:
    assert read(text, prefers="future") == (first, until)


@pytest.mark.parametrize(("text", "meaning"), RELATED)
def test_a_time_may_be_told_by_another_turn(text: str, meaning: Meaning) -> None:
    found = read_time(text, at(NOW))

    assert found is not None
    assert found.meaning == meaning


@pytest.mark.parametrize(("text", "words", "rest"), PHRASES)
def test_the_words_of_time_are_named_and_taken_out(text: str, words: str, rest: str) -> None:
    found = read_time(text, at(NOW))

    assert found is not None
    assert found.words == words
    assert subject(text, found) == rest


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What did I say on Monday about tomorrow's dinner?", "on Monday"),
        ("What did I say about next week's meeting on Monday?", "on Monday"),
        ("What did I say in March about Easter and about last May?", "in March"),
        ("What did I say before my trip, I mean last week?", "last week"),
        ("What did I say about next week?", "next week"),
    ],
)
def test_of_several_times_the_first_past_one_is_taken(text: str, words: str) -> None:
    found = read_time(text, at(NOW))

    assert found is not None
    assert found.words == words


def test_what_is_still_to_come_is_known_as_such() -> None:
    now = at(NOW)
    still = {
        text: is_future(found.meaning, now)
        for text in ("tomorrow", "in 20 minutes", "today", "an hour ago", "since Monday")
        if (found := read_time(text, now))
    }

    assert still == {
        "tomorrow": True,
        "in 20 minutes": True,
        "today": False,
        "an hour ago": False,
        "since Monday": False,
    }
