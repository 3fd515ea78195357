"""How facts are told back to their owner."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from vega.core.facts import Question, acknowledge, read_statements, tell, tell_all
from vega.core.facts.attributes import kind_of
from vega.core.memory import Fact, FactEnding

SOME_MOMENT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

ACKNOWLEDGED = [
    ("My favorite color is blue", "your favorite color is blue."),
    ("My favourite colours are blue and red", "your favourite colours are blue and red."),
    ("I live in Graz", "you live in Graz."),
    ("I no longer live in Graz", "you no longer live in Graz."),
    ("I have a dog called Rex", "your dog is called Rex."),
    ("I have a dog", "you have a dog."),
    ("I have two sisters", "you have two sisters."),
    ("My wife's name is Ana", "your wife is called Ana."),
    ("I'm an electrician", "you are an electrician."),
    ("I work as a nurse at Siemens", "you are a nurse and you work at Siemens."),
    ("I quit my job", "you no longer have your job."),
    ("My birthday is 3 May", "your birthday is 3 May."),
    ("I'm allergic to peanuts", "you are allergic to peanuts."),
    ("I have a nut allergy", "you have a nut allergy."),
    ("I'm vegetarian", "you are vegetarian."),
    ("I am gluten-free", "you eat gluten-free."),
    ("I'm not vegetarian any more", "you are no longer vegetarian."),
    ("I have asthma", "you have asthma."),
    ("I'm colour-blind", "you are colour-blind."),
    ("I don't eat meat", "you don't eat meat."),
    ("I quit smoking", "you quit smoking."),
    ("I love hiking", "you like hiking."),
    ("I hate cilantro", "you don't like cilantro."),
    ("I drive a Volvo", "your car is a Volvo."),
    ("I sold my car", "you no longer have your car."),
    ("I'm going to Rome in June", "you are going to Rome in June."),
    ("I want to learn Spanish", "you plan to learn Spanish."),
    ("I'm planning a trip to Iceland", "you plan a trip to Iceland."),
    ("Always answer in metric units", "you want me to always answer in metric units."),
    ("Please don't use emojis", "you want me not to use emojis."),
    ("Don't ever apologise to me", "you want me never to apologise to you."),
    ("Never remind me of my ex", "you want me to never remind you of your ex."),
    ("I prefer short answers", "you prefer short answers."),
    ("You may use emojis again", "I may use emojis again."),
    ("My PIN is 4711", "your PIN is 4711."),
    ("I speak German", "you speak German."),
    (
        "I have a dentist appointment on Monday at 10",
        "you have a dentist appointment on Monday at 10.",
    ),
    ("I have my exam on Friday", "you have your exam on Friday."),
    ("My flight leaves at 7:40 on Sunday", "your flight leaves at 7:40 on Sunday."),
    ("My doctor's appointment is on Monday", "your doctor's appointment is on Monday."),
    ("Our wedding is on 12 June", "your wedding is on 12 June."),
    ("I'm seeing my therapist on Friday at 2", "you are seeing your therapist on Friday at 2."),
    ("I like tea but not coffee", "you like tea and you don't like coffee."),
    ("We have two kids, Tom and Mia", "your child is called Tom and your child is called Mia."),
    ("My favorite color used to be red, now it's blue", "your favorite color is blue."),
    ("My favourite colour isn't blue any more", "your favourite colour is no longer blue."),
    ("I'm 41", "you are 41 years old."),
    ("I play the guitar", "you play the guitar."),
    ("I don't play chess any more", "you no longer play chess."),
    ("I work from home", "you work from home."),
    ("I like my coffee black", "you prefer your coffee black."),
    (
        "My name is Ana, I'm a teacher and I live in Porto",
        "your name is Ana, you are a teacher and you live in Porto.",
    ),
]
TOLD = [
    ("home", "Graz", "You live in Graz", "You lived in Graz"),
    ("favorite color", "purple", "Your favorite color is purple", "Your favorite color was purple"),
    ("name", "Ana", "Your name is Ana", "Your name was Ana"),
    ("dog", "Rex", "Your dog is called Rex", "Your dog was called Rex"),
    ("cat", "two cats", "You have two cats", "You had two cats"),
    ("job", "nurse", "You are a nurse", "You were a nurse"),
    ("job", "an MRI technician", "You are an MRI technician", "You were an MRI technician"),
    ("job", "teaching maths", "Your job is teaching maths", "Your job was teaching maths"),
    ("allergy", "peanuts", "You are allergic to peanuts", "You were allergic to peanuts"),
    ("like", "hiking", "You like hiking", "You liked hiking"),
    ("plan", "learn Spanish", "You plan to learn Spanish", "You planned to learn Spanish"),
    ("appointment", "an exam on Friday", "You have an exam on Friday",
     "You had an exam on Friday"),
    ("appointment", "My exam is on Friday", "Your exam is on Friday", "Your exam was on Friday"),
    ("appointment", "my flight leaves at 7 on Sunday", "Your flight leaves at 7 on Sunday",
     "Your flight was to leave at 7 on Sunday"),
    ("wish", "never use emojis", "You want me to never use emojis",
     "You wanted me to never use emojis"),
    ("car", "a Volvo", "Your car is a Volvo", "Your car was a Volvo"),
    ("birth year", "1979", "You were born in 1979", "You were born in 1979"),
    ("shoe size", "43", "Your shoe size is 43", "Your shoe size was 43"),
    ("something of a model's own", "x", "Your something of a model's own is x",
     "Your something of a model's own was x"),
]  # fmt: skip


def fact(attribute: str, value: str, *, is_over: bool = False) -> Fact:
    return Fact(
        id=1, turn_id=7, kind=kind_of(attribute), attribute=attribute, slot=attribute, value=value,
        held_from=SOME_MOMENT, held_until=SOME_MOMENT if is_over else None,
        ending=FactEnding.SUPERSEDED if is_over else None, zone="Europe/Vienna",
    )  # fmt: skip


@pytest.mark.parametrize(("prompt", "clause"), ACKNOWLEDGED)
def test_what_was_understood_is_acknowledged(prompt: str, clause: str) -> None:
    assert acknowledge(read_statements(prompt).said) == f"Got it! I'll remember that {clause}"


@pytest.mark.parametrize(("attribute", "value", "now", "past"), TOLD)
def test_a_fact_is_a_sentence_of_its_time(attribute: str, value: str, now: str, past: str) -> None:
    assert tell(fact(attribute, value)) == now
    assert tell(fact(attribute, value, is_over=True)) == past


def test_a_favorite_is_told_in_the_words_of_the_question() -> None:
    asked = Question("favorite color", "favourite colours", "are")

    assert tell(fact("favorite color", "blue"), asked) == "Your favourite colours are blue"
    assert tell(fact("favorite color", "blue", is_over=True), asked) == (
        "Your favourite colours were blue"
    )


def test_many_values_of_one_attribute_are_one_sentence() -> None:
    likes = [fact("like", value) for value in ("tea", "chess", "hiking")]

    assert tell_all(likes) == "You like tea, chess and hiking"
    assert tell_all(likes[:1]) == "You like tea"


def test_facts_of_many_attributes_are_told_one_by_one() -> None:
    facts = [fact("dog", "Rex"), fact("cat", "Tom"), fact("wish", "never use emojis")]

    assert tell_all(facts) == (
        "Your dog is called Rex, your cat is called Tom and you want me to never use emojis"
    )


def test_a_plan_is_told_with_its_verb_even_among_many() -> None:
    plans = [fact("plan", "going to Rome in June"), fact("plan", "learn Spanish")]

    assert tell_all(plans) == "You are going to Rome in June and you plan to learn Spanish"


def test_facts_of_other_times_are_not_mixed() -> None:
    before = replace(fact("home", "Graz", is_over=True), slot="home")

    assert tell_all([before, fact("home", "Linz")]) == "You lived in Graz and you live in Linz"
