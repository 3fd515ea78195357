"""Looks for model servers at the addresses that the settings name, by asking what is there.

Which server it is, its answers tell and not its port. Whatever answers nonsense, too much, too
late or not at all is no model server. Nothing that was said is sent here.
"""

import asyncio
import importlib
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from vega.llm import llamacpp, lmstudio, ollama
from vega.llm.openai import is_loopback
from vega.llm.served import Ask, ServedModel

if TYPE_CHECKING:
    import httpx2

#: For one server with all of its questions: a hanging one delays a turn by no more.
LOOK_SECONDS = 2.0
#: No list of models comes near.
MAX_ANSWER_BYTES = 4_000_000

#: In the order in which they are thought of: only Ollama knows /api/version, only LM Studio
#: /api/v0, while several servers speak of /v1/models. Each is given the way to ask the server, its
#: address, and the id of a model of which all that can be known is wanted.
FINDERS: tuple[Callable[[Ask, str, str], Awaitable[list[ServedModel] | None]], ...] = (
    ollama.find_models,
    lmstudio.find_models,
    llamacpp.find_models,
)


class ModelServers:
    """The addresses at which there may be a model server."""

    def __init__(self, addresses: Sequence[str]) -> None:
        """Asks nobody yet."""
        self.addresses = tuple(address.rstrip("/").removesuffix("/v1") for address in addresses)

    async def look(self, wanted: str = "") -> list[list[ServedModel]]:
        """What each server that answers can chat with, the best first. Never raises.

        Of the model with the id `wanted` all is asked that can be known.
        """
        if not self.addresses:
            return []
        # 0.2 s of CPU the first time: not in the event loop.
        await asyncio.to_thread(importlib.import_module, "httpx2")
        found = await asyncio.gather(*(_look_at(address, wanted) for address in self.addresses))
        return [models for models in found if models]


async def _look_at(address: str, wanted: str) -> list[ServedModel]:
    import httpx2

    client = httpx2.AsyncClient(
        base_url=address,
        # A proxy from the environment must not be asked what runs on this machine.
        trust_env=not is_loopback(urlsplit(address).hostname or ""),
        timeout=LOOK_SECONDS,
    )

    async def ask(method: str, path: str, body: object) -> dict[str, Any] | None:
        return await _answer(client, method, path, body)

    try:
        async with asyncio.timeout(LOOK_SECONDS), client:
            for find_models in FINDERS:
                models = await find_models(ask, address, wanted)
                if models is not None:
                    return models
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, TimeoutError, UnicodeError):
        # Nobody there, or nobody that one could talk to.
        return []
    return []


async def _answer(
    client: "httpx2.AsyncClient", method: str, path: str, body: object
) -> dict[str, Any] | None:
    """The JSON object of a successful answer of bearable size; None for any other answer."""
    read = b""
    async with client.stream(method, path, json=body) as response:
        if not response.is_success:
            return None
        async for chunk in response.aiter_bytes():
            read += chunk
            if len(read) > MAX_ANSWER_BYTES:
                return None
    try:
        answer = json.loads(read)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None
