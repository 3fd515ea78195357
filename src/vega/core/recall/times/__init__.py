"""When a question speaks of: "this morning", "in March", "before my trip in June". English only.

Pure: relative to a moment that is given, without a store. What it declines, and how wide vague
words are, stands in docs/recall.md.
"""

from vega.core.recall.times.impossible import Impossible, read_impossible, wrong_weekday
from vega.core.recall.times.reading import is_future, read_time, subject, told_time
from vega.core.recall.times.values import (
    EARLIEST,
    Anchor,
    ElapsedSpan,
    FirstTalk,
    LocalSpan,
    Meaning,
    TimeExpression,
)
from vega.core.recall.times.windows import around, resolve

__all__ = [
    "EARLIEST",
    "Anchor",
    "ElapsedSpan",
    "FirstTalk",
    "Impossible",
    "LocalSpan",
    "Meaning",
    "TimeExpression",
    "around",
    "is_future",
    "read_impossible",
    "read_time",
    "resolve",
    "subject",
    "told_time",
    "wrong_weekday",
]
