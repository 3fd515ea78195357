"""The real models, for the tests that run them."""

from pathlib import Path

import pytest

from tests.models_folder import models_folder


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder that holds every model of the catalogue."""
    return models_folder()
