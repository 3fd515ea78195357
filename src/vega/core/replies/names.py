"""Who or what a name is, which the world may know too: "Who is Queen Victoria?"."""

import re
from collections.abc import Iterable

from vega.core.conversation import Turn

_OF_A_NAME = re.compile(
    r"(?P<asks>who|what|where)(?:'s| is| was) (?P<name>(?!(?:the|a|an|my|our|your|his|her|their|"
    r"this|that|it|he|she|\w+ing)\b)[^\W\d_][\w.-]*(?: "
    r"(?!\w+ing\b|(?:in|at|to|from|of|on|for|with|by|about|and|the|an?|my|our|now|again|today|"
    r"tomorrow|right)\b)"
    r"[^\W\d_][\w.-]*){0,3})"
    r"(?: (?:right )?(?:now|again|today))?[ ?!.]*",
    re.IGNORECASE,
)
_PLACED = (
    r"\W(?:.{0,40}\W)?(?:in|at|on|to|near|from|under|behind|inside|next to|home|here|there|with|"
    r"abroad|away|upstairs|downstairs)\b"
)


def asked_name(prompt: str) -> re.Pattern[str] | None:
    """What tells of the name that a question asks about and of nothing else: the whole name, and
    where that is if it is asked for. None for any other prompt."""
    asked = _OF_A_NAME.fullmatch(prompt.strip())
    if asked is None:
        return None
    name = r"\W+".join(re.escape(word) for word in asked["name"].split())
    placed = _PLACED if asked["asks"].lower() == "where" else ""
    return re.compile(rf"\b{name}\b{placed}", re.IGNORECASE)


def tells_of(name: re.Pattern[str], turns: Iterable[Turn]) -> bool:
    """Whether one of the turns does."""
    return any(name.search(text) for each in turns for text in (each.prompt, each.response or ""))
