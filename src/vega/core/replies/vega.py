"""What is asked of Vega itself: "What is your favorite color?" """

import re
from datetime import datetime

from vega.core.facts import read_question
from vega.core.facts.questions import asked_in
from vega.core.replies.known import recollect
from vega.core.replies.reply import Reply
from vega.core.store import Store

_YOURS = re.compile(
    r"(?:and )?(?:what|which|who)(?:'s| is| are) your (?P<favorite>fav(?:ou?rite)?) "
    r"(?P<thing>[\w '-]+)",
    re.IGNORECASE,
)


async def vegas_own(store: Store, prompt: str, now: datetime) -> Reply | None:
    """That it has no favorites, and the owner's where that is known; None for all else."""
    match = _YOURS.fullmatch(asked_in(prompt))
    question = read_question(f"What is my {match['favorite']} {match['thing']}?") if match else None
    if match is None or question is None or question.attribute is None:
        return None
    own = f"I am a program, and have no {match['favorite']} {match['thing']} of my own."
    fact = await store.facts.find(question.attribute)
    if fact is None:
        return Reply(f"{own} What is yours?")
    return Reply(f"{own} {recollect(question, fact, now)}", (fact.turn_id,))
