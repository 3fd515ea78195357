"""What is drawn from a prompt, and what is not."""

import pytest

from vega.core.facts import MAX_PROMPT_CHARS, Question, read_question, read_statements

#: Prompts that are nothing but statements, with the attributes and values that they state.
STATED: list[tuple[str, list[tuple[str, str]]]] = [
    ("My favorite color is purple", [("favorite color", "purple")]),
    ("My name is Ana", [("name", "Ana")]),
    ("my name's Bob", [("name", "Bob")]),
    ("MY NAME IS BOB", [("name", "BOB")]),
    ("my name is bob!!!", [("name", "bob")]),
    ("Hi, my name is Ana O'Neill.", [("name", "Ana O'Neill")]),
    ("Hi! My name is Ana. Nice to meet you!", [("name", "Ana")]),
    ("My name’s José", [("name", "José")]),
    ("My name is Jürgen Groß", [("name", "Jürgen Groß")]),
    ("My name is 李雷", [("name", "李雷")]),
    ("My name is John F. Kennedy.", [("name", "John F. Kennedy")]),
    ("My name is Dr. Grace Hopper.", [("name", "Dr. Grace Hopper")]),
    ("My name is Bob and I am 30 years old", [("name", "Bob"), ("age", "30")]),
    ("My name is Bob, I'm 30", [("name", "Bob"), ("age", "30")]),
    ("My name is Bob (short for Robert)", [("name", "Bob")]),
    ("My first name is Robert", [("first name", "Robert")]),
    ("My last name is Smith", [("last name", "Smith")]),
    ("My nickname is Bobby", [("nickname", "Bobby")]),
    ("Call me Ishmael", [("nickname", "Ishmael")]),
    ("You can call me Al.", [("nickname", "Al")]),
    ("Please call me Ana Maria", [("nickname", "Ana Maria")]),
    ("My friends call me Bob", [("nickname", "Bob")]),
    ("I'm called Bob", [("name", "Bob")]),
    ("I go by Bob", [("nickname", "Bob")]),
    ("My favourite colour is grey", [("favorite color", "grey")]),
    ("my fav food is pizza", [("favorite food", "pizza")]),
    ("My favorite colors are blue and green", [("favorite color", "blue and green")]),
    ("Blue is my favorite color", [("favorite color", "Blue")]),
    ("Dogs are my favorite animals", [("favorite animal", "Dogs")]),
    ("I think blue is my favorite color", [("favorite color", "blue")]),
    ("Actually, my favorite color is green now", [("favorite color", "green")]),
    ("My favorite color has changed to green", [("favorite color", "green")]),
    ("No, my favorite color is still red.", [("favorite color", "red")]),
    ("Hey Vega, my favorite color is blue.", [("favorite color", "blue")]),
    ("Vega: my favorite color is blue", [("favorite color", "blue")]),
    ("Remember that my favorite color is blue", [("favorite color", "blue")]),
    ("Please remember: my favorite color is blue. Thanks!", [("favorite color", "blue")]),
    ("By the way, my favorite tea is Earl Grey", [("favorite tea", "Earl Grey")]),
    ("My favorite color is blue because of the sea", [("favorite color", "blue")]),
    ("My favorite color is blue, but yesterday it was red", [("favorite color", "blue")]),
    ("My favorite place is Paris, which is lovely", [("favorite place", "Paris")]),
    ("My favorite author is J. R. R. Tolkien", [("favorite author", "J. R. R. Tolkien")]),
    ("My favorite author is Dr. Seuss.", [("favorite author", "Dr. Seuss")]),
    ("My favorite number is 3.14", [("favorite number", "3.14")]),
    ("My favorite show is Law & Order", [("favorite show", "Law & Order")]),
    ("My favorite day is today", [("favorite day", "today")]),
    ("My favorite movie is Star Wars: A New Hope", [("favorite movie", "Star Wars: A New Hope")]),
    ("My name is Ana and my favorite color is blue", [("name", "Ana"), ("favorite color", "blue")]),
    ("My name is Ana, my favorite color is blue.", [("name", "Ana"), ("favorite color", "blue")]),
    ("My name is Ana. My favorite color is blue.", [("name", "Ana"), ("favorite color", "blue")]),
    ("My favorite color is blue; my name is Bob", [("favorite color", "blue"), ("name", "Bob")]),
    ("My favorite color is red\nand my name is Bob", [("favorite color", "red"), ("name", "Bob")]),
]  # fmt: skip

