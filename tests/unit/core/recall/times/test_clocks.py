"""Times of the clock, and times counted from the moment of asking: Wednesday, 14:30."""

import pytest

from tests.said_times import cases, read

SAID = """
at 3pm                                    | 2026-11-24 14:30 | 2026-11-24 15:30
at 2 p.m.                                 | 2026-11-25 13:30 | 2026-11-25 14:30
What did I ask you at 3?                  | 2026-11-24 14:30 | 2026-11-24 15:30
at 8                                      | 2026-11-25 07:30 | 2026-11-25 08:30
at three o'clock yesterday                | 2026-11-24 14:30 | 2026-11-24 15:30
at 14:05                                  | 2026-11-25 13:50 | 2026-11-25 14:20
at 08:00 yesterday                        | 2026-11-24 07:45 | 2026-11-24 08:15
at 14:30 yesterday                        | 2026-11-24 14:15 | 2026-11-24 14:45
yesterday at 3                            | 2026-11-24 14:30 | 2026-11-24 15:30
yesterday at 0:10                         | 2026-11-24       | 2026-11-24 00:25
yesterday at 11:50pm                      | 2026-11-24 23:35 | 2026-11-25
yesterday at midnight                     | 2026-11-24 23:30 | 2026-11-25 00:30
at noon                                   | 2026-11-25 11:30 | 2026-11-25 12:30
around noon yesterday                     | 2026-11-24 11:00 | 2026-11-24 13:00
at half past three yesterday              | 2026-11-24 15:15 | 2026-11-24 15:45
at quarter to four yesterday              | 2026-11-24 15:30 | 2026-11-24 16:00
at ten past nine this morning             | 2026-11-25 08:55 | 2026-11-25 09:25
around 8 this morning                     | 2026-11-25 07:00 | 2026-11-25 09:00
this morning at 9                         | 2026-11-25 08:30 | 2026-11-25 09:30
yesterday at 8 in the evening             | 2026-11-24 19:30 | 2026-11-24 20:30
last night at 11                          | 2026-11-24 22:30 | 2026-11-24 23:30
last night at 2                           | 2026-11-25 01:30 | 2026-11-25 02:30
on Tuesday night at 1                     | 2026-11-25 00:30 | 2026-11-25 01:30
last Monday at 9                          | 2026-11-23 08:30 | 2026-11-23 09:30
on 3 March, 2025, at 14:05                | 2025-03-03 13:50 | 2025-03-03 14:20
on the 3rd at noon                        | 2026-11-03 11:30 | 2026-11-03 12:30
around lunchtime yesterday                | 2026-11-24 09:30 | 2026-11-24 15:30
yesterday between 2 and 4                 | 2026-11-24 14:00 | 2026-11-24 16:00
between 2 and 4 yesterday                 | 2026-11-24 14:00 | 2026-11-24 16:00
from 9 to 11 this morning                 | 2026-11-25 09:00 | 2026-11-25 11:00
from 11 to 2 on Monday                    | 2026-11-23 11:00 | 2026-11-23 14:00
between 9 and 5 yesterday                 | 2026-11-24 09:00 | 2026-11-24 17:00
between 10pm and 2am last night           | 2026-11-24 22:00 | 2026-11-25 02:00
between 3pm and 5pm                       | 2026-11-24 15:00 | 2026-11-24 17:00
an hour ago                               | 2026-11-25 13:00 | 2026-11-25 14:00
about an hour ago                         | 2026-11-25 13:00 | 2026-11-25 14:00
half an hour ago                          | 2026-11-25 13:45 | 2026-11-25 14:15
an hour and a half ago                    | 2026-11-25 12:30 | 2026-11-25 13:30
8 hours ago                               | 2026-11-25 04:30 | 2026-11-25 08:30
twenty minutes ago                        | 2026-11-25 14:05 | 2026-11-25 14:15
20 mins ago                               | 2026-11-25 14:05 | 2026-11-25 14:15
just now                                  | 2026-11-25 14:20 | 2026-11-25 14:30
a moment ago                              | 2026-11-25 14:20 | 2026-11-25 14:30
in the last hour                          | 2026-11-25 13:30 | 2026-11-25 14:30
in the last 20 minutes                    | 2026-11-25 14:10 | 2026-11-25 14:30
over the past few hours                   | 2026-11-25 08:30 | 2026-11-25 14:30
in 5 minutes                              | 2026-11-25 14:30 | 2026-11-25 14:40
three days ago                            | 2026-11-22       | 2026-11-23
3 days ago in the evening                 | 2026-11-22 17:00 | 2026-11-23
two days ago at 3pm                       | 2026-11-23 14:30 | 2026-11-23 15:30
a couple of days ago                      | 2026-11-22       | 2026-11-24
a few days ago                            | 2026-11-19       | 2026-11-24
several days back                         | 2026-11-17       | 2026-11-23
a week ago                                | 2026-11-15       | 2026-11-22
a week ago today                          | 2026-11-18       | 2026-11-19
two weeks ago                             | 2026-11-08       | 2026-11-15
a fortnight ago                           | 2026-11-08       | 2026-11-15
a few weeks ago                           | 2026-10-11       | 2026-11-15
a month ago                               | 2026-10-10       | 2026-11-10
six months ago                            | 2026-05-10       | 2026-06-10
half a year ago                           | 2026-05-10       | 2026-06-10
a year ago                                | 2025-05-25       | 2026-05-26
a year and a half ago                     | 2025-05-10       | 2025-06-10
a year ago today                          | 2025-11-25       | 2025-11-26
twenty-five years ago today               | 2001-11-25       | 2001-11-26
the last three days                       | 2026-11-22       | 2026-11-25 14:30
for the last few days                     | 2026-11-19       | 2026-11-25 14:30
past two weeks                            | 2026-11-11       | 2026-11-25 14:30
this past week                            | 2026-11-18       | 2026-11-25 14:30
in the last week                          | 2026-11-18       | 2026-11-25 14:30
over the past month                       | 2026-10-25       | 2026-11-25 14:30
during the past year                      | 2025-11-25       | 2026-11-25 14:30
within the last two years                 | 2024-11-25       | 2026-11-25 14:30
"""


@pytest.mark.parametrize(("text", "first", "until"), cases(SAID))
def test_a_time_of_day_is_as_exact_as_it_is_said(text: str, first: str, until: str) -> None:
    assert read(text) == (first, until)


@pytest.mark.parametrize(
    ("now", "text", "first", "until"),
    [
        # The clocks went back at three: by the clock it is two hours, in truth it is three.
        ("2026-10-25 04:00", "in the last three hours", "2026-10-25 02:00", "2026-10-25 04:00"),
        # They were put forward at two: three hours back it was midnight.
        ("2026-03-29 04:00", "in the last three hours", "2026-03-29", "2026-03-29 04:00"),
    ],
)
def test_hours_that_have_passed_are_counted_in_real_time(
    now: str, text: str, first: str, until: str
) -> None:
    assert read(text, now) == (first, until)
