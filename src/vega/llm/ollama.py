"""What an Ollama server says of its models: /api/version, /api/tags, /api/ps, /api/show.

Its OpenAI-format side takes no window in a request, and a prompt beyond the window is cut without
a word; so the window matters more here than anywhere else.
"""

import re
from dataclasses import replace
from typing import Any

from vega.llm.served import Ask, ServedModel, count, rows, sounds_like_embedding

#: What it gives a model without saying so, on a machine with less than 24 GiB of VRAM. Only a
#: loaded model's window is told.
DEFAULT_CONTEXT_TOKENS = 4096
#: Families of models that only embed.
EMBEDDING_FAMILIES = ("bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2")
#: How many models are asked whether they can chat, until one can.
MOST_SHOWN = 5

_NUM_CTX = re.compile(r"^num_ctx\s+(\d{1,9})\s*$", re.M)


async def find_models(ask: Ask, server: str, wanted: str) -> list[ServedModel] | None:
    """The models to chat with, the best first; None where this is no Ollama."""
    version = await ask("GET", "/api/version", None)
    if not version or not isinstance(version.get("version"), str):
        return None
    tags = rows(await ask("GET", "/api/tags", None), "models", "name")
    running = rows(await ask("GET", "/api/ps", None), "models", "name")
    loaded = {row["name"]: row for row in running}
    # Two stable sorts: the most recent first, before them whatever is in memory.
    tags.sort(key=lambda row: str(row.get("modified_at", "")), reverse=True)
    tags.sort(key=lambda row: row["name"] not in loaded)
    models = [
        ServedModel(
            "ollama",
            row["name"],
            server,
            count(loaded.get(row["name"], {}).get("context_length")),
            is_loaded=row["name"] in loaded,
            size_bytes=count(row.get("size")),
            runs_at=str(row["remote_host"]) if row.get("remote_host") else None,
        )
        for row in tags
        if not _only_embeds(row)
    ]
    # /api/show is long: it is asked of the best, and of the one that the owner wants.
    models.sort(key=lambda model: model.id != wanted)
    return await _shown(ask, models)


async def _shown(ask: Ask, models: list[ServedModel]) -> list[ServedModel]:
    """With what /api/show adds for the first: the ones before it turned out not to chat."""
    for number, model in enumerate(models[:MOST_SHOWN]):
        show = await ask("POST", "/api/show", {"model": model.name}) or {}
        capabilities = show.get("capabilities")
        if isinstance(capabilities, list) and "completion" not in capabilities:
            continue
        told = replace(model, context_tokens=model.context_tokens or _window(show))
        return [told, *(_assumed(other) for other in models[number + 1 :])]
    return []


def _assumed(model: ServedModel) -> ServedModel:
    return replace(model, context_tokens=model.context_tokens or DEFAULT_CONTEXT_TOKENS)


def _window(show: dict[str, Any]) -> int:
    """The window that the model will be given: as its file sets it, or else the default, and
    never more than it was trained with."""
    written = _NUM_CTX.search(str(show.get("parameters", "")))
    window = (int(written[1]) if written else 0) or DEFAULT_CONTEXT_TOKENS
    info = show.get("model_info")
    for key, value in info.items() if isinstance(info, dict) else ():
        if str(key).endswith(".context_length") and count(value):
            window = min(window, value)
    return window


def _only_embeds(row: dict[str, Any]) -> bool:
    details = row.get("details")
    family = details.get("family") if isinstance(details, dict) else None
    return family in EMBEDDING_FAMILIES or sounds_like_embedding(row["name"])
