"""`POST /chat`: a prompt comes in, its turn's answer goes out."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from vega.api.events import event_response
from vega.api.parts import Parts, TheParts
from vega.api.shapes import ChatRequest, chat_shape
from vega.core.conversation import NewTurn, TurnStatus
from vega.errors import InvalidInput, MalformedInput, PromptTooLong, SessionConflict

router = APIRouter(tags=["conversation"])

MAX_PROMPT_BYTES = 1024 * 1024
MAX_KEY_CHARS = 200
#: Of a field's name in a message.
MAX_FIELD_CHARS = 80
#: So many mistakes in a message are told.
MAX_MISTAKES = 5
#: curl sends JSON under the content type of a form; the body is read as JSON whatever it is called.
_REQUEST_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": ChatRequest.model_json_schema()}},
    }
}


@router.post("/api/chat", openapi_extra=_REQUEST_BODY)
@router.post("/chat", openapi_extra=_REQUEST_BODY)
async def chat(
    request: Request,
    parts: TheParts,
    accept: Annotated[str, Header()] = "",
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Response:
    """Say something to Vega; the answer is JSON, or events with `"stream": true`."""
    asked = parse_chat(await request.body(), parts.store.session_id)
    turn = await parts.assistant.submit(_new_turn(asked, idempotency_key, parts))
    if asked.stream or "text/event-stream" in accept:
        events = await parts.live_turns.follow(turn.id, None)
        return event_response(events, parts.store.session_id) if events else Response(None, 204)
    ended = await parts.assistant.wait_until_ended(turn.id)
    shape = chat_shape(ended, parts.store.session_id)
    if ended.status is TurnStatus.FAILED:
        reason = ended.answer.reason if ended.answer else None
        return JSONResponse({**shape, "error": reason, "code": "answer_failed"}, 502)
    return JSONResponse(shape)


def parse_chat(body: bytes, session_id: str) -> ChatRequest:
    """The request in that body. Raises MalformedInput, InvalidInput, SessionConflict."""
    try:
        data = json.loads(body.decode())
    except UnicodeDecodeError as exc:
        raise MalformedInput(f"The body is not UTF-8 (byte {exc.start}).") from exc
    except (ValueError, RecursionError) as exc:
        raise MalformedInput(f'The body is not JSON ({exc}); send {{"prompt": "…"}}.') from exc
    if not isinstance(data, dict):
        raise InvalidInput('The body must be a JSON object: send {"prompt": "…"}.')
    try:
        asked = ChatRequest.model_validate(data)
    except ValidationError as exc:
        raise InvalidInput(_explain(exc)) from exc
    if len(asked.prompt.encode()) > MAX_PROMPT_BYTES:
        raise PromptTooLong(f"A prompt may hold at most {MAX_PROMPT_BYTES:,} bytes of UTF-8.")
    if asked.session_id not in (None, session_id):
        raise SessionConflict
    return asked


def _new_turn(asked: ChatRequest, idempotency_key: str | None, parts: Parts) -> NewTurn:
    if idempotency_key is not None and not 0 < len(idempotency_key) <= MAX_KEY_CHARS:
        raise InvalidInput(f"An Idempotency-Key has 1 to {MAX_KEY_CHARS} characters.")
    return NewTurn(
        prompt=asked.prompt,
        at=parts.clock.now(),
        zone=asked.timezone or parts.clock.zone,
        origin=asked.origin,
        device=asked.device,
        idempotency_key=idempotency_key,
    )


def _explain(exc: ValidationError) -> str:
    lines = []
    errors = exc.errors(include_url=False, include_context=False, include_input=False)
    for error in errors[:MAX_MISTAKES]:
        message: Any = error["msg"].removeprefix("Value error, ")
        if error["type"] == "extra_forbidden":
            message = f"is not known; the fields are {', '.join(ChatRequest.model_fields)}"
        field = ".".join(map(str, error["loc"]))[:MAX_FIELD_CHARS] or "The body"
        lines.append(f"{field}: {message}.")
    return " ".join(lines)
