"""What LM Studio's server says of its models: /api/v0/models, since version 0.3.6."""

from vega.llm.served import Ask, ServedModel, count, rows

#: What it gives a model that it loads at the first request, unless its owner chose otherwise.
DEFAULT_CONTEXT_TOKENS = 4096
#: Types of models that one can chat with: text, and text with pictures.
CHAT_TYPES = ("llm", "vlm")


async def find_models(ask: Ask, server: str, _wanted: str) -> list[ServedModel] | None:
    """The models to chat with, the best first; None where this is no LM Studio."""
    listed = rows(await ask("GET", "/api/v0/models", None), "data", "id")
    known = [row for row in listed if row.get("type") and row.get("state")]
    if not known:
        return None
    models = []
    for row in known:
        if row["type"] not in CHAT_TYPES:
            continue
        most = count(row.get("max_context_length")) or DEFAULT_CONTEXT_TOKENS
        window = count(row.get("loaded_context_length")) or min(most, DEFAULT_CONTEXT_TOKENS)
        is_loaded = row["state"] == "loaded"
        models.append(ServedModel("lmstudio", row["id"], server, window, is_loaded))
    # It tells no times: behind what is in memory, its own order.
    return sorted(models, key=lambda model: not model.is_loaded)
