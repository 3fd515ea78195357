"""The HTTP application: its routes, who is let in, and errors as statuses."""

import logging
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import APIKeyHeader
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

import vega
from vega.api import (
    backups,
    chat,
    context,
    devices,
    digests,
    docs,
    facts,
    forgetting,
    health,
    importing,
    indexing,
    keys,
    metrics,
    models,
    page,
    recall,
    search,
    status,
    tls,
    turns,
    verification,
)
from vega.api.chat import MAX_FIELD_CHARS, MAX_MISTAKES
from vega.api.gate import BodyRefused, Gate, answer
from vega.api.headers import SECURITY_HEADERS
from vega.api.parts import Parts
from vega.errors import (
    AnswerDelayed,
    AttemptFailed,
    Conflict,
    DatabaseError,
    DiskFailed,
    Gone,
    ImportTooLong,
    InvalidInput,
    MalformedInput,
    ModelUnavailable,
    NotFound,
    PromptTooLong,
    QueueFull,
    StorageFull,
    VegaError,
)

log = logging.getLogger(__name__)

#: The status of an error is that of its nearest class in this table.
STATUSES: dict[type[VegaError], int] = {
    MalformedInput: 400,
    InvalidInput: 422,
    PromptTooLong: 413,
    ImportTooLong: 413,
    NotFound: 404,
    Gone: 410,
    Conflict: 409,
    QueueFull: 429,
    ModelUnavailable: 503,
    AttemptFailed: 502,
    StorageFull: 507,
    DiskFailed: 503,
    DatabaseError: 500,
    VegaError: 500,
}
#: When to try again, in seconds.
RETRY_AFTER: dict[type[VegaError], int] = {
    QueueFull: 5,
    ModelUnavailable: 15,
    DiskFailed: 15,
    StorageFull: 60,
}


def create_app(parts: Parts) -> FastAPI:
    """The application over those parts."""
    app = FastAPI(
        title="Vega",
        version=vega.__version__,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.state.parts = parts
    app.add_middleware(Gate)
    app.add_exception_handler(VegaError, _vega_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(Exception, _bug)
    key = [Security(APIKeyHeader(name="X-API-Key", auto_error=False))]
    talk = (chat, turns, context, importing, recall, search, digests, facts, forgetting)
    for module in (*talk, status, metrics, devices, keys, models, backups, verification, indexing):
        app.include_router(module.router, dependencies=key)
    for module in (health, docs, page):
        app.include_router(module.router)
    app.include_router(tls.router, dependencies=key)
    app.include_router(tls.public)
    return app


async def _vega_error(request: Request, exc: Exception) -> JSONResponse:
    kind = type(exc)
    code = next(STATUSES[base] for base in kind.__mro__ if base in STATUSES)
    if code >= 500 and not isinstance(exc, ModelUnavailable):
        # Quoted: what is asked for may hold a line's end.
        log.error("%s %s: %s", request.method, quote(request.url.path), exc)
    wait = next((RETRY_AFTER[base] for base in kind.__mro__ if base in RETRY_AFTER), None)
    if isinstance(exc, AnswerDelayed):
        wait = exc.retry_after_seconds or wait
    headers = {"Retry-After": str(wait)} if wait else {}
    body: dict[str, object] = {"error": str(exc), "code": _snake(kind.__name__)}
    if isinstance(exc, AnswerDelayed):
        body["turn_id"] = exc.turn_id
    return JSONResponse(body, code, headers)


async def _validation_error(request: Request, exc: Exception) -> JSONResponse:
    errors = exc.errors() if isinstance(exc, RequestValidationError) else []
    lines = [
        f"{str(error['loc'][-1])[:MAX_FIELD_CHARS]}: {error['msg'].removeprefix('Value error, ')}."
        for error in errors[:MAX_MISTAKES]
    ]
    return JSONResponse({"error": " ".join(lines), "code": "invalid_input"}, 422)


async def _http_exception(request: Request, exc: Exception) -> JSONResponse:
    """What the router itself refuses: an unknown path, a method that a path does not have; and a
    body that the gate refuses while it is read."""
    if isinstance(exc, BodyRefused):
        return answer(exc.refusal, request.app.state.parts)
    status, headers = (
        (exc.status_code, exc.headers) if isinstance(exc, HTTPException) else (500, None)
    )
    reason = HTTPStatus(status)
    message = f"{request.method} {request.url.path}: {reason.phrase}."
    return JSONResponse({"error": message, "code": reason.name.lower()}, status, headers)


async def _left(request: Request, exc: Exception) -> Response:
    """Who went away while they were still speaking gets no answer, and is nothing to be logged."""
    return Response(None, 400)


async def _bug(request: Request, exc: Exception) -> JSONResponse:
    """What nobody foresaw: the log gets the traceback (from the HTTP server), the client none."""
    message = "Something went wrong in Vega itself; its log says what."
    # This one alone does not pass the gate on its way out.
    return JSONResponse({"error": message, "code": "internal_error"}, 500, SECURITY_HEADERS)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]
