"""Days, parts of them, weekdays and weeks, said on a Wednesday afternoon and after midnight."""

import pytest

from tests.said_times import cases, read

#: Said on Wednesday, 25 November 2026, at 14:30.
SAID = """
What did I ask you this morning?          | 2026-11-25 04:00 | 2026-11-25 12:00
this afternoon                            | 2026-11-25 12:00 | 2026-11-25 18:00
this evening                              | 2026-11-25 17:00 | 2026-11-26
tonight                                   | 2026-11-25 18:00 | 2026-11-26 05:00
What did we talk about last night?        | 2026-11-24 18:00 | 2026-11-25 05:00
last evening                              | 2026-11-24 17:00 | 2026-11-25
in the morning                            | 2026-11-25 04:00 | 2026-11-25 12:00
in the evening                            | 2026-11-24 17:00 | 2026-11-25
in the night                              | 2026-11-24 18:00 | 2026-11-25 05:00
early this morning                        | 2026-11-25 04:00 | 2026-11-25 08:00
late last night                           | 2026-11-24 23:30 | 2026-11-25 05:00
What have I said today?                   | 2026-11-25       | 2026-11-26
earlier today                             | 2026-11-25       | 2026-11-25 14:30
What did I tell you earlier?              | 2026-11-25       | 2026-11-25 14:30
What did we talk about yesterday?         | 2026-11-24       | 2026-11-25
yesterday morning                         | 2026-11-24 04:00 | 2026-11-24 12:00
YESTERDAY AFTERNOON                       | 2026-11-24 12:00 | 2026-11-24 18:00
yesterday evening                         | 2026-11-24 17:00 | 2026-11-25
yesterday night                           | 2026-11-24 18:00 | 2026-11-25 05:00
late yesterday afternoon                  | 2026-11-24 15:00 | 2026-11-24 18:00
all day yesterday                         | 2026-11-24       | 2026-11-25
Give me yesterday's conversation.         | 2026-11-24       | 2026-11-25
the day before yesterday                  | 2026-11-23       | 2026-11-24
day before yesterday in the evening       | 2026-11-23 17:00 | 2026-11-24
the other day                             | 2026-11-18       | 2026-11-25
the other night                           | 2026-11-18       | 2026-11-25
the other week                            | 2026-11-04       | 2026-11-25
the night before last                     | 2026-11-23 18:00 | 2026-11-24 05:00
tomorrow                                  | 2026-11-26       | 2026-11-27
tomorrow morning                          | 2026-11-26 04:00 | 2026-11-26 12:00
the day after tomorrow                    | 2026-11-27       | 2026-11-28
What did I say on Monday?                 | 2026-11-23       | 2026-11-24
what did I tell you monday                | 2026-11-23       | 2026-11-24
on Tuesday                                | 2026-11-24       | 2026-11-25
on Wednesday                              | 2026-11-25       | 2026-11-26
on Thursday                               | 2026-11-19       | 2026-11-20
on Sun                                    | 2026-11-22       | 2026-11-23
on Fri.                                   | 2026-11-20       | 2026-11-21
last Tuesday evening                      | 2026-11-24 17:00 | 2026-11-25
last Wednesday                            | 2026-11-18       | 2026-11-19
last Friday                               | 2026-11-20       | 2026-11-21
this past Friday                          | 2026-11-20       | 2026-11-21
this Friday                               | 2026-11-27       | 2026-11-28
this Monday                               | 2026-11-23       | 2026-11-24
next Friday                               | 2026-12-04       | 2026-12-05
this coming Saturday                      | 2026-11-28       | 2026-11-29
the Friday before last                    | 2026-11-13       | 2026-11-14
two Mondays ago                           | 2026-11-16       | 2026-11-17
Monday morning                            | 2026-11-23 04:00 | 2026-11-23 12:00
on Monday in the afternoon                | 2026-11-23 12:00 | 2026-11-23 18:00
late Monday evening                       | 2026-11-23 20:30 | 2026-11-24
early on Monday                           | 2026-11-23       | 2026-11-23 12:00
in the evening on Tuesday                 | 2026-11-24 17:00 | 2026-11-25
Monday of last week                       | 2026-11-16       | 2026-11-17
last week on Monday                       | 2026-11-16       | 2026-11-17
Tuesday two weeks ago                     | 2026-11-10       | 2026-11-11
a week ago Monday                         | 2026-11-16       | 2026-11-17
this week                                 | 2026-11-23       | 2026-11-30
last week                                 | 2026-11-16       | 2026-11-23
next week                                 | 2026-11-30       | 2026-12-07
the week before last                      | 2026-11-09       | 2026-11-16
the week after next                       | 2026-12-07       | 2026-12-14
earlier this week                         | 2026-11-23       | 2026-11-25 14:30
later this week                           | 2026-11-25 14:30 | 2026-11-30
early last week                           | 2026-11-16       | 2026-11-19
late last week                            | 2026-11-20       | 2026-11-23
in the middle of last week                | 2026-11-18       | 2026-11-21
last weekend                              | 2026-11-21       | 2026-11-23
over the weekend                          | 2026-11-21       | 2026-11-23
this past weekend                         | 2026-11-21       | 2026-11-23
this weekend                              | 2026-11-28       | 2026-11-30
the weekend before last                   | 2026-11-14       | 2026-11-16
"""
#: Said on Tuesday, 24 November 2026, at 01:30, by someone who has not slept yet.
SAID_AFTER_MIDNIGHT = """
tonight                                   | 2026-11-23 18:00 | 2026-11-24 05:00
this evening                              | 2026-11-23 17:00 | 2026-11-24
this morning                              | 2026-11-23 04:00 | 2026-11-23 12:00
last night                                | 2026-11-22 18:00 | 2026-11-23 05:00
in the night                              | 2026-11-23 18:00 | 2026-11-24 05:00
today                                     | 2026-11-24       | 2026-11-25
earlier today                             | 2026-11-24       | 2026-11-24 01:30
What did I say earlier?                   | 2026-11-23       | 2026-11-24 01:30
yesterday                                 | 2026-11-23       | 2026-11-24
yesterday evening                         | 2026-11-23 17:00 | 2026-11-24
tomorrow                                  | 2026-11-25       | 2026-11-26
at 11                                     | 2026-11-23 22:30 | 2026-11-23 23:30
an hour ago                               | 2026-11-24       | 2026-11-24 01:00
on Monday                                 | 2026-11-23       | 2026-11-24
"""
#: Said on Saturday, 28 November 2026, at 10:00.
SAID_ON_A_WEEKEND = """
over the weekend                          | 2026-11-28       | 2026-11-30
this weekend                              | 2026-11-28       | 2026-11-30
last weekend                              | 2026-11-21       | 2026-11-23
last Saturday                             | 2026-11-21       | 2026-11-22
on Saturday                               | 2026-11-28       | 2026-11-29
this Monday                               | 2026-11-23       | 2026-11-24
"""


@pytest.mark.parametrize(("text", "first", "until"), cases(SAID))
def test_a_day_is_that_which_the_owner_means(text: str, first: str, until: str) -> None:
    assert read(text) == (first, until)


@pytest.mark.parametrize(("text", "first", "until"), cases(SAID_AFTER_MIDNIGHT))
def test_after_midnight_the_day_is_still_the_one_they_live_in(
    text: str, first: str, until: str
) -> None:
    assert read(text, "2026-11-24 01:30") == (first, until)


@pytest.mark.parametrize(("text", "first", "until"), cases(SAID_ON_A_WEEKEND))
def test_on_a_weekend_the_last_one_is_over(text: str, first: str, until: str) -> None:
    assert read(text, "2026-11-28 10:00") == (first, until)
