"""The headers that every answer carries, whatever it is and also where it refuses.

What a route says for itself stays: the page has a policy of its own, and may be kept.
"""

from starlette.datastructures import MutableHeaders
from starlette.types import Message

#: An answer is data and never a page: where a browser shows it as one, it may do nothing.
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
SECURITY_HEADERS = {
    "Content-Security-Policy": NOTHING,
    "Cross-Origin-Opener-Policy": "same-origin",
    # Not even as an image or a script does another site get it.
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), display-capture=(), geolocation=(), microphone=(self), payment=(), usb=()"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # What frame-ancestors says, for browsers that do not know it.
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


def secured(message: Message) -> Message:
    """The same message of ASGI; the start of an answer has the headers that it lacks."""
    if message["type"] != "http.response.start":
        return message
    headers = MutableHeaders(raw=list(message.get("headers", ())))
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    return {**message, "headers": headers.raw}
