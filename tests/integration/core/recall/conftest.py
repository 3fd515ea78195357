"""The real model of meaning, for the tests that ask what is alike."""

from pathlib import Path

import pytest

from tests.models_folder import models_folder


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder that holds the models that come in wheels."""
    return models_folder()
