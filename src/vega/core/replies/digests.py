"""A time told by its digests: a whole week in seven lines, a year in twelve."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from vega.core.memory import Digest, DigestKind, TimeWindow
from vega.core.replies.quoting import capital
from vega.core.replies.reply import Reply
from vega.core.store import Store
from vega.core.telling.periods import name_of, period_of

#: Digests that one answer tells.
MOST_DIGESTS = 7
#: Of a time that is so long, days say too much, then weeks, then months.
_DIGEST_DAYS = (
    (DigestKind.DAY, 8),
    (DigestKind.WEEK, 45),
    (DigestKind.MONTH, 400),
    (DigestKind.YEAR, 10**6),
)


async def whole_digests(store: Store, window: TimeWindow, zone: str, now: datetime) -> list[Digest]:
    """Those that tell the whole window, oldest first; none where one is missing."""
    there = ZoneInfo(zone)
    first_day = window.start.astimezone(there).date()
    last_day = (window.end - timedelta(microseconds=1)).astimezone(there).date()
    today = now.astimezone(there).date()
    if last_day >= today or window.start.astimezone(there).time().hour:
        # A part of a day has no digest, and today has none yet.
        return []
    days = (last_day - first_day).days + 1
    kind = next(kind for kind, most in _DIGEST_DAYS if days <= most)
    found = await store.digests.find([kind], first_day, last_day, MOST_DIGESTS)
    return found[::-1]


def digested(digests: Sequence[Digest], name: str, count: int) -> Reply:
    """They, told; so often was talked in the time of that name."""
    opening = f"{capital(name)} we talked {count:,} times"
    ids = [each for digest in digests for each in (digest.first_turn_id, digest.last_turn_id)]
    sources = tuple(dict.fromkeys(ids))
    if len(digests) == 1:
        return Reply(f"{opening}. {digests[0].text}", sources)
    lines = (f"- {name_of(period_of(each.kind, each.first_day))}: {each.text}" for each in digests)
    return Reply("\n".join([f"{opening}:", *lines]), sources[:8])
