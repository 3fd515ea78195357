"""What the https port answers to plain HTTP: where to go, and the certificate to trust.

The certificate must be had before https can be trusted, and a phone that fetches it here is asked
to overlook no warning. Nothing else is answered, and nothing that is sent is looked at.
"""

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import Message, Receive, Scope, Send

from vega.api.access import host_of
from vega.api.headers import secured
from vega.tls.authority import PUBLIC_FILE, Authority

CA_PATH = f"/{PUBLIC_FILE}"
#: By this type phones and browsers know that it is to be trusted, and ask.
CA_TYPE = "application/x-x509-ca-cert"


def ca_response(authority: Authority | None) -> Response:
    """The authority's certificate, for devices that are to trust it."""
    if authority is None:
        message = "This Vega has no authority of its own: `vega tls on` makes one."
        return JSONResponse({"error": message, "code": "not_found"}, 404)
    headers = {"Content-Disposition": f'attachment; filename="{PUBLIC_FILE}"'}
    return Response(authority.public, 200, headers, CA_TYPE)


class PlainAnswers:
    """An application of ASGI for those who did not say "https"."""

    def __init__(
        self, names: Callable[[], frozenset[str]], authority: Callable[[], Authority | None]
    ) -> None:
        self._names = names
        self._authority = authority

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            await send(secured(message))

        await self._answer(scope)(scope, receive, send_secured)

    def _answer(self, scope: Scope) -> Response:
        host = Headers(scope=scope).get("host", "")
        if host_of(host) not in self._names():
            # Also who brings another name's page here shall not be led anywhere.
            return _refusal(421, "unknown_host", "This Vega does not go by that name.")
        if scope["method"] not in ("GET", "HEAD"):
            return _refusal(426, "https_needed", "This port speaks https.")
        if scope["path"] == CA_PATH:
            return ca_response(self._authority())
        query = scope["query_string"].decode("ascii", "replace")
        path = scope["raw_path"].decode("ascii", "replace") + (f"?{query}" if query else "")
        return RedirectResponse(f"https://{host}{path}", 307)


def _refusal(status: int, code: str, message: str) -> Response:
    headers = {"Connection": "close"} | ({"Upgrade": "TLS/1.2"} if status == 426 else {})
    return JSONResponse({"error": message, "code": code}, status, headers)
