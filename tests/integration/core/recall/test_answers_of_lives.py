"""Answers about the past over whole lives, with the real model of meaning: what was told is found
again however it is asked for, and what was never said is never made up.

`told_lives.jsonl` is what three invented people said; `asked_of_lives.jsonl` what they ask later,
each with a word that a right answer holds, or null where nothing was ever said of it.
"""

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tests.clocks import FakeClock
from tests.embedded_lives import until_embedded
from tests.lives import tell
from vega.core.facts import read_statements
from vega.core.importing import Line
from vega.core.indexing import Indexer
from vega.core.life.vectors import Vectors
from vega.core.live_turns import LiveTurns
from vega.core.lookup import Lookup
from vega.core.recall.recall import Recall
from vega.core.replies.answering import Replies
from vega.core.store import Store
from vega.llm.embedding import EmbeddingModel

HERE = Path(__file__).parent
LIVES = ("ines", "rob", "mika")
NOW = datetime(2025, 11, 25, 11, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Asked:
    question: str
    wants: str | None
    #: None where the model is to answer.
    response: str | None

    @property
    def is_right(self) -> bool:
        return self.wants is not None and self.wants.lower() in (self.response or "").lower()

    @property
    def says_no(self) -> bool:
        return (self.response or "").startswith("I have no record")

    @property
    def is_hedged(self) -> bool:
        return (self.response or "").startswith("The nearest that I find is: ")


async def test_what_was_told_is_found_again_and_what_was_not_is_not_made_up(
    tmp_path: Path, models: Path
) -> None:
    embedder = EmbeddingModel(models, threads=1)
    await embedder.start()
    try:
        async with asyncio.timeout(60):
            while not embedder.is_available:
                await asyncio.sleep(0.01)
        asked = [each for life in LIVES for each in await _asked(tmp_path / life, life, embedder)]
    finally:
        await embedder.close()

    told = [each for each in asked if each.wants is not None]
    untold = [each for each in asked if each.wants is None]
    assert len(told) >= 40
    assert len(untold) >= 40
    # Nothing is quoted as an answer that is none.
    assert [each for each in untold if "you said" in (each.response or "")] == []
    assert [each for each in told if each.response and not (each.is_right or each.says_no)] == []
    # "I have no record of that" where there is one: the worst, and rare.
    assert sum(each.says_no for each in told) <= 1
    assert sum(each.is_right for each in told) >= 0.85 * len(told)
    assert sum(each.is_right and not each.is_hedged for each in told) >= 0.75 * len(told)


async def _asked(home: Path, life: str, embedder: EmbeddingModel) -> list[Asked]:
    home.mkdir()
    store = await Store.open(home)
    vectors = Vectors.open(home, embedder.name, embedder.dimension, store.session_id)
    indexer = Indexer(store, embedder, vectors, LiveTurns(store))
    recall = Recall(store, embedder, vectors, day_first=True)
    try:
        await store.imports.take(_lines(life), FakeClock(NOW))
        await indexer.start()
        await until_embedded(store)
        replies = Replies(store, Lookup(recall))
        now = await tell(store, "Hello", at=NOW)
        found = []
        for row in _rows("asked_of_lives.jsonl", life):
            turn = replace(now, prompt=row["asked"], answer=None)
            reply = await replies.reply(turn, read_statements(turn.prompt), NOW)
            found.append(Asked(row["asked"], row["wants"], reply.text if reply else None))
        return found
    finally:
        await indexer.close()
        recall.close()
        vectors.close()
        await store.close()


def _rows(name: str, life: str) -> list[dict[str, str]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["life"] == life]


def _lines(life: str) -> list[Line]:
    messages = []
    for number, row in enumerate(_rows("told_lives.jsonl", life)):
        for role, text, second in (("user", "said", 0), ("assistant", "answer", 30)):
            message = {
                "external_id": f"{role} {number}",
                "role": role,
                "text": row[text],
                "at": f"{row['at']}:{second:02}",
            }
            messages.append(json.dumps(message).encode())
    return [Line(number, content) for number, content in enumerate(messages, 1)]
