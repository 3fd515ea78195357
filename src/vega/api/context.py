"""`GET /api/turns/{id}/context`: what the model saw for an answer, and where it was sent."""

from typing import Any

from fastapi import APIRouter

from vega.api.parts import TheParts
from vega.api.shapes import CHARS_PER_TOKEN
from vega.api.turns import TurnId
from vega.core.context_view import SeenMessage, view
from vega.core.conversation import Turn
from vega.errors import TurnForgotten

router = APIRouter(tags=["conversation"])

FROM_STORE = "No model saw anything for this answer: Vega gave it from its own store."


@router.get("/api/turns/{turn_id}/context")
async def show_context(turn_id: TurnId, parts: TheParts) -> dict[str, Any]:
    """What the model saw for this turn's answer, message by message, and where it was sent."""
    turn = await parts.store.turn(turn_id)
    if turn.forgotten_at is not None:
        raise TurnForgotten(turn_id)
    seen = await view(parts.store, turn)
    return {
        "turn_id": turn.id,
        "answer": seen.answer_number,
        "model": seen.model,
        "sent_to": seen.place,
        "at": seen.at.isoformat() if seen.at else None,
        "tokens": _tokens(turn),
        "note": None if seen.model else FROM_STORE,
        "messages": [_message(message) for message in seen.messages],
    }


def _tokens(turn: Turn) -> int | None:
    """Of the whole prompt, as the model's server counted them."""
    return turn.answer.prompt_tokens if turn.answer else None


def _message(message: SeenMessage) -> dict[str, Any]:
    return {
        "role": message.role,
        "turn_id": message.turn_id,
        "sections": [
            {
                "name": section.name,
                "tokens": -(-len(section.text) // CHARS_PER_TOKEN),
                "text": section.text,
            }
            for section in message.sections
        ],
    }
