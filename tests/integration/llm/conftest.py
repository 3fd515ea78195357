"""The real models, for the tests that run them; a hub with a small one, for those that fetch."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gguf_files import write_gguf
from tests.model_hub import ModelHub, hub_model
from tests.models_folder import models_folder
from vega.llm.catalogue import CatalogueModel


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder that holds the models that come in wheels."""
    return models_folder()


@pytest.fixture
def original(tmp_path: Path) -> Path:
    """The file that the hub serves."""
    return write_gguf(tmp_path / "original.gguf", rows=2000)


@pytest.fixture
def content(original: Path) -> bytes:
    return original.read_bytes()


@pytest.fixture
def model(content: bytes) -> CatalogueModel:
    return hub_model(content)


@pytest.fixture
async def hub(content: bytes, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModelHub]:
    # A proxy that the machine may have does not lead to loopback.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    async with ModelHub(content) as running:
        yield running
