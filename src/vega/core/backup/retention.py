"""Which of the nightly backups are kept: a rule over their times alone.

The newest of each of the last 7 days, 4 weeks and 12 months of which there is one, by the owner's
calendar. Days, weeks and months without a backup do not count, so a Vega that was switched off for
a year still has what it had.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

#: How many of each span, and which one a local time belongs to.
SPANS: tuple[tuple[int, Callable[[datetime], object]], ...] = (
    (7, lambda local: local.date()),
    (4, lambda local: local.isocalendar()[:2]),
    (12, lambda local: (local.year, local.month)),
)
#: However many nights there were.
MOST_KEPT = sum(count for count, _ in SPANS)


def kept_backups(made_at: Mapping[str, datetime], zone: str) -> set[str]:
    """The names of those that are kept: at most MOST_KEPT, and always the newest."""
    place = ZoneInfo(zone)
    newest_first = sorted(made_at, key=lambda name: (made_at[name], name), reverse=True)
    kept: set[str] = set()
    for count, span_of in SPANS:
        newest: dict[object, str] = {}
        for name in newest_first:
            newest.setdefault(span_of(made_at[name].astimezone(place)), name)
        kept.update(list(newest.values())[:count])
    return kept
