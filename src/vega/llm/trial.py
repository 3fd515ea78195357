"""A few questions that show how quick and how able a model is. Nothing of it is stored."""

import asyncio
import re
from contextlib import aclosing
from dataclasses import dataclass

from vega.llm.base import Connector, Ending, Message

INSTRUCTIONS = "You are a careful assistant. Answer in one short sentence."
ANSWER_TOKENS = 48
#: Each with the word that a right answer holds.
QUESTIONS = (
    ("What is the capital of France?", "paris"),
    ("How much is 12 plus 30? Answer with the number.", "42"),
    ("My dentist is Dr. Moreau and my doctor is Dr. Lind. Who is my dentist?", "moreau"),
    (
        "On Monday I said that I like green best. Today I say that blue is my favorite color. "
        "What is my favorite color now?",
        "blue",
    ),
    ("Say the word 'ready' and nothing else.", "ready"),
)


@dataclass(frozen=True, slots=True)
class Check:
    """One question, what was answered, and whether that is right."""

    question: str
    answer: str
    is_right: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """How a model did."""

    id: str
    #: Until the first word of the first answer, which had its whole prompt to read.
    first_token_seconds: float
    tokens_per_second: float
    checks: tuple[Check, ...]


async def try_model(model_id: str, connector: Connector) -> Trial:
    """Asks the questions, one after the other. Raises ModelError when it does not answer."""
    loop = asyncio.get_running_loop()
    firsts, tokens, writing = [], 0, 0.0
    checks = []
    for question, word in QUESTIONS:
        messages = [Message("system", INSTRUCTIONS), Message("user", question)]
        begun_at, first_at, answer, pieces = loop.time(), 0.0, "", 0
        async with aclosing(connector.stream(messages, ANSWER_TOKENS)) as items:
            async for item in items:
                if isinstance(item, Ending):
                    pieces = item.completion_tokens or pieces
                    continue
                first_at = first_at or loop.time()
                answer += item
                pieces += 1
        firsts.append((first_at or loop.time()) - begun_at)
        tokens += pieces
        writing += loop.time() - (first_at or begun_at)
        is_right = re.search(rf"\b{word}\b", answer.lower()) is not None
        checks.append(Check(question, answer.strip(), is_right))
    pace = tokens / writing if writing else 0.0
    return Trial(model_id, round(firsts[0], 3), round(pace, 1), tuple(checks))
