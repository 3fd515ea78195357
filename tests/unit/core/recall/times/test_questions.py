"""Whole questions, as people ask them: Wednesday, 25 November 2026, at 14:30."""

import pytest

from tests.said_times import cases, read

ASKED = """
What was the name of that café I told you about the week before last? | 2026-11-09 | 2026-11-16
Did I mention anything about my knee on Sunday night? | 2026-11-22 18:00 | 2026-11-23 05:00
List everything I asked yesterday before noon | 2026-11-24 | 2026-11-24 12:00
What were we talking about this time yesterday? | 2026-11-24 | 2026-11-25
Which recipe did I ask for the day before Thanksgiving last year? | 2025-11-26 | 2025-11-27
Show me our chats from the first three days of November | 2026-11-01 | 2026-11-04
What did I say in the small hours of Monday? | 2026-11-23 | 2026-11-23 05:00
how many times did I talk about work in the last fortnight | 2026-11-11 | 2026-11-25 14:30
What did I tell you at the weekend? | 2026-11-21 | 2026-11-23
remind me what i asked at lunchtime today | 2026-11-25 11:00 | 2026-11-25 14:00
what did you suggest for dinner last Thursday? | 2026-11-19 | 2026-11-20
What did I ask you on Nov 3? | 2026-11-03 | 2026-11-04
What did I tell you on the 14th of February this year? | 2026-02-14 | 2026-02-15
Anything I said about Anna between Christmas 2024 and Easter 2025? | 2024-12-24 | 2025-04-22
What did we discuss over Easter? | 2026-04-03 | 2026-04-07
Did I ask about flights sometime in early October? | 2026-10-01 | 2026-10-11
What did I say about the car in the second week of October? | 2026-10-08 | 2026-10-15
What did I write at 7 in the morning on Tuesday? | 2026-11-24 06:30 | 2026-11-24 07:30
What have I asked you so far today? | 2026-11-25 | 2026-11-26
what did I say this past Sunday morning | 2026-11-22 04:00 | 2026-11-22 12:00
What did I tell you five years ago today? | 2021-11-25 | 2021-11-26
What did I ask in the summer before last? | 2025-06-01 | 2025-09-01
Tell me what I said on Monday 16 November around 4pm | 2026-11-16 15:00 | 2026-11-16 17:00
Did we talk on Boxing Day? | 2025-12-26 | 2025-12-27
What was I worried about in the autumn of 2025? | 2025-09-01 | 2025-12-01
What did I say about the garden three Sundays ago? | 2026-11-08 | 2026-11-09
What did I ask you late on Friday? | 2026-11-20 12:00 | 2026-11-21
Which films did I mention during the last month? | 2026-10-25 | 2026-11-25 14:30
What did I ask right before lunch yesterday? | 2026-11-24 | 2026-11-24 13:00
What did I want to know by the end of October? | 1900-01-01 | 2026-11-01
From 10 November until the 15th, what did I ask? | 2026-11-10 | 2026-11-16
What did I say on 2026/11/02? | 2026-11-02 | 2026-11-03
Do you remember what I told you in January of 2025? | 2025-01-01 | 2025-02-01
What did I tell you last Sat? | 2026-11-21 | 2026-11-22
Who did I meet on the evening of the 20th? | 2026-11-20 17:00 | 2026-11-21
What did I do on New Year's Day? | 2026-01-01 | 2026-01-02
Can you recall yesterday's discussion of the budget? | 2026-11-24 | 2026-11-25
What did I say between the 10th and the 12th? | 2026-11-10 | 2026-11-13
What did I say from the 10th to the 12th of October? | 2026-10-10 | 2026-10-13
What have we discussed since the start of November? | 2026-11-01 | 2026-11-25 14:30
What did I ask at about 10 last night? | 2026-11-24 21:00 | 2026-11-24 23:00
How was my mood mid-week last week? | 2026-11-16 | 2026-11-23
What did I ask two or three days ago? | 2026-11-22 | 2026-11-24
What did I tell you earlier this month about rent? | 2026-11-01 | 2026-11-25 14:30
What did I say earlier this year? | 2026-01-01 | 2026-11-25 14:30
What did we talk about in winter? | 2025-12-01 | 2026-03-01
What did I ask you after dinner on Monday? | 2026-11-23 19:00 | 2026-11-24
What did you tell me on the last day of last month? | 2026-10-31 | 2026-11-01
Which book was it that I mentioned back in the spring? | 2026-03-01 | 2026-06-01
What did I say in '24? | 2024-01-01 | 2025-01-01
Was it last night or this morning that I asked about trains? | 2026-11-24 18:00 | 2026-11-25 05:00
What did I say on Monday after 5? | 2026-11-23 17:00 | 2026-11-24
What did I say on the last two days of March? | 2026-03-30 | 2026-04-01
What did I ask two or three weeks ago? | 2026-11-01 | 2026-11-15
What did I ask in the early hours of Monday? | 2026-11-23 | 2026-11-23 05:00
"""


@pytest.mark.parametrize(("text", "first", "until"), cases(ASKED))
def test_a_question_is_about_the_time_that_it_names(text: str, first: str, until: str) -> None:
    assert read(text) == (first, until)
