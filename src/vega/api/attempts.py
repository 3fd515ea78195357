"""Wrong keys and pairing codes: who brings too many has to wait, and the owner is told.

A right key, a paired browser and the Unix socket never wait, whoever else comes from the same
address: keys are too long to be guessed, so what this bounds is noise. Only so many addresses are
remembered, however many an attacker has.
"""

import asyncio
import ipaddress
import logging
import math
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from starlette.types import Scope

from vega.core.clock import Clock

log = logging.getLogger(__name__)

Kind = Literal["key", "pairing code"]

#: Wrong ones from one address before it has to wait.
FREE_TRIES = 10
#: The first wait; each further one is twice as long, up to the longest.
FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=15)
#: An address that was quiet for so long begins anew.
QUIET = timedelta(hours=1)
#: From all addresses together, within a minute; past it every wrong one has to wait.
MAX_IN_A_MINUTE = 300
MINUTE = timedelta(minutes=1)
#: Addresses that are remembered; the one that was quiet for longest makes room.
MAX_SOURCES = 1_000
#: So many on a day and the day before are worth the owner's attention.
NOTICEABLE = 100
#: Of an IPv6 address a customer, or an attacker, is given as many as they like.
IPV6_PREFIX = 64
#: So often the log says what came meanwhile.
LOG_SECONDS = 60.0
THE_SOCKET = "the Unix socket"
#: Why a request may be refused before any route sees it; for monitors, by the error's code.
REASONS = (
    *("key_missing", "key_wrong", "too_many_tries", "key_needed", "unknown_host"),
    *("foreign_origin", "foreign_user", "malformed_input", "too_large", "too_slow", "crowded"),
)


@dataclass
class _Count:
    """Wrong ones of a day and of the day before."""

    day: date
    today: int = 0
    yesterday: int = 0

    def add(self, day: date) -> None:
        self.turn_to(day)
        self.today += 1

    def turn_to(self, day: date) -> None:
        if day != self.day:
            self.yesterday = self.today if day - self.day == timedelta(days=1) else 0
            self.day, self.today = day, 0

    def total(self, day: date) -> int:
        self.turn_to(day)
        return self.today + self.yesterday


@dataclass
class _Source:
    """One address."""

    count: _Count
    last_at: datetime
    strikes: int = 0
    free_at: datetime | None = None


@dataclass
class _Log:
    """What the log has not been told yet."""

    count: int = 0
    source: str = ""
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)


class Attempts:
    """Counts wrong keys and codes since the start."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sources: OrderedDict[str, _Source] = OrderedDict()
        self._counts: dict[Kind, _Count] = {}
        #: Since the start.
        self.totals: dict[str, int] = {"key": 0, "pairing code": 0}
        #: Requests that were refused since the start, by the error's code.
        self.refusals: Counter[str] = Counter()
        self._minute_at = clock.now()
        self._in_minute = 0
        self._log = _Log()

    def add(self, kind: Kind, source: str) -> int:
        """One more wrong one from there: how many seconds to wait before the next one; 0: none."""
        now = self._clock.now()
        day = self._day(now)
        self.totals[kind] += 1
        self._counts.setdefault(kind, _Count(day)).add(day)
        self._tell(kind, source)
        return max(self._wait_of_one(source, now, day), self._wait_of_all(now))

    def wait_seconds(self, source: str) -> int:
        """How long that address has to wait now, without trying again."""
        now = self._clock.now()
        found = self._sources.get(source)
        until = self._minute_at + MINUTE if self._in_minute > MAX_IN_A_MINUTE else None
        return max(
            _seconds_until(found.free_at if found else None, now), _seconds_until(until, now)
        )

    def notice(self) -> str | None:
        """What the owner should know of them, if anything."""
        day = self._day(self._clock.now())
        counts = {kind: count.total(day) for kind, count in self._counts.items()}
        total = sum(counts.values())
        if total < NOTICEABLE:
            return None
        kinds = " and ".join(
            f"{number:,} wrong {kind}{'' if number == 1 else 's'}"
            for kind, number in counts.items()
            if number
        )
        most, source = max((each.count.total(day), name) for name, each in self._sources.items())
        share = "all of them" if most >= total else f"{most:,} of them"
        return (
            f"{kinds} came since yesterday, {share} from {source}. None of them was let in. It may "
            "be a program of yours with an old key; if it is not, find out who it is."
        )

    def close(self) -> None:
        if self._log.timer is not None:
            self._log.timer.cancel()

    def _day(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self._clock.zone)).date()

    def _wait_of_one(self, name: str, now: datetime, day: date) -> int:
        source = self._sources.pop(name, None) or _Source(_Count(day), now)
        self._sources[name] = source
        if len(self._sources) > MAX_SOURCES:
            self._sources.popitem(last=False)
        source.count.add(day)
        if not timedelta(0) <= now - source.last_at < QUIET:
            source.strikes = 0
        source.last_at = now
        waits = _seconds_until(source.free_at, now)
        if waits:
            return waits
        source.strikes += 1
        over = source.strikes - FREE_TRIES
        if over <= 0:
            return 0
        # Beyond 2^20 the longest is long reached.
        source.free_at = now + min(FIRST_WAIT * 2 ** min(over - 1, 20), LONGEST_WAIT)
        return _seconds_until(source.free_at, now)

    def _wait_of_all(self, now: datetime) -> int:
        if not timedelta(0) <= now - self._minute_at < MINUTE:
            self._minute_at, self._in_minute = now, 0
        self._in_minute += 1
        if self._in_minute <= MAX_IN_A_MINUTE:
            return 0
        return _seconds_until(self._minute_at + MINUTE, now)

    def _tell(self, kind: Kind, source: str) -> None:
        """The first at once, then once a minute how many there were."""
        if self._log.timer is None:
            log.warning("A wrong %s came from %s.", kind, source)
            self._wait_with_log()
            return
        self._log.count += 1
        self._log.source = source

    def _wait_with_log(self) -> None:
        loop = asyncio.get_running_loop()
        self._log = _Log(timer=loop.call_later(LOG_SECONDS, self._tell_rest))

    def _tell_rest(self) -> None:
        rest = self._log
        if not rest.count:
            self._log = _Log()
            return
        log.warning(
            "%s more wrong keys or pairing codes came within %.0f seconds, the last from %s.",
            f"{rest.count:,}",
            LOG_SECONDS,
            rest.source,
        )
        self._wait_with_log()


def source_of(scope: Scope) -> str:
    """Where a request comes from: an address; of IPv6 the network that it is in."""
    host = (scope.get("client") or ("",))[0]
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return THE_SOCKET
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        if not address.is_loopback:
            return str(ipaddress.IPv6Network((address, IPV6_PREFIX), strict=False))
    return str(address)


def _seconds_until(moment: datetime | None, now: datetime) -> int:
    """Rounded up; 0 where it is over, or so far off that the clock was set back."""
    if moment is None or not now < moment <= now + LONGEST_WAIT:
        return 0
    return math.ceil((moment - now).total_seconds())
