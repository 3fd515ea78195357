"""Questions of time over some told years, however they are said: what must be in their answers, and
what must not. Each line is "question | word; word | not this; nor this"."""

from pathlib import Path

import pytest

from tests.told_years import Asked, open_years, wrong_answers

NEVER = """
What did we talk about on February 29, 2023? | 29 February 2023; does not exist | Leap day; lately
What did I say on 31 February? | does not exist | lately; ficus
What did I ask you on 31 April? | does not exist | lately
What did I ask on the 31st of June 2022? | does not exist | lately; Lisbon
What did we discuss on 2023-02-29? | does not exist | Leap day; lately
What did I say on 29.2.2023? | does not exist | Leap day; lately
What did I ask you on 30/2/2024? | does not exist | Leap day; lately
What did we talk about on November 31st? | does not exist | lately
What did I say on the 32nd of May? | does not exist | lately
What did I say in the year 1850? | 1850; no record; 10 March 2022 | lately; ficus
What did we talk about in 1850? | 1850; no record | lately
What did I ask you in 2019? | 2019; no record; 10 March 2022 | lately
What did I say in 1492? | 1492; no record | lately
What did I say about bees in 1850? | no record | sun
"""
FIRSTS = """
What was my first question today? | moons has Mars | red
What was the first thing I said today? | ficus | red
What was my first question yesterday? | yoghurt | red
What was my last question yesterday? | film | lavender
What was the last thing I asked you yesterday? | film | lavender
What was my last message on Monday? | Heron | lavender
What was the first thing I told you in 2024? | Leap day | red
What was the first thing I said in 2024? | Leap day | red
What was my first question this week? | yoghurt | red
What was my first question in March? | sleep | red
What was my first question in June 2022? | red wine | favorite
What was the last thing I said in 2023? | headphones | lavender
What was your last answer yesterday? | Paterson | lavender
What was your first answer today? | will | Nice.
What did I ask you first today? | Mars | red
What did I first ask you yesterday? | yoghurt | red
What did I ask you last yesterday? | film | lavender
What was the first thing I ever asked you? | red; 10 March 2022 |
When did we first talk? | 10 March 2022 |
What was the first thing I said? | red |
What was the last thing I asked? | lavender |
What was my very first message? | red |
When did I last talk to you before today? | yesterday at 21:45; film |
When did we last talk? | today at 13:50 |
When did we last speak before yesterday? | Heron | film
When did I last write before this week? | Saturday | Monday
What was my first message of the year? | sleep | red
What was the second thing I asked you today? | lavender | red
what was the 1st thing i asked today | Mars | red
Which question did I ask first today? | Mars | lavender
What were my last three questions? | lavender; Mars; film | fig
Last question yesterday? | film | lavender
What did I ask you last yesterday? | film | yoghurt
What was my final question last night? | film | lavender
When did we first talk this week? | Monday; Heron | 2022
When did we last talk in June? | 21 June | today
"""
FEASTS = """
What did I say at Christmas? | Fairphone; 2025 | lately
What did I say on Thanksgiving? | turkey; 2025 | lately
What did I ask you on Black Friday? | drill; 2025 | headphones; lately
What did we talk about at Easter? | no record; 2026 | lately
What did we talk about at Easter 2025? | eggs; 2025 | lately
What did I ask you on New Year's Eve? | raclette; 2025 | lately
What did I say on New Year's Day 2023? | marathon | lately
What did I ask on Halloween? | no record; 31 October 2026 | lately
What did I ask on Halloween 2024? | pumpkin | lately
What did I say on Valentine's Day 2025? | chocolate | lately
What did I ask before Christmas last year? | needles | lavender
What did I ask after Christmas last year? | raclette | needles
What did I ask on Black Friday 2023? | headphones | drill
What did I say last Thanksgiving? | turkey | lately
What did I get for Christmas last year? | Fairphone |
What did I talk about on Christmas Eve? | Fairphone; 2025 | lately
"""
AHEAD = """
What did I ask you next week? | ahead | lavender; ficus
What did I say tomorrow? | ahead | lavender; ficus
What will I ask you tomorrow? | ahead | lavender
What did we talk about tomorrow? | ahead | lavender
What did I say next Monday? | ahead | Heron
What did we discuss in 2030? | ahead | lately
What did I ask you next year? | ahead | lavender
What did I tell you on 3 March 2027? | ahead | lately
"""
COUNTS = """
How many questions did I ask you today? | 2; today | ficus
How many questions have I asked you today? | 2 |
How many questions did I ask yesterday? | 2 |
How many times did we talk in June? | 4 |
How often did we talk in June? | 4 |
How many messages did I send you yesterday? | 3 |
How many things did I ask you in June 2022? | 2 |
How often did I ask about bees? | 3; lavender |
How often have I mentioned Norway? | 3 |
How many times did I mention Norway in June? | 3 |
How often did we talk about bees this year? | 2 |
How many times have I asked about bees? | 3 |
How often did I mention giraffes? | no record; giraffes |
How many questions have I asked you in total? | question; in all |
How many times have we talked? | 42 |
How long have we been talking? | 4 years; 10 March 2022 |
How long have we known each other? | 4 years; 10 March 2022 |
How long have I been talking to you? | 4 years; 10 March 2022 |
How long have I known you? | 4 years; 10 March 2022 |
How long do we know each other? | 4 years; 10 March 2022 |
Since when have we known each other? | 10 March 2022 |
Since when do we talk? | 10 March 2022 |
How many days have we been talking? | 1,721 days; 10 March 2022 |
How much did we talk yesterday? | 3 |
How many questions did I have for you yesterday? | 2 questions | Mars
How often did bees come up? | 3 messages |
Count my questions from yesterday | 2 questions |
How long ago did we first talk? | 4 years and 8 months |
How often did I speak to my mother? | no record | holds
"""
RECAPS = """
Summarize last month | apples; roof | lavender
Summarize October | apples; roof | lavender
sum up my week | Heron; lavender | apples
recap yesterday | yoghurt; shed; film | lavender
Give me a summary of yesterday | yoghurt; film | lavender
Can you summarize yesterday? | yoghurt; film | lavender
Summarise our conversation yesterday | yoghurt; film | lavender
Recap my day | ficus; lavender | film
Give me a recap of last week | fig tree; TCP | lavender
Please recap what we talked about this week | Heron; lavender | apples
What did we talk about last week? | fig; TCP | lavender
Sum up the last three days | Heron; lavender | TCP
Summarize what we discussed yesterday | yoghurt; film | lavender
Recap June | Norway | lavender
What was yesterday about? | yoghurt; film | lavender
Recap 2023 | bees; headphones | lavender
tl;dr of yesterday | yoghurt; film | lavender
Sum up today's conversation | ficus; lavender | film
Recap the year 2023 | bees; headphones | lavender
Summarize June 2022 | Lisbon | Norway
"""
MOMENTS = """
Which day did I say happy new year? | 1 January 2023 |
On which day did I say happy new year? | 1 January 2023 |
On what date did I ask about carving a pumpkin? | 31 October 2024 |
What time did I go to bed? | 23:10; eleven |
When did I go to bed? | eleven |
What time did I say the flight leaves? | 6:40 |
At what time did I say the flight leaves? | 6:40 |
What day did I lose my hat? | 18 June 2022 |
Which year did I go to Lisbon? | 2022 |
In which month did I ask about apples? | October |
When did I ask about TCP and UDP? | Friday; 15:00 |
What did I do on my birthday? | birthday |
When did I last mention bees? | today at 13:50; lavender | sun
When did I first mention bees? | 14 March 2023; way home | lavender
When did I last talk about Norway? | 20 June | pack
When was the last time I mentioned Norway? | 20 June | pack
When was the first time I asked about bees? | 14 March 2023 | lavender
How long ago did I mention Norway? | 20 June |
When exactly did I mention Heron? | Monday |
When did I tell you about the roof? | 12 October; yesterday |
"""
TALK = """
Did we talk yesterday? | yes. yesterday; green roof |
Have we talked today? | yes. today; ficus |
Did we talk on Sunday? | no record | yes
I forgot what I told you about the parser | clock jumped |
Thanks. And what did I say about the parser? | clock jumped |
Good morning Vega, what did I say about the parser? | clock jumped |
What did we last talk about? | lately; lavender |
What did I say on Monday evening? | no record; nearest; Heron |
What happened on 17 November 2026? | fig tree |
Recap my trip to Lisbon | Lisbon | Oslo
How long ago did I lose my grey hat? | Back from Lisbon; 4 years and 5 months ago |
Hey, quick one. What did I say about the parser, i forgot. | clock jumped |
What were we talking about? | lavender |
What are we talking about? | lavender |
Where were we? | lavender |
Where did we leave off? | lavender |
Where did we stop? | lavender |
What was I saying? | lavender |
What was I talking about? | lavender |
What did you just say? | Very much |
Repeat your last answer | Very much |
Repeat that | Very much |
Repeat what you said | Very much |
Say that again | Very much |
Can you repeat your last answer? | Very much |
What was your answer? | Very much |
Repeat my last question | lavender |
What did I just say? | lavender |
What did I just ask? | lavender |
What did we just talk about? | lavender |
What was yesterday's answer about yoghurt? | Usually yes |
What was your answer about yoghurt yesterday? | Usually yes |
What did you answer about the fig tree? | winter |
What were yesterday's questions? | yoghurt; film | lavender
Show me today's questions | Mars; lavender | film
What were my questions today? | Mars; lavender | film
List everything I asked you yesterday | yoghurt; film | lavender
Show all messages from Monday | Heron | lavender
What did you say before that? | Very much |
"""
WINDOWS = """
What did I ask after Norway? | boots | fig tree? Which
What did I ask before Norway? | sleep | boots
What did I ask you before my trip in June? | Before your trip in June | my trip
What did I tell you when I was in Lisbon? | when you were in Lisbon; Casa Azul | when I was
What did you say when I was in Lisbon? | when you were in Lisbon | when I was
What did I ask you before my trip to Norway? | Before your trip to Norway | my trip
What did we discuss 8 years ago? | no record; 10 March 2022 | lately
What did we talk about three years ago? | headphones | lately
What did I ask you on the 17th in the evening? | fig tree | budget; lately
What did I ask you in the evening of the 17th? | fig tree | budget
What did I say on the evening of November 17th? | fig tree | budget
What did I ask you this morning? | Mars | lavender
What did I ask you an hour ago? | lavender | Mars
What did I ask you earlier today? | Mars; lavender | film
What did we talk about the day before yesterday? | Heron | film
What did we talk about last weekend? | bed | film
What did we talk about between Monday and Wednesday? | Heron; yoghurt; ficus | bed
What did I ask since Sunday? | yoghurt; Mars | TCP
What did I say on 3/10/2022? | no record | lately
What did I ask at 3pm yesterday? | shed | film
What did I say yesterday afternoon? | shed | film
What did I ask you last Tuesday evening? | film |
What did I ask on Tuesday? | yoghurt; film | fig
What did we talk about on 29 February 2024? | Leap day | lately
What did we talk about on 2024-02-29? | Leap day | lately
What did I say on 11 June 2022? | Casa Azul | tram 28
What did I ask on 12 June 2022? | tram 28 | Casa Azul
What did I ask on 3 August? | ramen | lately
What did I say on 31 March 2024 at 3:30? | parser | no record
What did I say on 29 October 2023 at 2:30? | baby | no record
What did I say on 29 October 2023 at 2:30 at night? | baby | no record
What did I say at the beginning of June? | flight; Norway | boots
What did I ask last night? | film | yoghurt
"""
#: Asked far away, of days that were lived elsewhere, and of those on which clocks were changed.
ELSEWHERE = """
What did I ask on 3 August? | ramen; 09:00 |
What did I ask on 2 August? | no record | ramen
What did I ask on 20 May 2025? | asparagus; 07:10 |
What did I say on 11 June 2022? | Casa Azul; 23:40 | tram
What did I ask on 12 June 2022? | tram 28; 00:20 | Casa Azul
What did I say on 31 March 2024? | parser; 03:30 |
What did I say on 29 October 2023? | baby; 02:30 |
What did I ask yesterday? | yoghurt; film | lavender
What was my first question yesterday? | 08:10; yoghurt | lavender
"""
#: Of the world, or of a text at hand: no form of ours.
WORLD = """
What is the last question on the exam?
What was the first message sent over the internet?
How many times did the US land on the moon?
How long have humans been talking?
How often should I water a ficus?
Repeat after me: hello
Summarize the last chapter
Summarize 1984
Give me an overview of the 1980s
Recap the match last night
Go over today's lesson
Review last year's budget
What happened in 1850?
What happens on Black Friday?
When is Thanksgiving?
What's your answer to the question of life?
What will the weather be tomorrow?
"""


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(NEVER, id="a day that never was"),
        pytest.param(FIRSTS, id="first and last of a time"),
        pytest.param(FEASTS, id="feasts"),
        pytest.param(AHEAD, id="what lies ahead"),
        pytest.param(COUNTS, id="counts"),
        pytest.param(RECAPS, id="recaps"),
        pytest.param(MOMENTS, id="moments"),
        pytest.param(TALK, id="the talk itself"),
        pytest.param(WINDOWS, id="windows"),
        pytest.param(ELSEWHERE, id="elsewhere"),
    ],
)
async def test_a_question_of_time_is_answered_with_what_was_said_then(
    tmp_path: Path, table: str
) -> None:
    store = await open_years(tmp_path)
    try:
        assert await wrong_answers(store, table) == []
    finally:
        await store.close()


