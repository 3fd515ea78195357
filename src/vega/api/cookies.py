"""The cookie of a paired browser.

Browsers send a cookie to every port of a machine, so its name is this life's own: two lives do not
overwrite each other's.
"""

from datetime import datetime, timedelta

from starlette.datastructures import Headers

from vega.core.clock import Clock

#: 400 days, which is as long as browsers keep a cookie (RFC 6265bis).
MAX_AGE_SECONDS = 34_560_000
#: A browser that comes every day has its cookie's age begun anew so often.
RENEWAL = timedelta(days=1)
#: Whatever listens on another port of this machine may set cookies by the same name, which come
#: along. More than these are not looked at.
MAX_VALUES = 16


class Cookies:
    """Reads and writes the cookie, for one life."""

    def __init__(self, session_id: str, clock: Clock) -> None:
        self.name = f"vega_{session_id.rpartition('-')[2]}"
        self._clock = clock
        #: When each device was last given its cookie; anew with each start.
        self._given: dict[int, datetime] = {}

    def read(self, headers: Headers) -> list[str]:
        """Every value that the request has for it."""
        pairs = (pair.partition("=") for pair in headers.get("cookie", "").split(";"))
        return [value.strip() for name, _, value in pairs if name.strip() == self.name][:MAX_VALUES]

    def write(self, device_id: int, token: str) -> str:
        """The Set-Cookie header that gives the device its token."""
        self._given[device_id] = self._clock.now()
        return f"{self.name}={token}; HttpOnly; SameSite=Strict; Path=/; Max-Age={MAX_AGE_SECONDS}"

    def renew(self, device_id: int, token: str) -> str | None:
        """The same when it is time to; browsers count a cookie's age from its last header."""
        given = self._given.get(device_id)
        if given is not None and self._clock.now() - given < RENEWAL:
            return None
        return self.write(device_id, token)
