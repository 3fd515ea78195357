"""Lets a model write one answer: its prompt, its pieces, its end mark.

Which model it is, and what becomes of an attempt that fails, is the assistant's to say.
"""

import asyncio
from contextlib import aclosing
from dataclasses import replace

from vega.core.clock import Clock
from vega.core.context import Context, Prompt
from vega.core.findings import Findings
from vega.core.live_turns import LiveTurn
from vega.core.store import Store
from vega.core.tokens import TokenCounter
from vega.errors import AttemptFailed
from vega.llm.base import Chosen, Ending, ModelProfile

SAVE_INTERVAL_SECONDS = 1.0
#: Of one token, on an answer's average: a server that knows no limit is stopped here.
MOST_CHARS_PER_TOKEN = 64
#: Behind an answer that reached its longest length: it does not pretend to be whole.
CUT_OFF = " …"


class Writer:
    """Writes the answers of one life, one at a time."""

    def __init__(self, store: Store, context: Context, clock: Clock) -> None:
        self._store = store
        self._context = context
        self._clock = clock
        #: What was learnt of each model, by its name and place.
        self._counters: dict[tuple[str, str], TokenCounter] = {}
        #: What the model was last sent.
        self.prompt: Prompt | None = None
        #: The turn that was last written at, and by which model.
        self._last: tuple[int, tuple[str, str]] | None = None

    def narrow(self) -> None:
        """The last prompt did not fit: build smaller ones from now on."""
        self._context.narrow()

    def forget_counts(self) -> None:
        """Let go of how many tokens the texts of the life are; they are counted anew."""
        for counter in self._counters.values():
            counter.forget()

    def goes_on(self, live: LiveTurn, profile: ModelProfile) -> bool:
        """Whether the model may go on with the text that there is, and not begin anew: it can,
        and no other is known to have written it."""
        turn_id, writer = self._last or (0, None)
        is_anothers = turn_id == live.turn.id and writer != _known_by(profile)
        return profile.can_continue and not is_anothers

    async def write(
        self, live: LiveTurn, chosen: Chosen, opening: str, findings: Findings | None = None
    ) -> Ending:
        """Lets the model speak into the live turn behind the opening, which is not the model's;
        saves about once a second. Raises ModelError."""
        self.prompt = None
        profile = chosen.profile
        self._last = live.turn.id, _known_by(profile)
        tokens = self._counter(chosen)
        part = live.text.removeprefix(opening)
        # Nobody sees a piece of an attempt that is not on the disk.
        prompt, _ = await asyncio.gather(
            self._context.build(live.turn, profile, tokens, part, findings),
            self._store.begin_attempt(live.turn.id, live.generation, live.text, self._clock.now()),
        )
        self.prompt = _behind(prompt, opening)
        loop = asyncio.get_running_loop()
        saved_at, received = loop.time(), 0
        stream = chosen.connector.stream(prompt.messages, prompt.max_tokens)
        async with aclosing(stream) as items:
            async for item in items:
                if isinstance(item, Ending):
                    if item.prompt_tokens:
                        sent = sum(len(message.content.encode()) for message in prompt.messages)
                        tokens.learn(sent, item.prompt_tokens)
                    if len(live.text) == len(opening):
                        raise AttemptFailed("The model answered nothing.")
                    if item.completion_tokens and not opening and not part:
                        tokens.remember(live.text, item.completion_tokens)
                    if item.reason == "length":
                        live.add(CUT_OFF)
                    return item
                live.add(item if len(live.text) > len(opening) else item.lstrip())
                received += len(item)
                if received > profile.answer_tokens * MOST_CHARS_PER_TOKEN:
                    if len(live.text) == len(opening):
                        raise AttemptFailed("The model answered nothing but space.")
                    live.add(CUT_OFF)
                    return Ending("length")
                if loop.time() - saved_at >= SAVE_INTERVAL_SECONDS:
                    saved_at = loop.time()
                    await self._store.save_part(live.turn.id, live.generation, live.text)
        raise AttemptFailed("The model's stream ended without its end mark.")

    def _counter(self, chosen: Chosen) -> TokenCounter:
        known_by = _known_by(chosen.profile)
        counter = self._counters.setdefault(known_by, TokenCounter(chosen.connector))
        counter.connector = chosen.connector
        return counter


def _behind(prompt: Prompt, opening: str) -> Prompt:
    """The prompt, with the part that was to be continued by its place in the whole answer."""
    if prompt.sent.part is None or not opening:
        return prompt
    start, end = (each + len(opening) for each in prompt.sent.part)
    return replace(prompt, sent=replace(prompt.sent, part=(start, end)))


def _known_by(profile: ModelProfile) -> tuple[str, str]:
    return profile.name, profile.place