@pytest.mark.parametrize(
    ("now", "zone"),
    [
        ("2026-11-25 22:30", "Asia/Tokyo"),
        ("2026-11-25 08:30", "America/New_York"),
        ("2026-11-25 13:30", "UTC"),
    ],
)
async def test_days_are_those_of_the_place_where_they_were_lived(
    tmp_path: Path, now: str, zone: str
) -> None:
    store = await open_years(tmp_path)
    try:
        assert await wrong_answers(store, ELSEWHERE, now, zone) == []
    finally:
        await store.close()


async def test_what_only_sounds_like_it_is_left_to_a_model(tmp_path: Path) -> None:
    store = await open_years(tmp_path)
    try:
        asked = Asked(store)
        answers = {each: await asked.answer(each) for each in WORLD.strip().splitlines()}

        assert {each: text for each, text in answers.items() if text} == {}
    finally:
        await store.close()


async def test_a_birthday_is_the_day_that_was_told(tmp_path: Path) -> None:
    told = "2026-01-02 10:00 | Europe/Vienna | My birthday is on 14 March | Noted."
    store = await open_years(tmp_path, told)
    try:
        asked = Asked(store)

        assert "candles" in await asked.answer("What did I say on my birthday last year?")
        assert "14 March 2026" in await asked.answer("What did I do on my birthday?")
        unknown = await asked.answer("What did I say on our wedding anniversary?")
        assert unknown.startswith("You have not told me when your wedding anniversary is")
    finally:
        await store.close()
