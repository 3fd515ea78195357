"""What an OpenAI-format server says, taken apart: an answer's events, and its refusals.

Nothing here touches a socket. Bytes and statuses go in; pieces, how the answer ended, and the
`ModelError` that a vendor's error means come out.
"""

import json
from typing import Any, Literal

from vega.errors import AnswerBroken, ContextOverflow, ModelError, ModelRefused, ModelUnavailable
from vega.llm.base import Ending

#: No event of a real server comes near; without a bound a stray one would fill the RAM.
MAX_EVENT_BYTES = 4_000_000
MAX_WORDS_CHARACTERS = 500

#: Finish reasons of a server that gave up.
BROKEN_REASONS = frozenset({"abort", "error"})
OVERFLOW_CODES = frozenset({"exceed_context_size_error", "context_length_exceeded"})
#: For servers that have no code for it, as vLLM.
OVERFLOW_WORDS = ("maximum context length", "available context size", "context size has been")
#: Statuses of a server that may take the same request later. A 500 is not among them: a prompt
#: that the server fails at each time must not hold up all others for ever.
BUSY_STATUSES = frozenset({408, 429, 502, 503, 504, 529})


class AnswerEvents:
    """The server-sent events of one answer; `feed` it the bytes as they come."""

    def __init__(self) -> None:
        #: How the answer ended; None for as long as it has not.
        self.reason: Literal["stop", "length"] | None = None
        #: How many events have come, with or without text: signs of life.
        self.count = 0
        self.has_text = False
        #: Whether nothing more will come.
        self.is_over = False
        self._usage: tuple[int | None, int | None] = (None, None)
        self._rest = b""

    def feed(self, chunk: bytes) -> list[str]:
        """The pieces of text in these bytes, none of them empty.

        Raises AnswerBroken when this is no such stream or the server says that it failed,
        ContextOverflow when it says that its window is full.
        """
        # Lines end at \n only: JSON may hold U+2028 and the like unescaped, at which
        # str.splitlines, and with it the HTTP library's line reader, would cut an event.
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > MAX_EVENT_BYTES:
            raise AnswerBroken("The model server sent an event without an end.")
        pieces = []
        for line in lines:
            if line.startswith(b"data:") and (piece := self._take(line[5:].strip())):
                pieces.append(piece)
        self.has_text = self.has_text or bool(pieces)
        return pieces

    def ending(self) -> Ending:
        """The end mark. Raises AnswerBroken where none came."""
        if self.reason is None:
            raise AnswerBroken
        return Ending(self.reason, *self._usage)

    def _take(self, data: bytes) -> str:
        self.count += 1
        if data == b"[DONE]":
            self.is_over = True
            return ""
        try:
            event = json.loads(data.decode())
        except ValueError as error:
            raise AnswerBroken("The model server sent something that is not an answer.") from error
        match event:
            case {"error": error} if error:
                raise refusal(error, AnswerBroken)
            case {"usage": {"prompt_tokens": int(prompt), "completion_tokens": int(completion)}}:
                self._usage = prompt, completion
        match event:
            case {"choices": [{"finish_reason": str(reason)}, *_]} if reason:
                self._end(reason)
        match event:
            case {"choices": [{"delta": {"content": str(piece)}}, *_]}:
                return _whole_characters(piece)
        return ""

    def _end(self, reason: str) -> None:
        if reason in BROKEN_REASONS:
            raise AnswerBroken(f"The model server gave up: {reason}.")
        # A vendor's other words (content_filter, eos_token, …) are ends of its own choice.
        self.reason = "length" if reason == "length" else "stop"


def refusal_of_status(status: int, error: object) -> ModelError:
    """What an HTTP error means that came in place of an answer, by its status and body."""
    return refusal(error, ModelUnavailable if status in BUSY_STATUSES else ModelRefused)


def refusal(error: object, otherwise: type[ModelError]) -> ModelError:
    """ContextOverflow if the vendor's error object says so, else `otherwise`, in its words."""
    fields: dict[str, Any] = error if isinstance(error, dict) else {"message": error}
    words = str(fields.get("message") or error or "no reason given")[:MAX_WORDS_CHARACTERS]
    codes = {str(fields.get("code")), str(fields.get("type"))}
    is_overflow = codes & OVERFLOW_CODES or any(part in words.lower() for part in OVERFLOW_WORDS)
    return (ContextOverflow if is_overflow else otherwise)(f"The model server says: {words}")


def _whole_characters(text: str) -> str:
    # A server may escape half of a surrogate pair, which no database would take.
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
