"""What the owner says to be over, to have been wrong, or to be so again; and what they want
forgotten: in one life, with the real store."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.clocks import SOME_MOMENT
from tests.lives import Life, living, tell
from vega.core.conversation import Turn
from vega.core.facts import read_statements
from vega.core.life import reading_store
from vega.core.life.reading_store import Read
from vega.core.memory import FactEnding

LAST = SOME_MOMENT + timedelta(days=9)


async def say(life: Life, *prompts: str) -> str:
    """The answer to the last of them; each is said an hour after the one before."""
    text = ""
    for prompt in prompts:
        life.clock.set(life.clock.now() + timedelta(hours=1))
        text = (await life.ask(prompt)).response or ""
    return text


async def held(life: Life, attribute: str) -> list[str]:
    return sorted(one.value for one in await life.store.facts.all_held_at(attribute, LAST))


@pytest.mark.parametrize(
    ("told", "over", "attribute"),
    [
        ("My husband's name is Tobias.", "I got divorced from Tobias.", "husband"),
        ("My husband's name is Tobias.", "I'm divorced.", "husband"),
        ("My husband's name is Tobias.", "My husband and I split up.", "husband"),
        ("I'm married to Tobias.", "I divorced my husband last year.", "spouse"),
        ("My girlfriend's name is Lena.", "I broke up with Lena.", "girlfriend"),
        ("My girlfriend's name is Lena.", "I'm single again.", "girlfriend"),
        ("My dog is called Bruno.", "My dog died last week.", "dog"),
        ("My dog is called Bruno.", "I don't have a dog any more.", "dog"),
        ("I have a dog.", "We had to put our dog down.", "dog"),
        ("My dog is called Bruno.", "Bruno died last night :(", "dog"),
        ("I drive a red Mazda 3.", "I sold my Mazda", "car"),
        ("I'm flying to Lagos in December.", "The Lagos trip is cancelled", "plan"),
        ("I hate olives.", "actually I don't hate olives", "dislike"),
        ("I drive a blue Skoda.", "we sold the car", "car"),
        ("My bike is a Canyon.", "My bike was stolen yesterday.", "bike"),
        ("I'm a nurse.", "I quit my job.", "job"),
        ("I work at Bosch.", "I got fired.", "employer"),
        ("I'm vegetarian.", "I'm not vegetarian any more.", "diet"),
        ("I love jazz.", "I used to love jazz.", "like"),
        ("I don't eat meat.", "I eat meat again.", "does not eat"),
    ],
)
async def test_what_is_over_ends_and_is_known_to_have_been(
    tmp_path: Path, told: str, over: str, attribute: str
) -> None:
    async with living(tmp_path) as life:
        await say(life, told)
        before = await held(life, attribute)
        answer = await say(life, over)

        assert before
        assert await held(life, attribute) == []
        assert "I'll remember that" in answer
        endings = [one.ending for one in await life.store.facts.history(attribute)]
        assert endings == [FactEnding.TAKEN_BACK]


@pytest.mark.parametrize(
    ("over", "left"),
    [
        ("My dog died last week.", ["Bruno", "Rex"]),
        ("My dog Rex died last week.", ["Bruno"]),
        ("I don't have any dogs any more.", []),
    ],
)
async def test_of_two_dogs_only_the_one_that_is_named_is_gone(
    tmp_path: Path, over: str, left: list[str]
) -> None:
    async with living(tmp_path) as life:
        await say(life, "My dog is called Bruno.", "My dog is called Rex.", over)

        assert await held(life, "dog") == left


@pytest.mark.parametrize(
    "told",
    [
        ["I have a dog.", "My dog is called Bruno."],
        ["My dog is called Bruno.", "I have a dog."],
        ["I have a dog.", "My dog is called Bruno.", "I have a dog."],
    ],
)
async def test_a_dog_and_one_that_is_named_are_one_dog(tmp_path: Path, told: list[str]) -> None:
    async with living(tmp_path) as life:
        await say(life, *told)

        assert await held(life, "dog") == ["Bruno"]

        await say(life, "My dog died last week.")

        assert await held(life, "dog") == []


async def test_a_dog_that_is_heard_of_later_gives_way_to_its_name(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await say(life, "My dog is called Bruno.")
        early = await tell(life.store, "I have a dog.", at=SOME_MOMENT)
        await life.store.readings.take([read_again(early)])

        assert await held(life, "dog") == ["Bruno"]


async def test_a_car_that_is_sold_is_no_possession_either(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await say(life, "I have a car.", "I have a piano.", "I drive a Volvo.", "We sold the car.")

        assert await held(life, "car") == []
        assert await held(life, "possession") == ["a piano"]


async def test_without_any_pets_none_is_left(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await say(life, "My cat is called Minka.", "I have a dog.", "We no longer have any pets.")

        assert await held(life, "cat") == await held(life, "dog") == []


async def test_a_parting_ends_nothing_of_somebody_else(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await say(life, "My wife's name is Clara.", "I broke up with Lena.")

        assert await held(life, "wife") == ["Clara"]


@pytest.mark.parametrize(
    ("told", "right", "attribute", "value", "wrong"),
    [
        ("My dog is called Bruno.", "Sorry, my dog's name is Brutus, not Bruno.", "dog", "Brutus",
         "Bruno"),
        ("My name is Kathi.", "My name is not Kathi, it's Karin.", "name", "Karin", "Kathi"),
        ("My name is Kathi.", "My name isn't Kathi. It's Karin.", "name", "Karin", "Kathi"),
        ("I live in Vienna.", "I live in Linz, not in Vienna.", "home", "Linz", "Vienna"),
        ("My sister's name is Ana.", "My sister's name isn't Ana but Anna.", "sister", "Anna",
         "Ana"),
    ],
)  # fmt: skip
async def test_what_was_wrong_never_was_so(
    tmp_path: Path, told: str, right: str, attribute: str, value: str, wrong: str
) -> None:
    async with living(tmp_path) as life:
        await say(life, told, right)

        assert await held(life, attribute) == [value]
        assert [one.value for one in await life.store.facts.history(attribute)] == [value]
        (old,) = [one for one in await life.store.facts.all(9) if one.value == wrong]
        assert old.ending is FactEnding.CORRECTED


async def test_a_short_correction_leaves_one_dog_and_not_two(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await say(life, "My dog is called Bruno.", "No, Brutus.")

        assert await held(life, "dog") == ["Brutus"]
        assert [one.value for one in await life.store.facts.history("dog")] == ["Brutus"]


async def test_another_of_that_kind_stays_where_one_is_put_right(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await say(
            life,
            "My cat is called Minka.",
            "My cat is called Mimi.",
            "My cat is called Mitzi, not Mimi.",
        )

        assert await held(life, "cat") == ["Minka", "Mitzi"]


def read_again(turn: Turn) -> Read:
    return Read(turn, [(one, None) for one in read_statements(turn.prompt).statements])


async def test_what_was_put_right_stays_so_when_its_life_is_read_again(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await say(life, "My dog is called Bruno.", "My dog's name is Brutus, not Bruno.")
        await life.store.readings.begin_again()
        place, turns = await life.store.readings.unread_again(9)
        await life.store.readings.take_again([read_again(turn) for turn in turns], place, 0)

        assert await held(life, "dog") == ["Brutus"]


async def test_what_was_put_right_stays_so_when_it_is_heard_of_later(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await say(life, "My dog's name is Brutus, not Bruno.")
        early = await tell(life.store, "My dog is called Bruno.", at=SOME_MOMENT)
        await life.store.readings.take([read_again(early)])

        assert await held(life, "dog") == ["Brutus"]


async def test_what_is_liked_again_holds_again(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await say(life, "I like jazz.", "I don't like jazz any more.", "I like jazz again.")

        assert await held(life, "like") == ["jazz"]


async def test_one_taste_ends_and_another_begins_in_one_sentence(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await say(life, "I love jazz.", "I used to love jazz but now I prefer techno.")

        assert await held(life, "like") == ["techno"]


async def test_a_nickname_stands_beside_the_name(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await say(life, "My name is Katharina but everyone calls me Kathi.", "Call me K.")

        assert await held(life, "name") == ["Katharina"]
        assert await held(life, "nickname") == ["K"]


@pytest.mark.parametrize(
    ("prompt", "named"),
    [
        ("Forget that I like jazz.", "You like jazz"),
        ("Please forget my birthday", "Your birthday is 3 May"),
        ("Can you forget that I live in Graz?", "You live in Graz"),
        ("Delete my PIN from your memory.", "Your PIN is 4711"),
    ],
)
async def test_who_wants_something_forgotten_is_told_how_and_it_stays(
    tmp_path: Path, prompt: str, named: str
) -> None:
    async with living(tmp_path) as life:
        await say(life, "I like jazz.", "My birthday is 3 May.", "I live in Graz.",
                  "My PIN is 4711.")  # fmt: skip
        before = await life.store.facts.all(9)
        answer = await say(life, prompt)

        assert named in answer
        assert "`vega facts forget " in answer
        assert '`vega forget "' in answer
        assert "I'll remember" not in answer
        assert await life.store.facts.all(9) == before


async def test_what_is_no_fact_is_forgotten_by_its_words(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        answer = await say(life, "Forget what I told you about Norway.")

        assert '`vega forget "Norway"`' in answer


async def test_it_is_known_when_the_owners_hand_put_a_value_right(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await say(life, "My favorite color is blue.", "My dog is called Rex.")
        color, dog = await life.store.facts.all(9)
        if color.attribute == "dog":
            color, dog = dog, color
        corrected = await life.store.facts.correct(color.id, "teal", LAST)

        assert await life.store.facts.put_right_at(corrected) == LAST
        assert await life.store.facts.put_right_at(dog) is None


async def test_what_a_name_alone_told_stays_so_when_its_life_is_read_again(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await say(life, "My dog is called Bruno.", "My cat is called Minka.", "Bruno died.")
        await life.store.readings.begin_again()
        place, turns = await life.store.readings.unread_again(9)
        await life.store.readings.take_again([read_again(turn) for turn in turns], place, 0)

        assert await held(life, "dog") == []
        assert await held(life, "cat") == ["Minka"]


async def test_a_pet_is_known_by_its_name_however_much_was_told_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_store, "MOST_KNOWN", 5)
    async with living(tmp_path) as life:
        await say(life, "My dog is called Bruno.")
        await say(
            life, *(f"I love {each}." for each in ("jazz", "rain", "tea", "Rome", "ink", "elm"))
        )
        await say(life, "Bruno died last night :(")

        assert await held(life, "dog") == []


async def test_a_moved_appointment_takes_its_new_time(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await say(life, "I have an appointment with Dr Shah on Tuesday at 3.")
        answer = await say(life, "My appointment with Dr Shah was moved to Thursday.")

        assert answer == (
            "Got it! I'll remember that you have an appointment with Dr Shah on Thursday."
        )
        assert await held(life, "appointment") == ["an appointment with Dr Shah on Thursday"]


async def test_she_is_who_the_turn_before_told_of(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        answer = await say(life, "My sister is called Georgia.", "She's 38.")

        assert answer == "Got it! I'll remember that Georgia is 38 years old."


async def test_what_was_wrong_is_put_right_with_an_apology_too(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await say(
            life,
            "My wife's name is Agnieszka.",
            "My wife's name is Agata, not Agnieszka, sorry.",
        )

        assert [one.value for one in await life.store.facts.history("wife")] == ["Agata"]
