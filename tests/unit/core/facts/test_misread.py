"""What people really write and a rule may misread: a wrong fact is worse than a missed one."""

import pytest

from vega.core.facts import read_question, read_statements

DOUBTED = [
    "My name is Bob isn't it",
    "My name is Bob, isn't it",
    "My name is probably Bob",
    "My favorite color is blue?!",
    "My favorite color is blue or green",
    "My favorite color is either blue or green",
    "My favorite color is neither blue nor red",
    "My favorite color is rarely blue",
    "My favorite color is up for debate",
    "My favorite color is idk",
    "My favorite color is TBD",
    "My favorite color is [color]",
    "My favorite color is {{color}}",
    "My favorite color is going to be green",
    "My favorite color is supposed to be green",
    "My favorite color is yours",
    "Everything is my favorite food",
    "These are my favorite shoes",
    "The book you mentioned is my favorite book",
    "Probably blue is my favorite color",
]
TAKEN_BACK = [
    "My favorite color is red. Just kidding.",
    "My favorite color is red, just kidding",
    "My favorite color is red. Not!",
    "My name is Bob. Do not remember it.",
    "My name is Bob, do not remember it",
    "My name is Bob, forget it",
]
NAME_IS_DESCRIBED = [
    "My name is easy to remember",
    "My name is often misspelled",
    "My name is already taken",
    "My name is common in Austria",
    "My name is irrelevant",
    "My name is a palindrome",
    "My name is of Greek origin",
    "My name is written with a K",
    "My name is used as a password",
    "My name is for sale",
    "My name is up to you",
    "My name is quite common",
]
FAVORITE_IS_DESCRIBED = [
    "My favorite restaurant is closed today",
    "My favorite restaurant is really expensive",
    "My favorite restaurant is around the corner",
    "My favorite team is losing",
    "My favorite team is playing tonight",
    "My favorite band is coming to town",
    "My favorite author is dead",
    "My favorite show is cancelled",
    "My favorite movie is over",
    "My favorite movie is about a dog",
    "My favorite movie is two hours long",
    "My favorite mug is broken",
    "My favorite jeans are torn",
    "My favorite jeans are at the cleaners",
    "My favorite pen is out of ink",
    "My favorite cousin is getting married",
    "My favorite uncle is dying",
]
CALLED_OTHERWISE = [
    "Call me Tomorrow",
    "Call me Monday",
    "Call me Back",
    "Call me ASAP",
    "Call me AT HOME",
    "I go by Train",
]
TEXTS_AND_ROLES = [
    "Print this. My name is Bob.",
    "Repeat after me. My name is Bob.",
    "Convert this to Spanish. My name is Bob.",
    "Explain this line. My name is Bob.",
    "Is this sentence right? My name is Bob.",
    "What does this mean? My name is Bob.",
    "Here is a text. My name is Bob.",
    "Consider this. My name is Bob.",
    "Let's play a game. My name is Watson.",
    "You are a pirate. My name is Jack.",
    "Once upon a time. My name is Jack.",
    "Finish this sentence. My name is Jack and",
]
#: What is stated is clear, and more than the value was taken for it.
TOO_MUCH = [
    ("No, my name is Rob, not Bob", "Rob"),
    ("My favorite color is blue, not green", "blue"),
    ("My name is Robert, call me Bob", "Bob"),
    ("My name is Robert and you can call me Bob", "Bob"),
    ("My name is Robert, but everyone calls me Bob", "Bob"),
    ("My name is Bob - nice to meet you", "Bob"),
    ("My name is Bob & I am 30", "Bob"),
    ("My name is Bob, 30, from Rome", "Bob"),
    ("My name is ana lol", "ana"),
    ("My name is Ana :)", "Ana"),
    ("My name is Ana 😀", "Ana"),
    ("My name is also Bob", "Bob"),
    ("My favorite color is of course blue", "blue"),
    ("My favorite color is probably still blue", None),
    ("My favorite color is blue for now", "blue"),
    ("My favorite color is blue as of today", "blue"),
    ("My favorite color is blue at the moment", "blue"),
    ("My favorite color is blue, remember", "blue"),
    ("My favorite color is blue and what is yours", "blue"),
    ("My favorite color is blue what is yours", "blue"),
    ("My favorite color is blue and it always has been", "blue"),
    ("My favorite color is red and hers is blue", "red"),
    ("My favorite movie is called Heat", "Heat"),
    ("my favorite color is blue.my name is bob", "blue"),
]
PLURALS = ["hobbies", "dishes", "berries", "boxes", "glasses", "classes", "cities", "buses"]
SINGULARS = ["hobby", "dish", "berry", "box", "glass", "class", "city", "bus"]


