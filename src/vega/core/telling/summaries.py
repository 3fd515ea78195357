"""Summaries of answers: by the model where it is able, else of the answer's own sentences.

Whether and when an answer is summarised, and where its text then lives, is not decided here.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

from vega.core.memory import Summary
from vega.core.privacy import Privacy
from vega.core.telling.extract import clip, extract, summary_budget
from vega.core.telling.scribe import (
    INSTRUCTIONS,
    TIMEOUT_SECONDS,
    Activity,
    Request,
    Scribe,
    fence,
    readable_chars,
)
from vega.llm.base import Message, ModelProfile, Models

#: Of an answer and its prompt the model reads at most so much, the sentences that say most of it.
MOST_READ_CHARS = 16_000
#: Of that, the prompt.
PROMPT_SHARE = 0.25

REQUEST = (
    "The owner asked:\n{fence}\n{prompt}\n{fence}\n\nThe assistant answered:\n{fence}\n{answer}\n"
    "{fence}\n\nSummarize the answer, in its own language, in plain sentences of at most {words} "
    "words ({chars} characters) together. Keep the names and numbers that matter exactly as they "
    "are written, and add none. Write the summary and nothing else."
)


class Summarizer:
    """Makes the summary of one answer after another."""

    def __init__(
        self,
        models: Models,
        activity: Activity,
        timeout_seconds: float = TIMEOUT_SECONDS,
        privacy: Callable[[], Awaitable[Privacy]] | None = None,
    ) -> None:
        """`privacy` says what may not be sent to a model outside this machine."""
        self._scribe = Scribe(models, activity, timeout_seconds, privacy)

    @property
    def failures(self) -> Counter[str]:
        """How many summaries of a model were not taken, by the reason."""
        return self._scribe.failures

    async def summarize(
        self,
        prompt: str,
        answer: str,
        turn_id: int | None = None,
        *,
        without_model: bool = False,
        at_leisure: bool = True,
    ) -> Summary:
        """The answer in short, without a model also where none is able or a live turn comes, or
        where that turn is private and the model elsewhere.

        Where it is not at leisure, a model that keeps what it has read of the conversation is not
        asked either (see `Scribe.is_able`).

        Raises SummaryFailed, with the reason, where the model was asked in vain.
        """
        answer = answer.strip()
        budget = summary_budget(answer)
        is_short = len(answer) <= budget
        summary = None
        if not (without_model or is_short) and self._scribe.is_idle:

            def request(profile: ModelProfile) -> Request:
                asked = _request(prompt, answer, budget, profile)
                return asked if turn_id is None else replace(asked, turn_ids=frozenset({turn_id}))

            summary = await self._scribe.write(budget, request, at_leisure=at_leisure)
        if summary is not None:
            return summary
        # Of a long answer it takes tens of milliseconds.
        return Summary(await asyncio.to_thread(extract, answer, budget), None)


def _request(prompt: str, answer: str, budget: int, profile: ModelProfile) -> Request:
    room = min(MOST_READ_CHARS, max(budget, readable_chars(profile, budget, answer)))
    quoted_prompt = clip(prompt.strip(), int(room * PROMPT_SHARE))
    quoted = extract(answer, max(budget, room - len(quoted_prompt)))
    content = REQUEST.format(
        fence=fence(quoted_prompt, quoted),
        prompt=quoted_prompt,
        answer=quoted,
        words=max(budget // 6, 5),
        chars=budget,
    )
    messages = (Message("system", INSTRUCTIONS), Message("user", content))
    return Request(messages, material=answer, question=prompt)
