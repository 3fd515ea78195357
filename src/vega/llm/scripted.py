"""A model that says what its script says: for tests, demonstrations and benchmarks.

It is part of the product (`VEGA_MODEL_URL=scripted:`), so that a real server process can be
started, killed and asked without a model's chance and a model's time. Its answer to a prompt is a
function of the prompt alone, which is how a test knows whether an answer is whole.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from urllib.parse import parse_qs, urlsplit

from vega.errors import ConfigError, ModelUnavailable
from vega.llm.base import HERE, Ending, Message, ModelProfile

SCHEME = "scripted:"
#: More prompts than any test looks back at; a process that runs for long must not grow by them.
KEPT_CALLS = 200
_STAMP = re.compile(r"(?:^|(?<=\n))\[\w{3} \d\d \w{3} \d{4}, \d\d:\d\d\] ")
OPTIONS = ("words", "delay_ms", "context_tokens", "able", "continues", "away")


def scripted_answer(prompt: str, words: int) -> str:
    """The whole answer to a prompt: an echo of its end, then so many numbered words."""
    echo = " ".join(prompt.split())[-80:]
    return " ".join([f"You said: {echo}."] + [f"word{number}" for number in range(1, words + 1)])


class ScriptedModel:
    """Answers with `scripted_answer`, a word at a time, and continues a text that it has begun."""

    def __init__(
        self,
        *,
        words: int = 12,
        delay_seconds: float = 0.0,
        context_tokens: int = 8192,
        is_able: bool = False,
        can_continue: bool = True,
        is_away: bool = False,
    ) -> None:
        self.is_away = is_away
        #: The prompts that it was sent last.
        self.calls: list[tuple[Message, ...]] = []
        self._words = words
        self._delay_seconds = delay_seconds
        self._profile = ModelProfile(
            name="scripted",
            context_tokens=context_tokens,
            answer_tokens=min(1024, context_tokens // 4),
            is_able=is_able,
            can_continue=can_continue,
            recent_turns=None,
            place=HERE,
        )

    @classmethod
    def from_url(cls, url: str) -> "ScriptedModel":
        """As `scripted:?words=20&delay_ms=5`. Raises ConfigError for an option it does not know."""
        options = {key: values[-1] for key, values in parse_qs(urlsplit(url).query).items()}
        unknown = sorted(set(options) - set(OPTIONS))
        if unknown:
            raise ConfigError(f"{url}: {unknown[0]} is no option; they are {', '.join(OPTIONS)}.")
        try:
            return cls(
                words=int(options.get("words", 12)),
                delay_seconds=float(options.get("delay_ms", 0)) / 1000,
                context_tokens=int(options.get("context_tokens", 8192)),
                is_able=options.get("able", "no") == "yes",
                can_continue=options.get("continues", "yes") == "yes",
                is_away=options.get("away", "no") == "yes",
            )
        except ValueError as exc:
            raise ConfigError(f"{url}: {exc}.") from exc

    async def profile(self) -> ModelProfile:
        self._be_there()
        return self._profile

    async def stream(
        self, messages: Sequence[Message], max_tokens: int
    ) -> AsyncGenerator[str | Ending, None]:
        self._be_there()
        self.calls.append(tuple(messages))
        del self.calls[:-KEPT_CALLS]
        begun = messages[-1].content if messages[-1].role == "assistant" else ""
        prompt = next(m.content for m in reversed(messages) if m.role == "user")
        # Vega puts the time in brackets before each prompt, and before that what it has found.
        _, *_, said = _STAMP.split(prompt) if _STAMP.search(prompt) else prompt.partition("] ")
        answer = scripted_answer(said, self._words)
        # Of a long text that was begun only the end is shown to a model.
        _, is_begun, rest = answer.rpartition(begun) if begun else ("", "yes", answer)
        if not is_begun:
            rest = f" {answer}"
        pieces = rest.replace(" ", "\x00 ").split("\x00")
        for piece in filter(None, pieces):
            await asyncio.sleep(self._delay_seconds)
            yield piece
        yield Ending("stop", None, len(pieces))

    async def count_tokens(self, text: str) -> int | None:
        return None

    async def wait_until_available(self, timeout_seconds: float) -> bool:
        await asyncio.sleep(timeout_seconds if self.is_away else 0)
        return not self.is_away

    async def close(self) -> None:
        """There is nothing to let go of."""

    def _be_there(self) -> None:
        if self.is_away:
            raise ModelUnavailable("The scripted model is away.")
