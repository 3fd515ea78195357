"""Any model server that speaks the OpenAI chat format: llama.cpp, vLLM, Ollama, a vendor's API.

The request goes through the openai SDK, which is imported when it is first needed. What the server
sends is read by `vega.llm.openai_format`, from the SDK's raw response: its typed objects would
double what a streamed piece costs. Errors of the connection become ours in `_translate`.
"""

import asyncio
import importlib
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from vega.errors import AnswerBroken, ModelError, ModelRefused, ModelUnavailable
from vega.llm import catalogue
from vega.llm.base import HERE, Ending, Message, ModelProfile
from vega.llm.openai_format import MAX_WORDS_CHARACTERS, AnswerEvents, refusal_of_status

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

#: What is assumed of a server that does not tell its window.
DEFAULT_CONTEXT_TOKENS = 8192
DEFAULT_ANSWER_TOKENS = 1024
#: Where servers tell a model's window in /v1/models: vLLM, then what other vendors call it.
CONTEXT_KEYS = ("max_model_len", "context_length", "context_window", "max_context_length")
#: How long to wait for the usage when the answer itself is whole.
TAIL_SECONDS = 5.0
#: How long to wait for the end of the body behind the last event.
REST_SECONDS = 0.2
#: Until a server is asked again, by how many times in a row it was not available.
PAUSES_SECONDS = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0)
#: Statuses of a server that is there, but tells nothing of its models now.
CLOSED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})

#: llama.cpp ends kept connections behind an answer: a request that came at once was lost on one of
#: them, up to one time in three. A new connection costs 1.5 ms, which other servers are spared.
CLOSING = {"Connection": "close"}
#: All that a server is told beside the body.
SENT_HEADERS = frozenset(
    {
        *("accept", "accept-encoding", "authorization", "connection", "content-length"),
        *("content-type", "host", "transfer-encoding", "user-agent"),
        # By this the SDK knows what to give us; it says nothing of anybody.
        "x-stainless-raw-response",
    }
)

