"""What is about our past or the owner's own things, and what is about the world."""

import pytest

from vega.core.importing import Role
from vega.core.replies.asking import MAX_CHARS, Wanted, read_asking

#: Of time, or of the place in the conversation, alone.
BY_FORM = [
    ("What did I ask you this morning?", Wanted.PROMPTS),
    ("what did i say yesterday", Wanted.PROMPTS),
    ("What did I tell you earlier today?", Wanted.PROMPTS),
    ("What did I ask you in March?", Wanted.PROMPTS),
    ("what did I ask you between Monday and Wednesday", Wanted.PROMPTS),
    ("Hey Vega, what have I asked you today?", Wanted.PROMPTS),
    ("what were my questions yesterday?", Wanted.PROMPTS),
    ("What questions did I ask on the 3rd?", Wanted.PROMPTS),
    ("Can you tell me what I asked you last night?", None),
    ("What did we talk about yesterday?", Wanted.TALK),
    ("What have we been talking about this week?", Wanted.TALK),
    ("What topics did we discuss last week?", Wanted.TALK),
    ("What were we just talking about?", Wanted.TALK),
    ("Summarize our conversation from yesterday", Wanted.TALK),
    ("What was our last conversation about?", Wanted.TALK),
    ("What happened last week?", Wanted.TALK),
    ("What happened on Monday?", Wanted.TALK),
    ("What happened yesterday?", Wanted.TALK),
    ("What went on this morning?", Wanted.TALK),
    ("What did I do on Monday?", Wanted.TALK),
    ("What happened last night?", Wanted.TALK),
    ("What did I do yesterday?", Wanted.TALK),
    ("What did we last talk about?", Wanted.TALK),
    ("Did we talk yesterday?", Wanted.TALK),
    ("Have we talked today?", Wanted.TALK),
    ("Did I say anything on Monday?", Wanted.PROMPTS),
    ("Summarise last week for me", Wanted.TALK),
    ("When did we first talk?", Wanted.FIRST),
    ("When did we start talking?", Wanted.FIRST),
    ("How long have we known each other?", Wanted.FIRST),
    ("What was the very first thing I said to you?", Wanted.FIRST),
    ("what was the last thing I asked?", Wanted.LAST),
    ("What was my previous question?", Wanted.LAST),
    ("What did I just say?", Wanted.LAST),
    ("what did you just say?", Wanted.LAST_ANSWER),
    ("What was your last answer?", Wanted.LAST_ANSWER),
    ("When did we last talk?", Wanted.LAST_TIME),
    ("Vega, what's on my schedule today?", Wanted.SCHEDULE),
    ("What is on my calendar this week?", Wanted.SCHEDULE),
    ("Do I have any meetings tomorrow?", Wanted.SCHEDULE),
    ("Do I have anything planned for tonight?", Wanted.SCHEDULE),
    ("What do I have planned this weekend?", Wanted.SCHEDULE),
    ("What does my day look like?", Wanted.SCHEDULE),
    ("Am I free on Friday?", Wanted.SCHEDULE),
    ("What's planned for December?", Wanted.SCHEDULE),
    ("Any plans for Friday?", Wanted.SCHEDULE),
    ("What did I want to be reminded of?", Wanted.REMINDERS),
    ("What did I ask you to remind me about?", Wanted.REMINDERS),
    ("What do you have to remind me of?", Wanted.REMINDERS),
    ("What do you know about me?", Wanted.OWNER),
    ("Tell me everything you know about me", Wanted.OWNER),
]
#: About something that was said, or a thing of the owner's.
ABOUT_SOMETHING = [
    "Remind me about that project we discussed yesterday",
    "What did I say about the garden?",
    "what'd I say about work?",
    "Which recipe did you suggest?",
    "What did you recommend for dinner?",
    "What was the book you mentioned?",
    "Do you remember the name of my dentist?",
    "Do you remember the restaurant we talked about?",
    "Where did I put the spare key?",
    "I forgot where I parked the car",
    "Where is my passport?",
    "When is the dentist appointment?",
    "What's the name of my landlord?",
    "Where do I keep the spare fuses?",
    "What did I have for lunch on Friday?",
    "Did I pay the electricity bill?",
    "When was the last time I mentioned Bob?",
    "Did I tell you about Ana's wedding?",
    "Have I told you about my sister?",
    "What did I buy at the market last week?",
    "What did we decide about the holiday?",
    "Have I ever been to Rome?",
    "Who did I meet on Monday?",
    "What did I ask you about the boiler?",
    "Remind me what I said about Bob",
    "When does my flight leave?",
    "When am I flying to Lisbon?",
    "Who am I meeting on Friday?",
    "Remind me about that project we discussed",
    "How much did I pay for the bike?",
    "Did we talk about Rome?",
    "What was that thing I told you about last Tuesday?",
    "When was my last check-up?",
    "Who recommended that restaurant to me?",
    "Can you tell me what I asked you last night?",
    "Tell me about the project we discussed",
    "The thing I told you about the garden?",
    "recap my trip to Osaka",
    "everything I ever said about my wedding ring please",
    "List all I told you about Kev",
    "Find where I talked about the slugs",
    "Show me the message where Beth got married",
    "Have you ever heard me mention Olu?",
    "Which hospital is mum going to?",
    "On what day did we come back from Lisbon?",
    "on which date did I lend out the drill?",
    "How did you respond to my question about the pushchair?",
    "How long ago did I lose my ring?",
    "how many days is it since I called the vet?",
]
THE_WORLD = [
    "What is the capital of France?",
    "How do I cook pasta?",
    "Tell me about the moon.",
    "Who wrote Hamlet?",
    "Did you know that bees dance?",
    "Write a poem about my cat",
    "How can I fix my bike?",
    "What should I cook for my wife?",
    "What did Einstein say about God?",
    "When did World War II end?",
    "Remind me to call mom tomorrow",
    "Remind me in ten minutes",
    "Why is my code slow?",
    "Translate what I said into French",
    "What time is it?",
    "How are you?",
    "Can you help me with my homework?",
    "What happened yesterday in the news?",
    "What happened in 1969?",
    "What happened in France last week?",
    "What went on in the world this week?",
    "Where am I going wrong today?",
    "When do I add the salt?",
    "When do I leave the motorway?",
    "What happened at Pearl Harbor?",
    "Where am I going wrong?",
    "When is the World Cup final?",
    "Where is the Eiffel Tower?",
    "Is my essay good?",
    "What is my horoscope today?",
    "What did I do wrong here?",
    "Suggest a recipe for dinner",
    "What would you recommend for a cold?",
    "Who is the president of the US?",
    "Explain what we know about black holes",
    "How long does it take to boil an egg?",
    "What can I do about my headache?",
    "Tell me a joke",
    "My favorite color is blue",
    "Should I tell my boss about it?",
    "What do you think about Rome?",
    "What is love?",
    "Do you know the capital of Peru?",
    "How many people live in Rome?",
    "When do the clocks change?",
    "When was Mozart born?",
    "What is the best way to clean my oven?",
    "Good morning",
    "My code is slow. What did I do wrong?",
    "I love Rome. What should I see there?",
    "Write a poem. I told you about my cat.",
    "Translate this: I told you so. What did he say?",
    "How are you? I told you I was ill.",
    "Can you find me a good recipe?",
    "Show me the message that git prints",
    "List all the capitals I should know",
    "Find where the bug is in my code",
    "I told you. What do you think?",
    "What should I do? I told you already.",
    "We talked about it. What is wrong with you?",
    "Review my wedding speech",
    "How much did we pay for Alaska in 1867?",
    "How long ago did the Romans leave Britain?",
    "What does serendipity mean?",
    "How do we know the universe is expanding?",
    "What's the weather like today?",
    "Summarize the following text",
    "How old is the universe?",
    "What are some good books?",
    "Was I right?",
    "What was I thinking?",
    "Did I do the right thing?",
    "Is my train on time?",
    "What is our galaxy called?",
    "What is my name in Japanese?",
    "What do I do if my phone is stolen?",
    "How do I get to my hotel?",
    "What can I cook with my leftovers?",
    "What did you mean by that?",
    "I went to Rome yesterday.",
    "We talked about it at work.",
    "I told you that I love Rome.",
    "Yesterday we talked about the garden",
    "",
    "?",
]