#: Prompts that state something beside what else they say.
STATED_IN_PASSING = [
    ("My name is Ana. What is the capital of France?", [("name", "Ana")]),
    ("What is the capital of France? My name is Ana.", [("name", "Ana")]),
    ("My favorite color is red. Which flowers suit me?", [("favorite color", "red")]),
    ("My name is Ana. Translate: my name is Bob", [("name", "Ana")]),
    ("My name is John. What is my name?", [("name", "John")]),
]

NOT_STATED = [
    "",
    " \n\t ",
    "...",
    "?",
    "Hello",
    "thanks",
    "my",
    "my name",
    "My name is",
    "My name is .",
    "My name is not Ana",
    "My name isn't Ana",
    "My name is no longer Ana",
    "My name is a secret",
    "My name is too long",
    "My name is hard to spell",
    "My name is on the list",
    "My name is whatever you like",
    "My favorite color is not blue",
    "My favorite color isn't blue",
    "My favorite color is definitely not blue",
    "My favorite color was blue",
    "My favorite color used to be blue",
    "My favorite color will be green",
    "My favorite color is anything but blue",
    "My favorite color is hard to say",
    "My favorite color is the same as yours",
    "My favorite show is on tonight",
    "My favorite shirt is in the wash",
    "My favorite place is here",
    "My favorite is the second one",
    "My least favorite color is red",
    "Blue is not my favorite color",
    "Blue was my favorite color",
    "This is my favorite song",
    "She is my favorite teacher",
    "You are my favorite assistant",
    "What is my name?",
    "What is my name",
    "Is my favorite color blue?",
    "Is my favorite color blue",
    "My name is Bob?",
    "My name is Bob, right?",
    "My favorite color is blue, isn't it?",
    "My favorite color is blue, ok?",
    "My favorite color is blue, or is it?",
    "Did you know that my favorite color is blue?",
    "My name is Ana, what is yours?",
    "If my name is Bob, what is yours",
    "What if my name is Bob",
    "Suppose my favorite color is blue",
    "Imagine my name is Bob",
    "Pretend my name is Bob. My favorite color is red.",
    "Let's say my name is Bob",
    "Assume my name is Bob",
    "I wish my name was Bob",
    "I doubt my name is Bob",
    "I don't think my name is Bob",
    "Not sure if my name is Bob",
    "She said my name is Bob",
    "They think my name is Bob",
    "Forget that my name is Bob",
    "Don't remember that my name is Bob",
    "Don't call me Bob",
    "Never call me Bob",
    "call me later",
    "CALL ME NOW",
    "Call me On Friday",
    "I'm called away",
    "I go by bus",
    '"My name is Bob"',
    "“My name is Bob”",
    "'My name is Bob'",
    "> My name is Bob",
    "He goes: my name is Bob",
    "Bob: My name is Bob",
    "User: my favorite color is blue",
    "Translate: My name is Bob",
    "Translate into French:\nMy name is Bob.",
    'Translate to German: "My name is Bob"',
    "Translate this. My name is Bob.",
    "Summarize this text. My name is Bob.",
    "Correct my grammar. My name is Bob.",
    "Write a letter. My name is Bob.",
    "Write a poem in which my favorite color is blue",
    "Tell me a story. My name is Bob.",
    "Repeat after me: My name is Bob",
    "How do you say my name is Bob in German",
    "```\nmy name is Bob\n```",
    'print("My name is Bob")',
    "# my name is Bob",
    "name = 'Bob'  # my name is Bob",
    "my favorite " * 100,
    "My favorite color is " + "very " * 20 + "blue",
    "My name is " + "B" * 81,
    "My name is Bob. " + "x" * MAX_PROMPT_CHARS,
]

