"""Gathers what the past says to a prompt, for a model that is shown it."""

from collections.abc import Sequence
from datetime import datetime

from vega.core.context import Prompt
from vega.core.conversation import CHATTER_ORIGINS, Turn
from vega.core.facts import read_question
from vega.core.findings import Finding, Findings, sources_of, spans_of
from vega.core.life.talk_store import is_talk
from vega.core.live_turns import LiveTurn
from vega.core.lookup import Lookup
from vega.core.privacy import Privacy
from vega.core.recall.relevance import Fit, fit, is_about
from vega.core.recollection import Recalled
from vega.core.replies.asking import read_asking
from vega.core.sent_context import Quotation
from vega.core.store import Store
from vega.core.vocabulary import of
from vega.core.words import STOP_WORDS, words
from vega.llm.base import ModelProfile

#: Of the model's window, what is found may take so much where the prompt asks for the past; and
#: where it only may be of use. More tokens are more seconds to the first word.
ASKED_SHARE, OTHER_SHARE = 0.25, 0.08
MOST_ASKED_TOKENS, MOST_OTHER_TOKENS = 4_000, 800
#: A smaller window is needed for the conversation itself.
LEAST_WINDOW_TOKENS = 1_024
#: More is looked for than there is room for: some of it stands in the recent turns anyway.
SURPLUS = 2
#: "Go on", "yes please", "thanks": nothing of the past is wanted.
_EMPTY_WORDS = of("""
go yes yeah no please thanks thank thx ok okay continue great good nice cool perfect hi hello hey
morning evening night bye sure right really well lol haha
""")
#: For so many of them it is asked whether they are about it.
MOST_TRIED = 24
#: Of a prompt that may not be about the past at all, so many that are or may be about it: whatever
#: else is nearest would be noise.
MOST_OTHER = 6


class Finder:
    """Finds for the prompts of one life."""

    def __init__(self, store: Store, lookup: Lookup) -> None:
        self._store = store
        self._lookup = lookup

    async def find(self, turn: Turn, profile: ModelProfile, now: datetime) -> Findings:
        """What may be quoted to that model; nothing for one that may not be trusted with memory,
        and where the past cannot be told now: an answer without it is better than none."""
        is_asked = _is_of_the_past(turn.prompt)
        budget = _budget(turn, profile, is_asked=is_asked) if profile.is_able else 0
        if not budget:
            return Findings()
        try:
            found = await self._lookup.find(turn, now, budget * SURPLUS)
            if found is None or not found.items:
                return Findings()
            worth = found.items if is_asked else _worth(found.items, turn)
            return Findings(await self._sendable(worth, turn, profile), budget)
        except Exception as exc:  # noqa: BLE001 - whatever it is, somebody waits for an answer
            self._lookup.note_failure(turn.id, exc)
            return Findings()

    async def _sendable(
        self, worth: Sequence[Recalled], turn: Turn, profile: ModelProfile
    ) -> tuple[Finding, ...]:
        """Those of them that this model may be shown."""
        privacy = Privacy() if profile.is_here else await self._store.facts.privacy()
        turns = {
            each.id: each
            for each in await self._store.talk.turns(
                list(dict.fromkeys(item.found.turn_id for item in worth))
            )
        }
        items = [
            (_finding(item, turns[item.found.turn_id], turn, number), turns[item.found.turn_id])
            for number, item in enumerate(worth)
            if item.found.turn_id in turns
            and item.found.turn_id != turn.id
            and _is_sendable(item, turns[item.found.turn_id], privacy)
        ]
        # Chatter only behind the owner's own words.
        items.sort(key=lambda pair: not is_talk(pair[1]))
        return tuple(item for item, _ in items)

    async def sources(
        self, live: LiveTurn, profile: ModelProfile, prompt: Prompt | None
    ) -> tuple[int, ...]:
        """The turns that an able model was given and its answer rests on; else the one whose fact
        it was given for this question."""
        if prompt is None or not profile.is_able:
            return ()
        if sources := sources_of(live.text, prompt.quoted, prompt.recent_ids):
            return sources
        question = read_question(live.turn.prompt)
        fact = await self._store.facts.find(question.attribute or "") if question else None
        return (fact.turn_id,) if fact else ()


def _worth(items: Sequence[Recalled], turn: Turn) -> list[Recalled]:
    """What is worth a model's attention though it is not asked for."""
    near = [
        item
        for item in items[:MOST_TRIED]
        if item.found.turn_id != turn.id and fit(turn.prompt, item) is not Fit.NONE
    ]
    return near[:MOST_OTHER]


def _budget(turn: Turn, profile: ModelProfile, *, is_asked: bool) -> int:
    """Tokens that what is found may take; 0 where it is not worth looking."""
    if turn.origin in CHATTER_ORIGINS or profile.context_tokens < LEAST_WINDOW_TOKENS:
        return 0
    room = profile.context_tokens - profile.answer_tokens
    if is_asked:
        return min(MOST_ASKED_TOKENS, int(room * ASKED_SHARE))
    if not set(words(turn.prompt)) - STOP_WORDS - _EMPTY_WORDS:
        return 0
    return min(MOST_OTHER_TOKENS, int(room * OTHER_SHARE))


def _is_of_the_past(prompt: str) -> bool:
    """Whether it surely asks for what was said, or for what is known of the owner."""
    asking = read_asking(prompt)
    return (asking is not None and asking.is_certain) or read_question(prompt) is not None


def _is_sendable(item: Recalled, said: Turn, privacy: Privacy) -> bool:
    return not privacy.hides_turn(said.id, item.found.text)


def _finding(item: Recalled, said: Turn, turn: Turn, number: int) -> Finding:
    whole = item.found.text
    return Finding(
        quotation=Quotation(said.id, item.found.role, spans_of(item.text, whole)),
        at=said.at,
        zone=said.zone,
        text=whole,
        is_sure=number < MOST_TRIED and is_about(turn.prompt, item),
    )
