"""The better model that Vega offers, and its words."""

import pytest

from vega.llm import offer
from vega.llm.candidates import Candidate
from vega.llm.catalogue import QWEN3_4B, QWEN25_1_5B, SMOLLM2_135M, CatalogueModel
from vega.llm.hardware import Gpu, Machine

FOUR_CORES = Machine(ram_mb=16_000, available_mb=12_000, cores=4)


def local(model: CatalogueModel) -> Candidate:
    return Candidate(model.id, "on this machine", None, model=model)


@pytest.mark.parametrize(
    ("current", "is_able", "is_automatic", "offered"),
    [
        (None, False, True, QWEN3_4B),
        (local(SMOLLM2_135M), False, True, QWEN3_4B),
        (local(QWEN25_1_5B), False, True, QWEN3_4B),
        (local(QWEN3_4B), True, True, None),
        # A server's able model, and one that the owner chose and that is able.
        (Candidate("ollama:x", "", None), True, True, None),
        (local(QWEN25_1_5B), True, False, None),
        # A server with the starter model is no better than ours.
        (Candidate("llamacpp:smollm2-135m-instruct", "", None), False, True, QWEN3_4B),
    ],
)
def test_what_is_better_than_what_answers_is_offered(
    current: Candidate | None, is_able: bool, is_automatic: bool, offered: CatalogueModel | None
) -> None:
    found = offer.offer_for(FOUR_CORES, current, is_able=is_able, is_automatic=is_automatic)

    assert found == offered


def test_a_machine_for_nothing_better_is_offered_nothing() -> None:
    small = Machine(ram_mb=1_000, available_mb=500, cores=1)

    assert offer.offer_for(small, None, is_able=False, is_automatic=True) is None


def test_the_offer_says_size_and_time_and_what_the_starter_is() -> None:
    said = offer.describe(QWEN3_4B, FOUR_CORES, "smollm2-135m-instruct")

    assert said.text == (
        "Vega remembers what you tell it and finds it again; "
        "smollm2-135m-instruct is no conversation partner. "
        "For real conversation get qwen3-4b-instruct: 2.5 GB, about 4 minutes."
    )


def test_a_model_that_is_not_able_is_not_praised() -> None:
    with_gpu = Machine(8_000, 6_000, 2, (Gpu("RTX 4070", 12_000),))
    said = offer.describe(QWEN25_1_5B, with_gpu, None)

    assert said.text.startswith("For short conversation get qwen2.5-1.5b-instruct: 1.1 GB, ")
    assert "RTX 4070" in said.text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "about a minute"), (240, "about 4 minutes"), (7_300, "about 2 hours")],
)
def test_time_in_words(seconds: int, words: str) -> None:
    assert offer.time_in_words(seconds) == words