ASKED: list[tuple[str, Question]] = [
    ("What is my favorite color?", Question("favorite color", "favorite color", "is")),
    ("what's my favourite colour", Question("favorite color", "favourite colour", "is")),
    ("What is my name?", Question("name", "name", "is")),
    ("WHAT IS MY NAME", Question("name", "name", "is")),
    ("What's my favorite color???", Question("favorite color", "favorite color", "is")),
    ("Hi! What is my name?", Question("name", "name", "is")),
    ("Vega, what's my name?", Question("name", "name", "is")),
    ("Thanks! What is my last name?", Question("last name", "last name", "is")),
    ("What is my favorite tea again, please?", Question("favorite tea", "favorite tea", "is")),
    ("What are my favorite colors?", Question("favorite color", "favorite colors", "are")),
    ("Who is my favorite author?", Question("favorite author", "favorite author", "is")),
    ("Do you remember my name?", Question("name", "name", "is", wants_yes=True)),
    ("Do you know what my fav tea is?", Question("favorite tea", "favorite tea", "is", True)),
    ("Can you tell me my favorite color?", Question("favorite color", "favorite color", "is")),
    ("Remind me of my favorite color", Question("favorite color", "favorite color", "is")),
    ("Tell me what my name is", Question("name", "name", "is")),
    ("What did I say my favorite color was?", Question("favorite color", "favorite color", "is")),
    ("What did I tell you my name was?", Question("name", "name", "is")),
    ("Which color is my favorite?", Question("favorite color", "favorite color", "is")),
    ("What food do I like best?", Question("favorite food", "favorite food", "is")),
    ("Is my favorite tea green?", Question("favorite tea", "favorite tea", "is", value="green")),
    ("Is my name Bob?", Question("name", "name", "is", value="Bob")),
    ("Are my favorite teas X, Y?", Question("favorite tea", "favorite teas", "are", value="X, Y")),
    ("Who am I?", Question("name", "name", "is")),
    ("What am I called?", Question("name", "name", "is")),
]  # fmt: skip

NOT_ASKED = [
    "",
    "?",
    "Hello",
    "My name is Bob",
    "What is your name?",
    "What is your favorite color?",
    "What is my wife's favorite color?",
    "What is my favorite?",
    "What does my name mean?",
    "What is my name in Japanese?",
    "What should my name be?",
    "Do you like my name?",
    "Where is my favorite restaurant?",
    "Why is my favorite color blue?",
    "What is my favorite color and food?",
    "What is my favorite color? And what is the capital of France?",
    "Translate: What is my name?",
    '"What is my name?"',
    "If I ask what is my name?",
    "What is the capital of France?",
    "What is my name?" + " " * MAX_PROMPT_CHARS,
]


@pytest.mark.parametrize(("prompt", "expected"), STATED)
def test_a_statement_is_drawn(prompt: str, expected: list[tuple[str, str]]) -> None:
    reading = read_statements(prompt)

    assert [(one.attribute, one.value) for one in reading.statements] == expected
    assert reading.is_all


@pytest.mark.parametrize(("prompt", "expected"), STATED_IN_PASSING)
def test_a_statement_in_passing_is_drawn_and_the_rest_is_left_to_the_model(
    prompt: str, expected: list[tuple[str, str]]
) -> None:
    reading = read_statements(prompt)

    assert [(one.attribute, one.value) for one in reading.statements] == expected
    assert not reading.is_all


@pytest.mark.parametrize("prompt", NOT_STATED)
def test_what_is_no_statement_is_not_drawn(prompt: str) -> None:
    reading = read_statements(prompt)

    assert reading.statements == ()
    assert not reading.is_all


@pytest.mark.parametrize(("prompt", "expected"), ASKED)
def test_a_question_is_understood(prompt: str, expected: Question) -> None:
    assert read_question(prompt) == expected


@pytest.mark.parametrize("prompt", NOT_ASKED)
def test_what_asks_nothing_of_the_facts_is_left_to_the_model(prompt: str) -> None:
    assert read_question(prompt) is None


@pytest.mark.parametrize(("prompt", "expected"), STATED)
def test_a_statement_is_never_taken_for_a_question(
    prompt: str, expected: list[tuple[str, str]]
) -> None:
    assert expected
    assert read_question(prompt) is None


@pytest.mark.parametrize("thing", ["color", "food", "movie", "programming language"])
def test_what_was_stated_answers_what_is_asked(thing: str) -> None:
    stated = read_statements(f"My favorite {thing} is Foo").statements[0]
    asked = read_question(f"What is my favorite {thing}?")

    assert asked is not None
    assert stated.attribute == asked.attribute


@pytest.mark.parametrize(
    ("prompt", "value"),
    [
        ("My favorite color is no longer blue", "blue"),
        ("My favourite colour isn't blue any more", "blue"),
        ("Blue is no longer my favorite color", "Blue"),
        ("Blue isn't my favorite color anymore", "Blue"),
    ],
)
def test_what_is_a_favourite_no_longer_is_over(prompt: str, value: str) -> None:
    reading = read_statements(prompt)

    assert reading.is_all
    assert [(one.attribute, one.value, one.is_over) for one in reading.statements] == [
        ("favorite color", value, True)
    ]