@pytest.mark.parametrize(("prompt", "wanted"), BY_FORM)
def test_a_question_of_time_alone_is_known_by_its_form(prompt: str, wanted: Wanted | None) -> None:
    asking = read_asking(prompt)

    assert asking is not None
    assert asking.is_certain
    assert wanted is None or asking.wanted is wanted


@pytest.mark.parametrize("prompt", ABOUT_SOMETHING)
def test_what_was_said_and_what_is_the_owners_is_asked_of_the_store(prompt: str) -> None:
    asking = read_asking(prompt)

    assert asking is not None
    assert asking.wanted in (Wanted.PASSAGE, Wanted.MOMENT)
    assert asking.is_certain


@pytest.mark.parametrize("prompt", THE_WORLD)
def test_the_world_is_asked_of_the_model(prompt: str) -> None:
    asking = read_asking(prompt)

    assert asking is None or not asking.is_certain


@pytest.mark.parametrize(
    "prompt",
    [
        "Where is the Eiffel Tower?",
        "Who is the president of the US?",
        "Who is Ana?",
        "What do I know about Ana?",
    ],
)
def test_what_the_world_knows_by_name_may_have_been_told_as_well(prompt: str) -> None:
    asking = read_asking(prompt)
    assert asking is not None
    assert not asking.is_certain


