"""Dates, months, seasons, feasts and years, said on 25 November 2026."""

import pytest

from tests.said_times import cases, read

SAID = """
on the 3rd                                | 2026-11-03       | 2026-11-04
on the 25th                               | 2026-11-25       | 2026-11-26
on the 26th                               | 2026-10-26       | 2026-10-27
on the 31st                               | 2026-10-31       | 2026-11-01
on the third                              | 2026-11-03       | 2026-11-04
on the twenty-first                       | 2026-11-21       | 2026-11-22
on the 3rd of last month                  | 2026-10-03       | 2026-10-04
on the first of this month                | 2026-11-01       | 2026-11-02
on the 12th of the month                  | 2026-11-12       | 2026-11-13
on 3 March                                | 2026-03-03       | 2026-03-04
March 3rd                                 | 2026-03-03       | 2026-03-04
the 3rd of March                          | 2026-03-03       | 2026-03-04
on 30 December                            | 2025-12-30       | 2025-12-31
on March 3, 2024                          | 2024-03-03       | 2024-03-04
on 3 march 2024                           | 2024-03-03       | 2024-03-04
on the first of May                       | 2026-05-01       | 2026-05-02
on the 4th of July                        | 2026-07-04       | 2026-07-05
Nov. 18, 2026                             | 2026-11-18       | 2026-11-19
on 18th Nov                               | 2026-11-18       | 2026-11-19
on Wednesday, November 18th               | 2026-11-18       | 2026-11-19
on Monday the 23rd                        | 2026-11-23       | 2026-11-24
on Friday the 13th                        | 2026-11-13       | 2026-11-14
on Monday, 3 March                        | 2025-03-03       | 2025-03-04
on 29 February                            | 2024-02-29       | 2024-03-01
on the morning of 3 March                 | 2026-03-03 04:00 | 2026-03-03 12:00
What did I say the night of the 3rd?      | 2026-11-03 18:00 | 2026-11-04 05:00
3-7 March                                 | 2026-03-03       | 2026-03-08
March 3-7, 2024                           | 2024-03-03       | 2024-03-08
on 3/4                                    | 2026-04-03       | 2026-04-04
3/4/2024                                  | 2024-04-03       | 2024-04-04
3/4/24                                    | 2024-04-03       | 2024-04-04
on 3/14                                   | 2026-03-14       | 2026-03-15
on 3.4. we met                            | 2026-04-03       | 2026-04-04
What did I say on 4.3.2024?               | 2024-03-04       | 2024-03-05
on 3-4-2024                               | 2024-04-03       | 2024-04-04
2024-03-04                                | 2024-03-04       | 2024-03-05
in 2024-03                                | 2024-03-01       | 2024-04-01
in March                                  | 2026-03-01       | 2026-04-01
in november                               | 2026-11-01       | 2026-12-01
in December                               | 2025-12-01       | 2026-01-01
What did I say in May?                    | 2026-05-01       | 2026-06-01
in Sept.                                  | 2026-09-01       | 2026-10-01
last March                                | 2026-03-01       | 2026-04-01
last November                             | 2025-11-01       | 2025-12-01
this March                                | 2026-03-01       | 2026-04-01
next March                                | 2027-03-01       | 2027-04-01
in March 2024                             | 2024-03-01       | 2024-04-01
March '24                                 | 2024-03-01       | 2024-04-01
in March of last year                     | 2025-03-01       | 2025-04-01
last year in March                        | 2025-03-01       | 2025-04-01
back in March                             | 2026-03-01       | 2026-04-01
early June                                | 2026-06-01       | 2026-06-11
in mid-June                               | 2026-06-11       | 2026-06-21
in late June                              | 2026-06-21       | 2026-07-01
late December                             | 2025-12-21       | 2026-01-01
at the end of March                       | 2026-03-21       | 2026-04-01
at the end of last month                  | 2026-10-21       | 2026-11-01
in the first week of March                | 2026-03-01       | 2026-03-08
in the last week of March                 | 2026-03-25       | 2026-04-01
on the last Monday of October             | 2026-10-26       | 2026-10-27
on the last day of February               | 2026-02-28       | 2026-03-01
in the second half of March               | 2026-03-16       | 2026-04-01
this month                                | 2026-11-01       | 2026-12-01
last month                                | 2026-10-01       | 2026-11-01
the month before last                     | 2026-09-01       | 2026-10-01
this year                                 | 2026-01-01       | 2027-01-01
last year                                 | 2025-01-01       | 2026-01-01
the year before last                      | 2024-01-01       | 2025-01-01
in the first half of last year            | 2025-01-01       | 2025-07-01
at the beginning of the year              | 2026-01-01       | 2026-05-01
in 2023                                   | 2023-01-01       | 2024-01-01
late 2023                                 | 2023-09-01       | 2024-01-01
in 1970                                   | 1970-01-01       | 1971-01-01
in the nineties                           | 1990-01-01       | 2000-01-01
in the '90s                               | 1990-01-01       | 2000-01-01
in the 2010s                              | 2010-01-01       | 2020-01-01
in the spring                             | 2026-03-01       | 2026-06-01
last winter                               | 2025-12-01       | 2026-03-01
over the summer                           | 2026-06-01       | 2026-09-01
last summer                               | 2026-06-01       | 2026-09-01
last fall                                 | 2025-09-01       | 2025-12-01
in the summer of 2023                     | 2023-06-01       | 2023-09-01
this winter                               | 2026-12-01       | 2027-03-01
at Christmas                              | 2025-12-24       | 2025-12-27
on Christmas Eve                          | 2025-12-24       | 2025-12-25
last Christmas                            | 2025-12-24       | 2025-12-27
around Christmas                          | 2025-12-21       | 2025-12-30
on New Year's Eve                         | 2025-12-31       | 2026-01-01
on New Year's Day 2024                    | 2024-01-01       | 2024-01-02
at Easter                                 | 2026-04-03       | 2026-04-07
on Good Friday 2024                       | 2024-03-29       | 2024-03-30
on Easter Sunday 2038                     | 2038-04-25       | 2038-04-26
on Halloween                              | 2026-10-31       | 2026-11-01
at Thanksgiving                           | 2025-11-27       | 2025-11-28
on Valentine's day                        | 2026-02-14       | 2026-02-15
the Monday after Easter                   | 2026-04-13       | 2026-04-14
the week before Christmas                 | 2025-12-17       | 2025-12-24
three weeks before Christmas              | 2025-11-30       | 2025-12-07
on St Patrick's Day 2024                  | 2024-03-17       | 2024-03-18
on St. Patrick's Day                      | 2026-03-17       | 2026-03-18
on Mother's Day 2024                      | 2024-05-12       | 2024-05-13
on Mothers' Day                           | 2026-05-10       | 2026-05-11
on Father's Day                           | 2026-06-21       | 2026-06-22
on Mothering Sunday 2024                  | 2024-03-10       | 2024-03-11
on Pancake Day 2024                       | 2024-02-13       | 2024-02-14
on Guy Fawkes Night 2023                  | 2023-11-05       | 2023-11-06
on bonfire night                          | 2026-11-05       | 2026-11-06
on Remembrance Sunday                     | 2026-11-08       | 2026-11-09
on April Fools' Day                       | 2026-04-01       | 2026-04-02
on Memorial Day                           | 2026-05-25       | 2026-05-26
in Q1 2024                                | 2024-01-01       | 2024-04-01
in the first quarter of 2024              | 2024-01-01       | 2024-04-01
in the last quarter of last year          | 2025-10-01       | 2026-01-01
in July 2025 between the 10th and the 20th| 2025-07-10       | 2025-07-21
last month, from 11 to 19                 | 2026-10-11       | 2026-10-20
at this time last year                    | 2025-11-22       | 2025-11-29
this time last week                       | 2026-11-18       | 2026-11-19
the evening before Christmas Eve          | 2025-12-23 17:00 | 2025-12-24
the morning after Halloween               | 2026-11-01 04:00 | 2026-11-01 12:00
"""
#: For an owner who writes the month first.
MONTH_FIRST = """
on 3/4                                    | 2026-03-04       | 2026-03-05
3/4/2024                                  | 2024-03-04       | 2024-03-05
on 14/3                                   | 2026-03-14       | 2026-03-15
on 9/12                                   | 2026-09-12       | 2026-09-13
2024-03-04                                | 2024-03-04       | 2024-03-05
"""
#: At the ends of months and years, and on a leap day: when, and what is said.
AT_ENDS = """
2026-01-01 09:00 yesterday                | 2025-12-31       | 2026-01-01
2026-01-01 09:00 last week                | 2025-12-22       | 2025-12-29
2026-01-01 09:00 last month               | 2025-12-01       | 2026-01-01
2026-01-01 09:00 in December              | 2025-12-01       | 2026-01-01
2026-01-01 09:00 on New Year's Eve        | 2025-12-31       | 2026-01-01
2026-01-15 09:00 this winter              | 2025-12-01       | 2026-03-01
2026-01-15 09:00 this Christmas           | 2025-12-24       | 2025-12-27
2026-03-31 09:00 a month ago today        | 2026-02-28       | 2026-03-01
2026-03-01 09:00 on the 31st              | 2026-01-31       | 2026-02-01
2026-03-01 09:00 yesterday                | 2026-02-28       | 2026-03-01
2024-03-01 09:00 yesterday                | 2024-02-29       | 2024-03-01
2024-02-29 09:00 a year ago today         | 2023-02-28       | 2023-03-01
2024-02-29 09:00 on 29 February           | 2024-02-29       | 2024-03-01
2024-02-29 09:00 next year                | 2025-01-01       | 2026-01-01
2027-02-28 23:59 tomorrow                 | 2027-03-01       | 2027-03-02
2026-12-31 23:59 tonight                  | 2026-12-31 18:00 | 2027-01-01 05:00
"""


@pytest.mark.parametrize(("text", "first", "until"), cases(SAID))
def test_a_date_is_the_latest_that_has_begun(text: str, first: str, until: str) -> None:
    assert read(text) == (first, until)


@pytest.mark.parametrize(("text", "first", "until"), cases(MONTH_FIRST))
def test_the_order_of_day_and_month_is_the_owners(text: str, first: str, until: str) -> None:
    assert read(text, day_first=False) == (first, until)


@pytest.mark.parametrize(("said", "first", "until"), cases(AT_ENDS))
def test_months_years_and_leap_days_end_where_they_do(said: str, first: str, until: str) -> None:
    assert read(said[17:], said[:16]) == (first, until)
