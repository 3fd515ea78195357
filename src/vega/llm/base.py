"""What every connector to a language model must do, and the values that pass through it.

A connector speaks to one kind of model server. It has one method that matters, `stream`; the
vendor's format and the vendor's errors stay in the connector's file and come out of it as the
values below and the `ModelError` classes of `vega.errors`. Which of several models answers is for
`Models` to say.
"""

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

from vega.errors import ModelError

Role = Literal["system", "user", "assistant"]
#: The place of a model that runs where Vega does.
HERE = "this machine"
#: User name and password in an address.
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")


def without_credentials(address: str) -> str:
    """A server's address as it may be shown and logged."""
    return _CREDENTIALS.sub("…@", address)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt. A last message of the assistant is a text to be continued."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """What is known of the model that answers now."""

    name: str
    #: The model's real window, prompt and answer together, in tokens.
    context_tokens: int
    #: The longest answer that is asked for, in tokens.
    answer_tokens: int
    #: Whether it may be trusted with memory: questions about the past, facts and time.
    is_able: bool
    #: Whether a last message of the assistant is continued instead of answered.
    can_continue: bool
    #: How many recent turns it can follow; more of them confuse it. None: as many as fit.
    recent_turns: int | None
    #: Where prompts are sent, as a person would say it: "this machine", or the server's address.
    place: str
    #: Whether it was ended to give its RAM back, and is loaded again at the next turn.
    is_asleep: bool = False

    @property
    def is_here(self) -> bool:
        """Whether what it is sent stays on this machine."""
        return self.place == HERE


@dataclass(frozen=True, slots=True)
class Ending:
    """The end mark of an answer. A stream that stops without one is a failure, not an answer."""

    reason: Literal["stop", "length"]
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Connector(Protocol):
    """Speaks to one model server. Safe to use after any error: each call stands alone."""

    async def profile(self) -> ModelProfile:
        """What the model is and can do.

        Raises ModelUnavailable when nobody answers; then the next call asks again.
        """
        ...

    def stream(
        self, messages: Sequence[Message], max_tokens: int
    ) -> AsyncGenerator[str | Ending, None]:
        """The answer's pieces (never empty), as they come, then exactly one Ending.

        With a last message of the assistant only what follows it is yielded.

        Raises ModelUnavailable when nobody took the request (it does not count as an attempt),
        AnswerBroken when the connection ended or stood still without an end mark, ModelRefused
        when the server said no, ContextOverflow when the prompt was too long. Closing the
        iterator (aclose) ends the request at the server.
        """
        ...

    async def count_tokens(self, text: str) -> int | None:
        """How many tokens the model's own tokenizer makes of the text; None if it has none to ask.

        Raises ModelUnavailable when nobody answers.
        """
        ...

    async def wait_until_available(self, timeout_seconds: float) -> bool:
        """Wait until it is worth asking again after ModelUnavailable; False when time is up."""
        ...

    async def close(self) -> None:
        """Let go of connections and processes."""
        ...


@runtime_checkable
class FormConnector(Connector, Protocol):
    """One to a server that can be held to a form."""

    def stream_in_form(
        self, messages: Sequence[Message], max_tokens: int, form: Mapping[str, object]
    ) -> AsyncGenerator[str | Ending, None]:
        """As `stream`; the answer is JSON of that JSON schema, as far as the server can be held to
        it: what it says is checked all the same."""
        ...


@dataclass(frozen=True, slots=True)
class Chosen:
    """The model of one attempt, which stays with it whatever becomes the better one meanwhile."""

    connector: Connector
    profile: ModelProfile
    #: Why it is not the usual one, in a sentence for the owner; None where it is.
    note: str | None = None


class Embedder(Protocol):
    """Makes vectors of texts, such that texts which mean the same lie close together."""

    #: Of the model and its weights: vectors of another one cannot be compared with its own.
    name: str
    dimension: int

    async def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """One row for each text, of length 1: (texts, dimension).

        What is longer than the model's window is cut off. Raises ModelUnavailable.
        """
        ...

    @property
    def is_available(self) -> bool:
        """Whether it can be asked now."""
        ...


class HoldsMemory(Protocol):
    """What runs in processes of Vega's own, and can do without."""

    async def release_memory(self, *, unload: bool) -> int:
        """Give back RAM that nobody uses, with `unload` also what is loaded again when it is next
        needed: how many bytes."""
        ...


class Models(Protocol):
    """The models that may answer, of which each attempt is given one."""

    async def choose(self) -> Chosen:
        """The best that answers now. Raises ModelUnavailable, with the reason, when none does."""
        ...

    def succeeded(self, chosen: Chosen) -> None:
        """Its answer is whole."""
        ...

    def failed(self, chosen: Chosen, error: ModelError) -> bool:
        """Its attempt failed; whether `choose` would give another one at once."""
        ...

    def done(self, chosen: Chosen) -> None:
        """Nothing more is asked of it, however its attempt ended; said of each that was chosen."""
        ...

    async def release_memory(self, *, unload: bool) -> int:
        """Give back the RAM of models that nobody uses: how many bytes.

        With `unload` also that of the one which would answer; it is loaded again at the next turn.
        A model in the middle of an attempt is left alone.
        """
        ...

    async def profile(self) -> ModelProfile:
        """Of the model that would answer now; changes nothing. Raises ModelUnavailable."""
        ...

    async def wait_until_available(self, timeout_seconds: float) -> bool:
        """Wait until it is worth choosing again after ModelUnavailable; False when time is up."""
        ...

    async def close(self) -> None:
        """Let go of connections and processes."""
        ...
