"""A plain model of a life: turns as they were said, of any text, without tiers."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from hypothesis import strategies as st

from vega.core.conversation import Answer, NewTurn, Turn, TurnStatus
from vega.core.memory import Tier

ENDS = (TurnStatus.COMPLETED, TurnStatus.STOPPED, TurnStatus.FAILED)
ODD_TEXTS = (
    "",
    " ",
    "\n\n",
    "one\u2028two\u2029three\x85four\r\nfive",
    '"quoted", \\ and \'single\' and {"id": 1, "answers": []}',
    '[[1,0,9]]\n{"id":1}\n',
    "\x01\x02\x1b[31m\x7f\ufeff\ufffe",
    "naïve café 東京 🜁 𝔘 \u202eright to left\u202c e\u0301",
    "The train leaves at 07:25. It has 12 carriages. Nobody knows why it is green. " * 9,
    "A long one without any end " * 40,
)
anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300)
texts = st.one_of(st.sampled_from(ODD_TEXTS), anything)
sayable = texts.filter(str.strip)
zones = st.sampled_from(["Europe/Vienna", "Pacific/Kiritimati", "America/Los_Angeles", "UTC"])
#: When something was said, before the present: now, or in an old conversation that is imported.
ages = st.one_of(
    st.just(timedelta(0)),
    st.timedeltas(timedelta(0), timedelta(hours=5)),
    st.timedeltas(timedelta(days=300), timedelta(days=25_000)),
)
jumps = st.sampled_from([{"minutes": 50}, {"hours": 3}, {"days": 1}, {"days": -1}, {"days": 8}])


@dataclass
class Said:
    """A turn as the model knows it."""

    new: NewTurn
    status: TurnStatus = TurnStatus.PENDING
    attempts: int = 0
    interruptions: int = 0
    answers: list[Answer] = field(default_factory=list)
    statuses: dict[int, str] = field(default_factory=dict)

    @property
    def is_answered(self) -> bool:
        return "completed" in self.statuses.values()

    @property
    def size(self) -> int:
        """Of what was said to its end."""
        ended = [answer.text for answer in self.answers if answer.ended_at is not None]
        return sum(len(text.encode()) for text in [self.new.prompt, *ended])

    def best(self) -> Answer | None:
        return max(self.answers, key=lambda each: (self._is_good(each), each.number), default=None)

    def told(self) -> Answer | None:
        """What the context tells of it."""
        good = [
            answer
            for answer in self.answers
            if answer.text and self.statuses[answer.number] in ("completed", "stopped")
        ]
        return good[-1] if good else None

    def _is_good(self, answer: Answer) -> bool:
        status = self.statuses[answer.number]
        return status in ("completed", "writing") or (status == "stopped" and answer.text != "")


def plain(turn: Turn) -> Turn:
    """Without what its tier tells of it, and how often it was tried in vain before it ended."""
    answer = replace(turn.answer, id=0) if turn.answer else None
    found = replace(turn, tier=Tier.FULL, summary=None, answer=answer)
    return replace(found, attempts=0, interruptions=0) if turn.status.is_end else found