@pytest.mark.parametrize(
    "prompt",
    [
        "Do you remember who wrote Hamlet?",
        "When is the wedding?",
        "When did Bob call?",
        "What did Bob say about the leak?",
        "What was that restaurant called?",
        "What's the wifi password?",
        "Where is the spare key?",
        "Who is the plumber?",
        "When do I fly to Lisbon?",
        "What time do I leave on Sunday?",
        "Am I flying to Lisbon on Friday?",
        "Where will I be on Friday?",
        "who supplies the boards?",
        "how much did the vet charge",
        "How heavy was Ayla at birth?",
        "what was wrong with the car at the MOT",
        "Any idea where the drill is?",
        "What nursery is Ayla going to, and what does it cost?",
        "What happened on 17 August 2025?",
    ],
)
def test_what_only_may_be_the_owners_is_the_models_where_nothing_is_found(prompt: str) -> None:
    asking = read_asking(prompt)

    assert asking is not None
    assert not asking.is_certain


def test_it_is_known_whose_words_are_asked_for() -> None:
    voices = {
        "What did I say about the garden?": Role.USER,
        "When did I tell you about the leak?": Role.USER,
        "Which recipe did you suggest?": Role.ASSISTANT,
        "What did we decide about the holiday?": None,
    }

    for prompt, voice in voices.items():
        asking = read_asking(prompt)
        assert asking is not None
        assert asking.voice is voice


def test_when_is_asked_for_apart_from_what() -> None:
    asking = read_asking("When did I first tell you about the leak?")

    assert asking is not None
    assert (asking.wanted, asking.is_first) == (Wanted.MOMENT, True)


def test_a_long_text_asks_nothing_of_the_past() -> None:
    assert read_asking("What did I say about the garden? " + "x" * MAX_CHARS) is None


def test_neither_do_several_sentences() -> None:
    assert read_asking("I like Rome. What did I say about it? It is hot there.") is None


@pytest.mark.parametrize(
    ("prompt", "restated"),
    [
        (
            "Hey, quick one. Where on earth is the passport, I know I told you.",
            "Where is the passport, as i told you?",
        ),
        (
            "I can't find the stopcock, water everywhere!! where did i say it was",
            "Where did i say the stopcock was?",
        ),
        (
            "Which tape should I use? You told me.",
            "Which tape should I use, as you told me?",
        ),
        (
            "You once recommended me a book. Which one?",
            "You once recommended me a book: Which one?",
        ),
        ("Where is my passport? I forgot.", "Where is my passport?"),
        ("waht did i say abuot the boiler", "What did i say about the boiler?"),
        ("wen did i tel you about the boiler", "When did i tell you about the boiler?"),
        ("which name did u propose", "Which name did you propose?"),
        ("What did you say about the tap, cheers", "What did you say about the tap?"),
    ],
)
def test_a_hasty_question_is_still_one_of_the_past(prompt: str, restated: str) -> None:
    asking = read_asking(prompt)

    assert asking is not None
    assert asking.is_certain
    assert asking.restated == restated
