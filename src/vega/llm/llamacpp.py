"""What a llama.cpp server says of its models: /v1/models and /props.

It serves one model, or several as a router that loads what is asked for.
"""

from typing import Any

from vega.llm.served import Ask, ServedModel, count, rows, sounds_like_embedding

#: What it calls itself in /v1/models.
OWNER = "llamacpp"
#: Where a router does not tell the window of a model that it has not loaded.
DEFAULT_CONTEXT_TOKENS = 4096


async def find_models(ask: Ask, server: str, _wanted: str) -> list[ServedModel] | None:
    """The models to chat with, the best first; None where this is no llama.cpp server."""
    listed = rows(await ask("GET", "/v1/models", None), "data", "id")
    known = [row for row in listed if row.get("owned_by") == OWNER]
    if not known:
        return None
    # It tells its models to anybody, and /props, as a chat, only to those who have its key.
    props = await ask("GET", "/props", None)
    if props is None:
        return []
    settings = props.get("default_generation_settings")
    window = count(settings.get("n_ctx")) if isinstance(settings, dict) else 0
    models = [
        ServedModel(
            "llamacpp",
            row["id"],
            server,
            window or _window(row),
            is_loaded=_is_loaded(row),
            size_bytes=count(_meta(row).get("size")),
        )
        for row in known
        if not sounds_like_embedding(row["id"])
    ]
    return sorted(models, key=lambda model: not model.is_loaded)


def _is_loaded(row: dict[str, Any]) -> bool:
    """Only a router tells a status; whoever serves one model has it in memory."""
    status = row.get("status")
    return not isinstance(status, dict) or status.get("value") == "loaded"


def _meta(row: dict[str, Any]) -> dict[str, Any]:
    meta = row.get("meta")
    return meta if isinstance(meta, dict) else {}


def _window(row: dict[str, Any]) -> int:
    return count(_meta(row).get("n_ctx")) or DEFAULT_CONTEXT_TOKENS