@pytest.mark.parametrize("prompt", DOUBTED)
def test_what_is_doubted_is_no_fact(prompt: str) -> None:
    assert read_statements(prompt).statements == ()


@pytest.mark.parametrize("prompt", TAKEN_BACK)
def test_what_is_taken_back_is_no_fact(prompt: str) -> None:
    assert read_statements(prompt).statements == ()


def test_a_correction_in_the_same_prompt_does_not_leave_the_first_word() -> None:
    statements = read_statements("My favorite color is red. No, blue.").statements

    assert [one.value for one in statements] in ([], ["blue"])


@pytest.mark.parametrize("prompt", NAME_IS_DESCRIBED)
def test_what_describes_a_name_is_not_the_name(prompt: str) -> None:
    assert read_statements(prompt).statements == ()


@pytest.mark.parametrize("prompt", FAVORITE_IS_DESCRIBED)
def test_what_describes_a_favorite_is_not_the_favorite(prompt: str) -> None:
    assert read_statements(prompt).statements == ()


@pytest.mark.parametrize("prompt", CALLED_OTHERWISE)
def test_a_wish_to_be_phoned_is_no_name(prompt: str) -> None:
    assert read_statements(prompt).statements == ()


@pytest.mark.parametrize("prompt", TEXTS_AND_ROLES)
def test_a_text_to_be_worked_on_and_a_role_state_nothing(prompt: str) -> None:
    assert read_statements(prompt).statements == ()


@pytest.mark.parametrize(("prompt", "value"), TOO_MUCH)
def test_a_value_holds_no_more_than_the_value(prompt: str, value: str | None) -> None:
    """Nothing at all may be drawn, but not the wrong words."""
    statements = read_statements(prompt).statements

    assert (
        not statements
        or statements[-1].value == value
        or (statements[0].attribute != statements[-1].attribute and statements[0].value == value)
    )


@pytest.mark.parametrize(("plural", "singular"), list(zip(PLURALS, SINGULARS, strict=True)))
def test_many_and_one_are_the_same_attribute(plural: str, singular: str) -> None:
    stated = read_statements(f"My favorite {plural} are Foo and Bar").statements[0]
    asked = read_question(f"What is my favorite {singular}?")

    assert asked is not None
    assert stated.attribute == asked.attribute == f"favorite {singular}"


@pytest.mark.parametrize("title", ["Toy Story", "West Side Story", "Love Letter"])
def test_a_title_is_a_value_whatever_its_words(title: str) -> None:
    statements = read_statements(f"My favorite movie is {title}").statements

    assert [one.value for one in statements] == [title]


@pytest.mark.parametrize(
    "question",
    [
        "Is my favorite restaurant open today?",
        "Is my favorite team playing tonight?",
        "Is my favorite movie any good?",
        "Is my name common?",
        "Is my name hard to spell?",
        "Is my favorite show on tonight?",
        "Who is my favorite author married to?",
        "What is my favorite movie about?",
        "What is my favorite color in French?",
    ],
)
def test_a_question_about_the_world_is_not_answered_from_the_facts(question: str) -> None:
    assert read_question(question) is None


@pytest.mark.parametrize(
    ("question", "value"),
    [("Is my favorite color still blue?", "blue"), ("Is my name really Bob?", "Bob")],
)
def test_a_question_for_a_value_names_the_value_alone(question: str, value: str) -> None:
    asked = read_question(question)

    assert asked is None or asked.value == value


def test_a_choice_is_not_one_value() -> None:
    asked = read_question("Is my favorite color blue or green?")

    assert asked is None or asked.value is None
