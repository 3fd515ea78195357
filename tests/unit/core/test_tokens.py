"""How many tokens a text is."""

from hypothesis import given
from hypothesis import strategies as st

from tests.models import CountingModel
from vega.core.tokens import REMEMBERED_TEXTS, TokenCounter
from vega.llm.scripted import ScriptedModel


async def test_a_model_without_a_tokenizer_is_estimated_by_bytes() -> None:
    counter = TokenCounter(ScriptedModel())

    assert await counter.count("") == 1
    assert await counter.count("x" * 3_500) == 1_001
    assert await counter.count("ж" * 1_750) == 1_001


async def test_the_models_own_tokenizer_is_asked_once_for_a_text() -> None:
    model = CountingModel()
    counter = TokenCounter(model)

    counts = [await counter.count("hello"), await counter.count("hello")]

    assert counts == [5, 5]
    assert model.counted == ["hello"]


async def test_only_so_many_texts_are_remembered_and_the_newest_used_stay() -> None:
    model = CountingModel()
    counter = TokenCounter(model)
    await counter.count("kept")

    for number in range(REMEMBERED_TEXTS):
        await counter.count(f"text {number}")
        await counter.count("kept")
    await counter.count("text 0")

    assert model.counted.count("kept") == 1
    assert model.counted.count("text 0") == 2


async def test_what_is_forgotten_is_counted_anew_and_what_was_learnt_stays() -> None:
    model = CountingModel()
    tokens = TokenCounter(model)
    await tokens.count("Hello there")
    tokens.forget()

    assert await tokens.count("Hello there") == 11
    assert model.counted == ["Hello there", "Hello there"]
    guessing = TokenCounter(ScriptedModel())
    guessing.learn(sent_bytes=8000, reported_tokens=1000)
    learnt = await guessing.count("x" * 700)
    guessing.forget()
    assert await guessing.count("x" * 700) == learnt


async def test_the_estimate_learns_from_reported_usage() -> None:
    counter = TokenCounter(ScriptedModel())

    for _ in range(50):
        counter.learn(sent_bytes=2_000, reported_tokens=1_000)

    assert 999 <= await counter.count("x" * 2_000) <= 1_010


async def test_no_report_teaches_nothing() -> None:
    counter = TokenCounter(ScriptedModel())

    counter.learn(sent_bytes=2_000, reported_tokens=0)

    assert await counter.count("x" * 3_500) == 1_001


async def test_a_server_that_counts_only_what_was_not_cached_does_not_spoil_the_estimate() -> None:
    counter = TokenCounter(ScriptedModel())

    for _ in range(20):
        counter.learn(sent_bytes=30_000, reported_tokens=12)

    assert await counter.count("x" * 30_000) >= 3_000


@given(st.lists(st.tuples(st.integers(1, 10**7), st.integers(1, 10**7)), max_size=30))
async def test_whatever_is_reported_a_long_text_is_never_taken_for_a_few_tokens(
    reports: list[tuple[int, int]],
) -> None:
    counter = TokenCounter(ScriptedModel())
    for sent, reported in reports:
        counter.learn(sent, reported)

    assert 1_000 <= await counter.count("x" * 30_000) <= 60_000
