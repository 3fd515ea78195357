"""The folder of real models for tests: fetched once, by Vega's own code, and kept between runs."""

import asyncio
import os
from functools import cache
from pathlib import Path

from vega.llm.catalogue import BUILT_IN
from vega.llm.download import ModelFiles

VARIABLE = "VEGA_TEST_MODELS"


@cache
def models_folder() -> Path:
    """A folder that holds the models that come in wheels; runs at the same time may share it."""
    given = os.environ.get(VARIABLE)
    folder = Path(given) if given else _own_folder()
    asyncio.run(_fill(folder))
    return folder


def _own_folder() -> Path:
    folder = Path(__file__).parents[1] / ".cache"
    folder.mkdir(exist_ok=True)
    # Whatever lies here is none of git's business.
    (folder / ".gitignore").write_text("*\n")
    return folder / "models"


async def _fill(folder: Path) -> None:
    files = ModelFiles(folder)
    for model in BUILT_IN:
        await files.ensure(model)
