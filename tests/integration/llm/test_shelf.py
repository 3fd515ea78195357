"""What lies in the folder of models is known as it is now."""

from pathlib import Path

import pytest

from tests.model_hub import hub_model
from vega.llm import catalogue
from vega.llm.catalogue import BUILT_IN, CatalogueModel
from vega.llm.download import tell_nobody
from vega.llm.shelf import Shelf


async def test_a_known_file_that_is_seen_while_it_is_copied_is_known_once_it_is_whole(
    tmp_path: Path, content: bytes, model: CatalogueModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "CATALOGUE", (*BUILT_IN, hub_model(content)))
    shelf = Shelf(tmp_path, tmp_path / "cache", "http://127.0.0.1:9", tell_nobody)
    path = shelf.files.path(model)

    path.write_bytes(content[: len(content) // 2])
    await shelf.look()
    assert not shelf.files.is_here(model)

    path.write_bytes(content)
    await shelf.look()
    assert shelf.files.is_here(model)
