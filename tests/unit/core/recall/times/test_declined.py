"""Sentences with words of time in them that speak of no time."""

import pytest

from tests.said_times import NOW, at
from vega.core.recall.times import read_time

DECLINED = """
May I ask you something?
I may go to the shop
You may march on
march on
Wait a second
Give me a minute
one second please
How do I cut a spring onion?
Did I fall over the step?
What does the Sunday Times say?
I love Friday night lights
Tell May that I called
What did May say?
What did August Strindberg write?
A day in the life of a nurse
I run every morning
What do I do on weekdays?
He works 24/7
The odds are 50/50
Add 1/2 cup of sugar
What happened in the 9/11 attacks?
Does it run on Python 3.11?
Does it run on 3.11.
The ratio is 16:9
ping 192.168.1.1
It costs $3.50
It costs 3 dollars
What is my last name?
What was the last one?
When was the last time I saw Anna?
this time it works
at 3 percent interest
the summer dress I bought
my Christmas present
Which Christmas tree did I buy?
I go on Mondays
each Friday I swim
My sister June called
Summer is my daughter
John 3:16
I sat in the sun
He sat down
We wed in Rome
the second floor
on the third floor
on the first attempt
on the second thought
first of all
at least 3 people
at one point
in the end
over the years
for years
two years old
a 5-minute walk
in a 5-minute talk
What did I do at 21?
at 5 Main Street
The March of the Penguins
Black Friday deals
What is Ash Wednesday?
What are my plans for Monday?
I need it in 2000 words
in 1984 dollars
Chapter 3.4. of the book
section 2.1
version 2024.1
room 101
How much do I earn in a month?
What is a good morning routine?
Good morning!
good night
Good evening, Vega
I am a morning person
a night out
the noon train
midnight blue
Tell me about yesterday's news
Monday's meeting notes
Boxing gloves
What is Easter about?
the new year's resolutions
my Valentine
in other words
What is today's date in the book?
look after my cat
Who was named after my father?
When is my dentist appointment?
When did I move?
Do you remember when I told you about Rome?
since I like coffee, what should I buy?
after all
before long
around the house
the first time I mentioned Anna
the first thing I told you about Anna
when I cook pasta, what do I add?
when the water is heated, what do I add?
since the meter is broken, whom do I call?
one after the other
What happened in Q3?
What did we talk about on our first day?
what did i say on sat
What did I eat the day I told you about the storm?
What did I say an hour or so ago?
my last year of school
our next week at sea
the last night of my trip
What was your answer when I asked about slugs?
What did you say when I told you about the rent?
What did I eat before lunch?
the last year of the war
when Vega is stopped, what is lost?
an edition of the first "chapter"
the meaning of the first, and of the second
since the beginning
while you are at it
from A to B
from 9 to 5
between 2 and 4 people
between you and me
some day
one day
any day now
these days
nowadays
recently
lately
a while ago
long ago
once upon a time
in no time
right now
at the moment
at the same time
daily
weekly report
half a pound
a quarter of the cake
quarter to
the week
a month
a year
the 5th element
May the force be with you
April showers bring May flowers
Mr. March called
the Ides of march
post-Christmas sale
Sunday-best
in a minute
last minute
the last second
the day
What about 3 of them
about 3 apples
around 100 people
the 1900 meter race
Apollo 13
route 66
the seventies music
"""
#: Yesterday, in languages that are not read.
OTHER_LANGUAGES = """
Was habe ich gestern gefragt?
Qu'est-ce que j'ai dit hier soir ?
昨日何を聞きましたか
ماذا قلت لك أمس
"""


@pytest.mark.parametrize("text", DECLINED.strip().splitlines())
def test_no_time_is_read_where_none_is_spoken_of(text: str) -> None:
    assert read_time(text, at(NOW)) is None


@pytest.mark.parametrize("text", OTHER_LANGUAGES.strip().splitlines())
def test_other_languages_are_left_alone(text: str) -> None:
    assert read_time(text, at(NOW)) is None


def test_the_day_of_the_attacks_is_no_date_where_the_month_comes_first() -> None:
    assert read_time("What did I think on 9/11?", at(NOW), day_first=False) is None
