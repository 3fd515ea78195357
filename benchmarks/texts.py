"""Text as people and assistants write it, without end and always the same for the same seed.

Word salad compresses and indexes as no prose does, so sizes are measured on real text. By default
on the language reference that comes with Python: a topic asked for, some of its paragraphs as the
answer. VEGA_TEST_TEXTS names other text: a file of JSON lines with "role" and "text", plain or
gzipped, in which what a "user" says and an "assistant" answers follow each other.
"""

import gzip
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

VARIABLE = "VEGA_TEST_TEXTS"
#: An answer of the default text ends with the paragraph that passes this.
ANSWER_CHARACTERS = 2_000
#: What is longer is no answer but a document.
MOST_CHARACTERS = 20_000

Exchange = tuple[str, str]


def exchanges(seed: int = 1) -> Iterator[Exchange]:
    """Prompts with their answers. All there are in random order, then all in another order, and so
    on: within a block of the archive none comes twice."""
    known = list(_from_file(Path(path))) if (path := os.environ.get(VARIABLE)) else _from_python()
    chance = random.Random(seed)
    while True:
        yield from chance.sample(known, len(known))


def source() -> str:
    """Which text it is, for a report."""
    path = os.environ.get(VARIABLE)
    return Path(path).name if path else "Python's language reference"


def _from_file(path: Path) -> Iterator[Exchange]:
    open_text = gzip.open if path.suffix == ".gz" else open
    prompt = None
    with open_text(path, "rt", encoding="utf-8") as file:
        for line in file:
            message = json.loads(line)
            if message["role"] == "user":
                prompt = message["text"]
            elif prompt is not None:
                if len(message["text"]) <= MOST_CHARACTERS:
                    yield prompt, message["text"]
                prompt = None


def _from_python() -> list[Exchange]:
    from pydoc_data.topics import topics

    found = []
    for name, text in topics.items():
        answer = ""
        for paragraph in text.split("\n\n"):
            answer += f"{paragraph}\n\n"
            if len(answer) >= ANSWER_CHARACTERS:
                heading = answer.strip().splitlines()[0]
                found.append((f"Tell me about {name} in Python: {heading}", answer.strip()))
                answer = ""
    return found
