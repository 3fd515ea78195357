"""The catalogue is complete and consistent, and offers what the machine can truly run."""

import re

import pytest

from vega.llm.catalogue import (
    BUILT_IN,
    CATALOGUE,
    MINILM_L6,
    SMOLLM2_135M,
    CatalogueModel,
    HubFile,
    Wheel,
    best_for,
    find,
    fits,
    is_fast,
    seconds_to_fetch,
)
from vega.llm.gguf_file import ABLE_PARAMETERS
from vega.llm.hardware import Gpu, Machine

SHA256 = re.compile(r"[0-9a-f]{64}")
COMMIT = re.compile(r"[0-9a-f]{40}")
PERMISSIVE = {"Apache-2.0", "MIT"}


@pytest.mark.parametrize("model", CATALOGUE, ids=lambda model: model.id)
def test_a_model_says_all_that_fetching_and_running_it_needs(model: CatalogueModel) -> None:
    assert SHA256.fullmatch(model.sha256)
    assert model.sources
    assert "/" not in model.file_name
    assert model.size_bytes > 0
    assert model.ram_mb * 1_000_000 > model.size_bytes
    assert 0 <= model.answer_tokens < model.context_tokens
    assert model.licence in PERMISSIVE
    assert model.description.endswith(".")
    assert 0 <= model.active_parameters <= model.parameters
    # Four to nine bits a weight: figures of one model, not of two.
    assert 4 < 8 * model.size_bytes / model.parameters < 9


@pytest.mark.parametrize("model", CATALOGUE, ids=lambda model: model.id)
def test_a_source_names_exactly_one_file_for_ever(model: CatalogueModel) -> None:
    for source in model.sources:
        if isinstance(source, Wheel):
            assert "==" in source.requirement
            assert all(SHA256.fullmatch(file.sha256) for file in source.files)
            # A file that is taken as it is has the checksum of its source.
            assert model.converter or {file.sha256 for file in source.files} == {model.sha256}
        else:
            assert COMMIT.fullmatch(source.revision)
            assert source.path == model.file_name


def test_no_two_models_share_an_id_or_a_file() -> None:
    assert len({model.id for model in CATALOGUE}) == len(CATALOGUE)
    assert len({model.file_name for model in CATALOGUE}) == len(CATALOGUE)


def test_a_model_is_found_by_its_id() -> None:
    assert all(find(model.id) is model for model in CATALOGUE)
    assert find("gpt-5") is None


def test_a_hub_file_is_where_hugging_face_would_have_it() -> None:
    file = HubFile("owner/name", "main", "some.gguf")

    assert file.url("https://hub.example/") == (
        "https://hub.example/owner/name/resolve/main/some.gguf"
    )


def test_what_every_vega_has_needs_no_hub() -> None:
    assert all(isinstance(source, Wheel) for model in BUILT_IN for source in model.sources)


def test_the_starter_model_answers_briefly_and_is_not_trusted_with_memory() -> None:
    assert SMOLLM2_135M.kind == "chat"
    assert SMOLLM2_135M.answer_tokens == 96
    assert not SMOLLM2_135M.is_able
    assert MINILM_L6.kind == "embedding"


@pytest.mark.parametrize("model", CATALOGUE, ids=lambda model: model.id)
def test_only_models_of_some_size_are_trusted_with_memory(model: CatalogueModel) -> None:
    assert model.is_able == (model.parameters >= ABLE_PARAMETERS)


@pytest.mark.parametrize(
    ("gib", "cores", "expected"),
    [
        (2, 4, "smollm2-135m-instruct"),
        (4, 2, "qwen2.5-1.5b-instruct"),
        (4, 8, "qwen2.5-1.5b-instruct"),
        # It would fit, and take a minute for each answer.
        (8, 2, "qwen2.5-1.5b-instruct"),
        (8, 4, "qwen3-4b-instruct"),
        (16, 4, "qwen3-4b-instruct"),
        (16, 8, "qwen3-vl-8b-instruct"),
        (24, 8, "qwen3-vl-8b-instruct"),
        # Many weights, of which few work at a time: memory counts, not cores.
        (32, 4, "qwen3-30b-a3b-instruct"),
        (128, 32, "qwen3-30b-a3b-instruct"),
    ],
)
def test_the_best_model_for_a_machine(gib: int, cores: int, expected: str) -> None:
    best = best_for(_machine(gib, cores))

    assert best is not None
    assert best.id == expected


def test_memory_that_others_use_is_not_counted_on() -> None:
    busy = Machine(ram_mb=16_500, available_mb=3_000, cores=8)
    best = best_for(busy)

    assert best is not None
    assert best.id == "qwen2.5-1.5b-instruct"


def test_a_graphics_card_does_not_make_the_processor_faster() -> None:
    with_card = Machine(ram_mb=8_300, available_mb=7_500, cores=2, gpus=(Gpu("RTX", 24_000),))

    assert best_for(with_card) == best_for(_machine(8, 2))


def test_no_machine_is_offered_what_it_cannot_hold_or_is_slow_with() -> None:
    for gib in (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64):
        for cores in (1, 2, 3, 4, 6, 8, 16):
            machine = _machine(gib, cores)
            best = best_for(machine)
            if best is not None:
                assert fits(best, machine)
                assert is_fast(best, machine)
                assert best.kind == "chat"


def test_of_no_models_none_is_the_best() -> None:
    assert best_for(_machine(64, 16), []) is None
    assert best_for(_machine(1, 1)) is None


def test_the_time_of_a_download_is_reckoned_from_the_measured_pace_or_a_common_one() -> None:
    assert seconds_to_fetch(2_500_000_000) == 250
    assert seconds_to_fetch(2_500_000_000, 1_000_000) == 2500
    assert seconds_to_fetch(1) == 1
    assert seconds_to_fetch(100, 0.0) == seconds_to_fetch(100)


def _machine(gib: int, cores: int) -> Machine:
    # What is left of so much memory when the firmware and the system have taken theirs.
    ram_mb = int(gib * 1073 * 0.97)
    return Machine(ram_mb=ram_mb, available_mb=max(0, ram_mb - 600), cores=cores)
