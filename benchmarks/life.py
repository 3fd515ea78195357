"""Lives to measure in: filled through Vega's own store, quickly, with text like real answers."""

import random
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vega.core.conversation import NewTurn, Outcome, TurnStatus
from vega.core.store import Store

ANSWER_CHARACTERS = 1_000
PROMPT_CHARACTERS = 120
BETWEEN_TURNS = timedelta(minutes=40)

_WORDS = """
the of and to in that it is was for on with as at by this from they we said about time
river garden letter morning kitchen bicycle mountain library weather harvest violin
remember because although perhaps between another through without against quietly early
paper window station market winter apples bread coffee brother neighbour doctor ticket
"""


def text(seed: int, characters: int) -> str:
    """Prose-like text of about that length, always the same for the same seed."""
    chance = random.Random(seed)
    sentences: list[str] = []
    while sum(map(len, sentences)) + len(sentences) < characters:
        words = chance.choices(_WORDS.split(), k=chance.randint(6, 16))
        sentences.append(f"{' '.join(words).capitalize()}.")
    return " ".join(sentences)[:characters].rstrip()


async def grow(
    home: Path,
    first: int,
    end: int,
    prompt_characters: int = PROMPT_CHARACTERS,
    answer_characters: int = ANSWER_CHARACTERS,
) -> None:
    """Adds the turns with these numbers, each answered, the newest one a while ago."""
    store = await Store.open(home)
    try:
        for number in range(first, end):
            at = datetime.now(UTC) - (200_000 - number) * BETWEEN_TURNS
            prompt = text(2 * number, prompt_characters)
            turn, _ = await store.accept_turn(NewTurn(prompt, at, "Europe/Vienna"))
            answer = text(2 * number + 1, answer_characters)
            outcome = Outcome(TurnStatus.COMPLETED, answer, model="stub", place="this machine")
            await store.end_turn(turn.id, outcome, (), at + timedelta(seconds=9))
    finally:
        await store.close()


async def lives(folder: Path, lengths: Sequence[int]) -> dict[int, Path]:
    """A home folder for each length."""
    growing = folder / "growing"
    reached, homes = 0, {}
    for length in sorted(lengths):
        await grow(growing, reached, length)
        reached = length
        homes[length] = folder / f"life-{length}"
        shutil.copytree(growing, homes[length])
    return homes
