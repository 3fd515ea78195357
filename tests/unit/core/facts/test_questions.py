"""What is asked of the facts, and what only sounds so."""

import pytest

from vega.core.facts import Question, Tense, read_question, read_statements
from vega.core.memory import FactKind

ASKED: list[tuple[str, Question]] = [
    ("Where do I live?", Question("home", "home", "is")),
    ("Where do I live now?", Question("home", "home", "is")),
    ("Do you remember where I live?", Question("home", "home", "is", wants_yes=True)),
    ("Do I live in Graz?", Question("home", "home", "is", value="Graz")),
    ("Remind me of my address", Question("address", "address", "is")),
    ("Where am I from?", Question("hometown", "hometown", "is", also=("birthplace",))),
    ("What's my dog called?", Question("dog", "dog's name", "is")),
    ("What is my dog's name?", Question("dog", "dog's name", "is")),
    ("Is my dog called Rex?", Question("dog", "dog's name", "is", value="Rex")),
    ("Who is my wife?", Question("wife", "wife's name", "is", also=("spouse",))),
    ("What is my mum's name?", Question("mother", "mum's name", "is")),
    ("What are my sisters called?",
     Question("sister", "sisters", "are", is_list=True, also=("sisters",))),
    ("How many sisters do I have?", Question("sisters", "sisters", "is", also=("sister",))),
    ("Do I have any pets?",
     Question(None, "pets", "are", True, is_list=True, all_of=FactKind.PET)),
    ("Do I have a dog?", Question("dog", "dog", "is", True, is_list=True)),
    ("When is my birthday?", Question("birthday", "birthday", "is", also=("birth year",))),
    ("Can you tell me when my birthday is?",
     Question("birthday", "birthday", "is", also=("birth year",))),
    ("When is my mother's birthday?",
     Question("mother's birthday", "mother's birthday", "is")),
    ("When is our anniversary?",
     Question("anniversary", "anniversary", "is", also=("wedding anniversary",))),
    ("What do I do for a living?", Question("job", "job", "is")),
    ("Where do I work?", Question("employer", "employer", "is", also=("workplace",))),
    ("Am I allergic to anything?",
     Question("allergy", "allergies", "are", wants_yes=True, is_list=True)),
    ("Am I allergic to peanuts?", Question("allergy", "allergies", "are", value="peanuts")),
    ("Am I vegetarian?", Question("diet", "diet", "is", value="vegetarian")),
    ("Do I have diabetes?", Question("condition", "health", "is", value="diabetes")),
    ("What car do I drive?", Question("car", "car", "is", also=("possession",))),
    ("What do I like?", Question("like", "likes", "are", is_list=True)),
    ("Do I like hiking?", Question("like", "likes", "are", value="hiking")),
    ("What do I hate?", Question("dislike", "dislikes", "are", is_list=True)),
    ("What are my plans?", Question("plan", "plans", "are", is_list=True)),
    ("What are my plans for the summer?",
     Question("plan", "plans", "are", is_list=True, when="for the summer")),
    ("How should you answer me?",
     Question(None, "wishes", "are", is_list=True, all_of=FactKind.WISH)),
    ("What did I ask you to always do?",
     Question(None, "wishes", "are", is_list=True, all_of=FactKind.WISH)),
    ("What languages do I speak?", Question("language", "languages", "are", is_list=True)),
    ("What is my PIN?", Question("pin", "pin", "is")),
    ("What do you know about me?", Question(None, "", "is", is_list=True)),
    ("What was it before?", Question(None, "", "is", tense=Tense.BEFORE)),
    ("And what was it before that?", Question(None, "", "is", tense=Tense.BEFORE)),
    ("What was my favourite colour before?",
     Question("favorite color", "favourite colour", "is", tense=Tense.BEFORE)),
    ("What was my favourite colour in March?",
     Question("favorite color", "favourite colour", "is", tense=Tense.BEFORE, when="in March")),
    ("Where did I live before?", Question("home", "home", "is", tense=Tense.BEFORE)),
    ("Where did I use to live?", Question("home", "home", "is", tense=Tense.BEFORE)),
    ("Where did I live in 2019?",
     Question("home", "home", "is", tense=Tense.BEFORE, when="in 2019")),
    ("What was my favorite color?", Question("favorite color", "favorite color", "is")),
]  # fmt: skip

#: Plans, and the words by which they are asked for.
OF_PLANS = [
    ("When is my dentist appointment?", "dentist appointment", False),
    ("When's our flight to Lisbon?", "flight to Lisbon", False),
    ("What time is my interview tomorrow?", "interview tomorrow", False),
    ("When does my flight leave?", "flight", False),
    ("When do I have my exam?", "exam", False),
    ("When am I flying to Lisbon?", "flying to Lisbon", False),
    ("when are we going to rome", "going to rome", False),
    ("Where am I going this summer?", "going this summer", False),
    ("Who am I meeting on Wednesday?", "meeting on Wednesday", False),
    ("When do we fly to Lisbon?", "fly to Lisbon", False),
    ("What time do I leave on Sunday?", "leave on Sunday", False),
    ("Do I have an exam?", "exam", True),
    ("Do I have a meeting with Tom tomorrow?", "meeting with Tom tomorrow", True),
    ("Am I flying to Lisbon on Friday?", "flying to Lisbon on Friday", True),
]

