"""Vega with one thing altered that is no feature of it: what a drill runs in place of `vega`.

    python -m torture.altered_vega normal
        serves with synchronous=NORMAL: the canary
    python -m torture.altered_vega words
        serves with an embedding model of mere words, so that vectors come without a download
    python -m torture.altered_vega settings HOME VALUE …
        writes a setting again and again, as choosing a model does, and says so each time

The settings are those of the environment, as for `vega serve`.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from tests.embedders import WordEmbedder
from vega import indexes, server
from vega.config import load_settings
from vega.core.life import sqlite
from vega.llm.download import tell_nobody
from vega.settings_file import write_setting

SETTING = "model"
#: What is said on the standard output once it is written.
WRITTEN = "written: "


class Words(WordEmbedder):
    """The embedder of words in place of the one that is a process."""

    def __init__(self, *_: object, **__: object) -> None:
        super().__init__()

    async def start(self, *_: object) -> None:
        """It is there at once."""

    async def close(self) -> None:
        """There is nothing to end."""

    async def release_memory(self, *, unload: bool) -> int:
        """It has none."""
        return 0


def be_less_careful() -> None:
    """Every connection gets synchronous=NORMAL behind the check that it has FULL."""
    prepare = sqlite._prepare

    def carelessly(connection: sqlite.Connection, path: Path) -> None:
        prepare(connection, path)
        connection.pragma("synchronous", "normal")

    sqlite._prepare = carelessly


def main(kind: str, *words: str) -> None:
    if kind == "settings":
        home, *values = words
        for value in values:
            write_setting(Path(home) / "vega.toml", SETTING, value)
            print(f"{WRITTEN}{value}", flush=True)
        return
    if kind == "normal":
        be_less_careful()
    elif kind == "words":
        altered: Any = indexes
        altered.EmbeddingModel = Words
    asyncio.run(server.serve(load_settings(), lambda *_: None, tell_nobody))


if __name__ == "__main__":
    main(*sys.argv[1:])
