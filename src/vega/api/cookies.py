"""The cookie of a paired browser.

Browsers send a cookie to every port of a machine, so its name is this life's own: two lives do not
overwrite each other's.
"""

from datetime import datetime, timedelta

from starlette.datastructures import Headers
from starlette.types import Scope

from vega.core.clock import Clock

#: 400 days, which is as long as browsers keep a cookie (RFC 6265bis).
MAX_AGE_SECONDS = 34_560_000
#: A browser that comes every day has its cookie's age begun anew so often.
RENEWAL = timedelta(days=1)
#: Whatever listens on another port of this machine may set cookies by the same name, which come
#: along. More than these are not looked at.
MAX_VALUES = 16
#: Browsers take a cookie by such a name over https alone, and for this very host (RFC 6265bis): no
#: other port that speaks plain HTTP can set or see it.
SECURE_PREFIX = "__Host-"


def is_https(scope: Scope, headers: Headers) -> bool:
    """Whether the browser speaks https, to Vega or to a proxy before it.

    Whoever claims so and does not gets a cookie that is of no use to them: no more is believed.
    """
    forwarded = headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    return scope["scheme"] == "https" or forwarded == "https"


class Cookies:
    """Reads and writes the cookie, for one life."""

    def __init__(self, session_id: str, clock: Clock) -> None:
        self.name = f"vega_{session_id.rpartition('-')[2]}"
        self._clock = clock
        #: When each device was last given its cookie; anew with each start.
        self._given: dict[int, datetime] = {}

    def read(self, headers: Headers) -> list[str]:
        """Every value that the request has for it, those that https gave first."""
        pairs = [pair.partition("=") for pair in headers.get("cookie", "").split(";")]
        return [
            value.strip()
            for wanted in (SECURE_PREFIX + self.name, self.name)
            for name, _, value in pairs
            if name.strip() == wanted
        ][:MAX_VALUES]

    def write(self, device_id: int, token: str, *, is_secure: bool = False) -> str:
        """The Set-Cookie header that gives the device its token, over https or not."""
        self._given[device_id] = self._clock.now()
        name = SECURE_PREFIX + self.name if is_secure else self.name
        rest = f"HttpOnly; SameSite=Strict; Path=/; Max-Age={MAX_AGE_SECONDS}"
        return f"{name}={token}; {rest}{'; Secure' if is_secure else ''}"

    def renew(self, device_id: int, token: str, *, is_secure: bool = False) -> str | None:
        """The same when it is time to; browsers count a cookie's age from its last header."""
        given = self._given.get(device_id)
        if given is not None and self._clock.now() - given < RENEWAL:
            return None
        return self.write(device_id, token, is_secure=is_secure)