NOT_ASKED = [
    "What do I do?",
    "What should I eat?",
    "Where do I live in this story?",
    "What is my wife doing?",
    "What is my dog's favorite food?",
    "What is my car worth?",
    "Do I need a visa?",
    "Am I right?",
    "Am I late?",
    "Do I have to go?",
    "Do I have time?",
    "Do I have a fever?",
    "What do you like?",
    "Where do you live?",
    "Do you like hiking?",
    "What is my IP address?",
    "Where is my phone?",
    "What car should I buy?",
    "How do I like my chances?",
    "Where am I going wrong?",
    "Where am I going with this?",
    "When am I going to die?",
    "Am I going to be late on Monday?",
    "Am I going to die on Monday?",
    "Do I have a test for this function?",
    "Do I have a meeting mode in this app?",
    "When was my flight?",
    "When is the wedding?",
    "When is her flight?",
    "When am I allowed to vote?",
    "When do I fly a kite?",
    "When do I leave the motorway?",
    "How old is she?",
    "What instruments does she play?",
    "Do I play a role?",
    "What do I do if my dog is sick?",
    "Do I like you?",
    "How old is my dog?",
    "Is my dog sick?",
    "What was it?",
    "What was that?",
    "What was the weather before?",
    "my birthday",
    "my dog's name",
    "What did I ask you this morning?",
    "What did we talk about yesterday?",
    "Where did I go yesterday?",
    "Who is my friend talking to?",
    "How should you cook rice?",
    "Is my birthday coming up?",
    "Do I speak too loud?",
    'Translate: "Where do I live?"',
    "What is my favorite movie about?",
]

#: A statement, and the question that it answers.
ANSWERED = [
    ("I live in Graz", "Where do I live?"),
    ("My dog is called Rex", "What's my dog's name?"),
    ("My wife's name is Ana", "Who is my wife?"),
    ("My mom is called Ruth", "What's my mother's name?"),
    ("I work as a nurse", "What do I do for a living?"),
    ("I work at Siemens", "Who do I work for?"),
    ("My birthday is 3 May", "When is my birthday?"),
    ("My dad's birthday is on 11 May", "When's my father's birthday?"),
    ("I'm allergic to peanuts", "What am I allergic to?"),
    ("I'm vegetarian", "Am I vegetarian?"),
    ("I drive a Volvo", "What car do I drive?"),
    ("I love hiking", "What do I like?"),
    ("I hate cilantro", "What do I hate?"),
    ("I want to learn Spanish", "What are my goals?"),
    ("My wifi password is hunter2", "What is my wifi password?"),
    ("My email is ana@posteo.net", "What's my email address?"),
    ("I have two sisters", "How many sisters do I have?"),
    ("I speak German", "What languages do I speak?"),
    ("My shoe size is 43", "What's my shoe size?"),
    ("I was born in Graz", "Where was I born?"),
    ("We got married on 20 August 2011", "When is our wedding anniversary?"),
    ("I have a dog", "Do I have a dog?"),
    ("I prefer short answers", "What do I prefer?"),
    ("I'm 41", "How old am I?"),
    ("I play the guitar", "What instruments do I play?"),
    ("I play the guitar", "Do I play the guitar?"),
    ("I play chess", "Do I play chess?"),
    ("I play tennis", "What sports do I play?"),
    ("I work from home", "Do I work from home?"),
]


@pytest.mark.parametrize(("prompt", "expected"), ASKED)
def test_a_question_is_understood(prompt: str, expected: Question) -> None:
    assert read_question(prompt) == expected


@pytest.mark.parametrize("prompt", NOT_ASKED)
def test_what_asks_nothing_of_the_facts_is_left_to_the_model(prompt: str) -> None:
    assert read_question(prompt) is None


@pytest.mark.parametrize(("statement", "question"), ANSWERED)
def test_what_was_stated_is_what_is_asked_for(statement: str, question: str) -> None:
    stated = read_statements(statement).statements[0]
    asked = read_question(question)

    assert asked is not None
    assert stated.attribute == asked.attribute
    assert stated.kind is asked.kind


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [
        ("What is my favorite tea?", FactKind.FAVORITE),
        ("What's my name?", FactKind.NAME),
        ("Do I have any pets?", FactKind.PET),
        ("What was it before?", None),
    ],
)
def test_a_question_tells_which_kind_it_is_about(prompt: str, kind: FactKind | None) -> None:
    asked = read_question(prompt)

    assert asked is not None
    assert asked.kind is kind


@pytest.mark.parametrize(("prompt", "subject", "wants_yes"), OF_PLANS)
def test_a_plan_is_asked_for_by_the_words_that_name_it(
    prompt: str, subject: str, wants_yes: bool
) -> None:
    asked = read_question(prompt)

    assert asked is not None
    assert (asked.subject, asked.wants_yes) == (subject, wants_yes)
    assert asked.kind is FactKind.PLAN


def test_so_is_how_something_is_served() -> None:
    asked = read_question("How do I like my coffee?")

    assert asked is not None
    assert (asked.subject, asked.kind) == ("coffee", FactKind.WISH)
