"""What is no more, as it is told back; and what only sounds so."""

import pytest

from vega.core.facts import acknowledge, read_statements

OVER = [
    ("I got divorced from Tobias", "you are divorced from Tobias."),
    ("I'm divorced", "you are divorced."),
    ("My husband and I split up last month", "you and your husband are no longer together."),
    ("I broke up with Lena", "you and Lena are no longer together."),
    ("I'm single again", "you are single."),
    ("I am not married any more", "you are no longer married."),
    ("I don't have a dog any more", "you no longer have a dog."),
    ("we no longer have any pets", "you no longer have a pet."),
    ("We gave the dog away", "you no longer have your dog."),
    ("we sold the car", "you no longer have your car."),
    ("My phone got stolen on the tram", "you no longer have your phone."),
    ("I've been laid off", "you no longer have your job."),
]
DIED = [
    ("My dog died last week", "your dog died."),
    ("Our cat Minka was put to sleep yesterday", "your cat Minka died."),
    ("We had to put our dog down", "your dog died."),
]
NOT_OVER = [
    "My phone died",
    "My battery died this morning",
    "My grandmother died last year",
    "Bruno died",
    "I left my wife at the station",
    "I broke up a fight",
    "I gave up my guitar",
    "My wife and I split the bill",
    "My parents got divorced",
    "I'm getting divorced",
    "I'm married to my job",
    "My dog died in the movie",
    "I no longer have a dog in this fight",
    "I was fired up",
    "I divorced myself from the idea",
    "We split the bill",
    "My dog is dead tired",
    "Did my dog die?",
    "If my dog died I'd be sad",
    "I don't have a dog",
]


@pytest.mark.parametrize(("prompt", "clause"), OVER)
def test_it_is_told_back_as_over(prompt: str, clause: str) -> None:
    reading = read_statements(prompt)

    assert any(one.is_over for one in reading.statements)
    assert acknowledge(reading.said) == f"Got it! I'll remember that {clause}"


@pytest.mark.parametrize(("prompt", "clause"), DIED)
def test_a_death_is_no_good_news(prompt: str, clause: str) -> None:
    assert acknowledge(read_statements(prompt).said) == f"I am sorry. I'll remember that {clause}"


@pytest.mark.parametrize("prompt", NOT_OVER)
def test_nothing_ends_by_what_only_sounds_so(prompt: str) -> None:
    assert read_statements(prompt).statements == ()