#: The names of httpx2's errors with which a request never reached the server. With any other it
#: may have been taken: a host that dies of a prompt shows as ReadError or RemoteProtocolError.
UNREACHED = frozenset(
    {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"}
)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a server may stay silent. A cold prompt on a slow machine takes minutes."""

    connect_seconds: float = 5.0
    #: For questions that cost a server nothing.
    ask_seconds: float = 10.0
    first_piece_seconds: float = 300.0
    next_piece_seconds: float = 60.0
    #: How long a model may think aloud before its first word.
    thoughts_seconds: float = 900.0

    def until_next(self, answer: AnswerEvents) -> float:
        """How many seconds the answer's next event may take. Thoughts are not yet a piece."""
        if answer.reason is not None:
            return TAIL_SECONDS
        return self.next_piece_seconds if answer.has_text else self.first_piece_seconds


class OpenAIModel:
    """A Connector to one model of one OpenAI-format server."""

    def __init__(
        self,
        base_url: str,
        name: str = "",
        key: str | None = None,
        *,
        context_tokens: int | None = None,
        answer_tokens: int = DEFAULT_ANSWER_TOKENS,
        is_able: bool | None = None,
        place: str | None = None,
        extra_body: Mapping[str, object] | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        """Asks nobody yet.

        Without a name the server's first model is taken; without context_tokens the server is
        asked for its window; an is_able of None is the catalogue's word, or True. place is where
        the model runs when that is not where the server is. extra_body goes into each request
        (vendors' options).
        """
        url = urlsplit(base_url.rstrip("/"))
        self._base_url = url.geturl() if url.path else f"{url.geturl()}/v1"
        self._root = self._base_url.removesuffix("/v1")
        self._host = url.hostname or base_url
        self._name = name
        self._key = key
        self._context_tokens = context_tokens
        self._answer_tokens = answer_tokens
        self._is_able = is_able
        self._place = place or (HERE if is_loopback(self._host) else self._host)
        self._extra_body = dict(extra_body or {})
        self._timeouts = timeouts or Timeouts()
        self._profile: ModelProfile | None = None
        self._failures = 0
        self._takes_forms = True
        self._http: httpx2.AsyncClient | None = None
        self._sdk: AsyncOpenAI | None = None

    async def profile(self) -> ModelProfile:
        if self._profile is None:
            with self._watched():
                self._profile = await self._ask_profile()
        return self._profile

    def stream(
        self, messages: Sequence[Message], max_tokens: int
    ) -> AsyncGenerator[str | Ending, None]:
        return self._stream(self._body(messages, max_tokens))

    async def stream_in_form(
        self, messages: Sequence[Message], max_tokens: int, form: Mapping[str, object]
    ) -> AsyncGenerator[str | Ending, None]:
        body = self._body(messages, max_tokens)
        if self._takes_forms:
            schema = {"name": "answer", "strict": True, "schema": form}
            formed = {**body, "response_format": {"type": "json_schema", "json_schema": schema}}
            has_begun = False
            try:
                async with aclosing(self._stream(formed)) as items:
                    async for item in items:
                        has_begun = True
                        yield item
                return
            except ModelRefused:
                if has_begun:
                    raise
        async with aclosing(self._stream(body)) as items:
            async for item in items:
                # Many servers know no forms: one that takes the same in words does not.
                self._takes_forms = False
                yield item

    async def _stream(self, body: Mapping[str, object]) -> AsyncGenerator[str | Ending, None]:
        name = (await self.profile()).name
        answer = AnswerEvents()
        try:
            with self._watched():
                async with aclosing(self._chunks(name, body, answer)) as chunks:
                    async for chunk in chunks:
                        for piece in answer.feed(chunk):
                            self._failures = 0
                            yield piece
                answer.ending()
        except ModelError:
            # What goes wrong after the end mark does not matter: the answer is whole.
            if answer.reason is None:
                raise
        yield answer.ending()

    async def count_tokens(self, text: str) -> int | None:
        # Of the servers that are known, llama.cpp alone continues a text and has a tokenizer.
        if not (await self.profile()).can_continue:
            return None
        with self._watched():
            answer = await self._ask("POST", f"{self._root}/tokenize", {"content": text})
        return len(answer["tokens"]) if "tokens" in answer else None

    def forget_profile(self) -> None:
        """Ask the server again what it is when that is next wanted: it may have gone or changed."""
        self._profile = None

    async def wait_until_available(self, timeout_seconds: float) -> bool:
        try:
            async with asyncio.timeout(timeout_seconds):
                while not await self._is_available():
                    pass
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()
            self._http = self._sdk = None

    async def _is_available(self) -> bool:
        # A pause even where /v1/models would answer at once: it may be the chat that is overrun.
        await asyncio.sleep(PAUSES_SECONDS[min(self._failures, len(PAUSES_SECONDS) - 1)])
        try:
            await self.profile()
        except ModelUnavailable:
            return False
        return True

    async def _ask_profile(self) -> ModelProfile:
        listed = (await self._ask("GET", f"{self._base_url}/models")).get("data")
        models = [model for model in listed or () if isinstance(model, dict)]
        name = self._name or next((str(model["id"]) for model in models if "id" in model), "")
        if not name:
            raise ModelUnavailable(f"The model server at {self._host} offers no model.")
        props = await self._ask("GET", f"{self._root}/props")
        settings = props.get("default_generation_settings")
        told = [settings.get("n_ctx")] if isinstance(settings, dict) else []
        for model in models:
            if model.get("id") == name:
                told += [model.get(key) for key in CONTEXT_KEYS]
        context_tokens = self._context_tokens or next(
            (count for count in told if isinstance(count, int) and count > 0),
            DEFAULT_CONTEXT_TOKENS,
        )
        # Served by `vega model serve`, a model goes by its name in the catalogue.
        known = catalogue.find(name)
        answer_tokens = known.answer_tokens if known else self._answer_tokens
        is_able = known.is_able if known else True
        return ModelProfile(
            name=name,
            context_tokens=context_tokens,
            # A prompt needs at least half of a window.
            answer_tokens=min(answer_tokens, context_tokens // 2),
            is_able=is_able if self._is_able is None else self._is_able,
            # Only llama.cpp has /props with such settings.
            can_continue=isinstance(settings, dict),
            recent_turns=known.recent_turns if known else None,
            place=self._place,
        )

    async def _ask(self, method: str, url: str, body: object = None) -> dict[str, Any]:
        """The JSON object that the server gives; {} where it knows no such thing."""
        http, _ = await self._clients()
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        try:
            response = await http.request(
                method, url, json=body, headers=headers, timeout=self._timeouts.ask_seconds
            )
        except _foreign_errors() as error:
            raise ModelUnavailable(f"No model answers at {self._host}.") from error
        if response.status_code in (401, 403):
            raise ModelUnavailable(
                f"The model server at {self._host} does not accept the key that it is sent "
                f"({response.status_code}); check VEGA_MODEL_KEY."
            )
        if response.status_code in CLOSED_STATUSES:
            words = response.text[:MAX_WORDS_CHARACTERS]
            raise ModelUnavailable(f"The model server at {self._host} says: {words}")
        try:
            answer = response.json() if response.is_success else {}
        except ValueError:
            answer = {}
        return answer if isinstance(answer, dict) else {}

    async def _chunks(
        self, name: str, body: Mapping[str, object], answer: AnswerEvents
    ) -> AsyncGenerator[bytes, None]:
        """The answer's bytes as they come, for as long as `answer` shows signs of life."""
        loop = asyncio.get_running_loop()
        begun_at = loop.time()
        deadline = begun_at + self._timeouts.first_piece_seconds
        _, sdk = await self._clients()
        # Messages go in as extra_body because the SDK walks through typed ones, 0.13 ms for each.
        request = sdk.chat.completions.with_streaming_response.create(
            model=name,
            messages=[],
            stream=True,
            extra_body=body,
            extra_headers=CLOSING if (await self.profile()).can_continue else None,
        )
        async with AsyncExitStack() as stack:
            async with asyncio.timeout_at(deadline):
                response = await stack.enter_async_context(request)
            chunks = aiter(response.iter_bytes())
            seen = 0
            while not answer.is_over:
                async with asyncio.timeout_at(deadline):
                    chunk = await anext(chunks, None)
                if chunk is None:
                    return
                yield chunk
                # Not at a mere comment: a hung server's HTTP side may go on sending them.
                if answer.count > seen:
                    seen = answer.count
                    deadline = loop.time() + self._timeouts.until_next(answer)
                    if not answer.has_text:
                        deadline = min(deadline, begun_at + self._timeouts.thoughts_seconds)
            # Only a connection whose answer was read to the end of its body is used again.
            with suppress(TimeoutError):
                async with asyncio.timeout(REST_SECONDS):
                    await anext(chunks, None)

    def _body(self, messages: Sequence[Message], max_tokens: int) -> dict[str, object]:
        # OpenAI's own newer models refuse max_tokens; most other servers know no other name.
        limit = "max_completion_tokens" if self._host == "api.openai.com" else "max_tokens"
        return {
            "messages": [{"role": each.role, "content": each.content} for each in messages],
            limit: max_tokens,
            "stream_options": {"include_usage": True},
            **self._extra_body,
        }

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Others' errors come out as ours; after any of them the server is asked anew."""
        try:
            try:
                yield
            except _foreign_errors() as error:
                raise self._translate(error) from error
        except ModelError as error:
            self._profile = None
            self._failures += isinstance(error, ModelUnavailable)
            raise

    def _translate(self, error: Exception) -> ModelError:
        import openai

        if isinstance(error, openai.APIStatusError):
            return refusal_of_status(error.status_code, error.body)
        # The SDK wraps what the HTTP library raised before the answer's headers were there.
        cause = error.__cause__ if isinstance(error, openai.APIConnectionError) else error
        if type(cause).__name__ in UNREACHED:
            return ModelUnavailable(f"No model answers at {self._host}.")
        if isinstance(cause, UnicodeError):
            return ModelRefused("The prompt holds characters that cannot be sent.")
        if isinstance(cause, TimeoutError):
            return AnswerBroken("The model server stood still.")
        return AnswerBroken(f"The connection to the model server broke: {cause!r}")

    async def _clients(self) -> tuple["httpx2.AsyncClient", "AsyncOpenAI"]:
        if self._http is None or self._sdk is None:
            # 0.3 s of CPU the first time: not in the event loop.
            await asyncio.to_thread(importlib.import_module, "openai")
        if self._http is None or self._sdk is None:
            import httpx2
            from openai import AsyncOpenAI

            is_here = is_loopback(self._host)
            self._http = httpx2.AsyncClient(
                # A proxy from the environment must not see what stays on this machine.
                trust_env=not is_here,
                timeout=httpx2.Timeout(None, connect=self._timeouts.connect_seconds),
                event_hooks={"request": [_bare]},
            )
            self._sdk = AsyncOpenAI(
                base_url=self._base_url,
                # The SDK insists on a key; a server without one does not look at it.
                api_key=self._key or "none",
                max_retries=0,
                http_client=self._http,
                timeout=self._http.timeout,
            )
        return self._http, self._sdk


async def _bare(request: "httpx2.Request") -> None:
    """Takes away what the SDK adds of the machine, and of whom OpenAI bills by its environment."""
    for name in set(request.headers) - SENT_HEADERS:
        del request.headers[name]


def is_loopback(host: str) -> bool:
    """Whether what is sent to this host, a name or an address, stays on this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _foreign_errors() -> tuple[type[Exception], ...]:
    # A function, so that they are imported when something was raised and not before.
    import httpx2
    import openai

    return (
        openai.OpenAIError,
        httpx2.HTTPError,
        httpx2.InvalidURL,
        httpx2.StreamError,
        UnicodeError,
        TimeoutError,
    )
