"""A model that a server on this machine offers, and how such a server is asked.

What the vendors call things stays in their files: `vega.llm.ollama`, `vega.llm.lmstudio`,
`vega.llm.llamacpp`. Each has one function, `find_models`, that `vega.llm.servers` calls.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

#: Asks one server: method, path, JSON body. The JSON object of its answer; None for anything else.
Ask = Callable[[str, str, object], Awaitable[dict[str, Any] | None]]

#: Parts of names by which a model that only embeds is known where its server does not tell.
EMBEDDING_WORDS = ("embed", "minilm", "bge-", "rerank")
#: What a server calls a model is no longer than a file's path.
MOST_NAME_CHARS = 300
#: Bytes of a model; whatever is more is none.
MOST_COUNT = 1 << 50


@dataclass(frozen=True, slots=True)
class ServedModel:
    """One model of one model server."""

    kind: Literal["ollama", "lmstudio", "llamacpp"]
    #: What the server calls it in a request.
    name: str
    #: The server's address, without a path.
    server: str
    #: Its window as far as the server tells, else what such a server is known to give it.
    context_tokens: int
    #: Whether it is in memory already.
    is_loaded: bool
    size_bytes: int = 0
    #: Where it runs when that is not this server's machine; what is said would go there.
    runs_at: str | None = None

    @property
    def id(self) -> str:
        """As the owner names it: `ollama:llama3.2`."""
        # llama.cpp gives a file's path, Ollama a tag that nobody types.
        shown = self.name.rpartition("/")[2] if self.kind == "llamacpp" else self.name
        return f"{self.kind}:{shown.removesuffix(':latest')}"


def rows(answer: dict[str, Any] | None, key: str, name: str) -> list[dict[str, Any]]:
    """The objects in that list of the answer whose `name` may be shown; none where it has no such
    list."""
    listed = answer.get(key) if answer else None
    found = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    return [row for row in found if _is_name(row.get(name))]


def _is_name(value: object) -> bool:
    """Whether it is short and steers no terminal: it gets into logs, notes and the database."""
    return isinstance(value, str) and 0 < len(value) <= MOST_NAME_CHARS and value.isprintable()


def count(value: object) -> int:
    """A number of tokens or bytes; 0 for whatever else was sent."""
    return value if type(value) is int and 0 < value <= MOST_COUNT else 0


def sounds_like_embedding(name: str) -> bool:
    """Whether a model of that name only embeds."""
    return any(word in name.lower() for word in EMBEDDING_WORDS)
