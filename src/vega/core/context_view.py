"""What a model saw for an answer, put together again by the functions that made it.

What the owner had forgotten since shows as "[forgotten]", and so does the whole system message
where anything in it was.
"""

from dataclasses import dataclass
from datetime import datetime

from vega.core.context import clip, past_messages, stamped
from vega.core.conversation import Turn
from vega.core.findings import FORGOTTEN, Finding, render
from vega.core.importing import Role
from vega.core.life import records
from vega.core.preamble import DIGESTS_TITLE, FACTS_TITLE, WISHES_TITLE
from vega.core.sent_context import SentContext
from vega.core.store import Store
from vega.errors import ContextNotKept
from vega.llm.base import Role as MessageRole

_TITLES = {WISHES_TITLE: "wishes", FACTS_TITLE: "facts", DIGESTS_TITLE: "digests"}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of one message, by what it is."""

    #: "instructions", "wishes", "facts", "digests", "recent turns", "recall", "prompt", "answer".
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """One message as it was sent."""

    role: MessageRole
    sections: tuple[Section, ...]
    #: Of a recent turn, which it is.
    turn_id: int | None = None


@dataclass(frozen=True, slots=True)
class SeenContext:
    """What was sent for the newest answer of a turn; nothing where the store answered."""

    answer_number: int
    model: str | None
    place: str | None
    at: datetime | None
    messages: tuple[SeenMessage, ...] = ()


async def view(store: Store, turn: Turn) -> SeenContext:
    """Of the turn's newest good answer. Raises ContextNotKept."""
    answer = turn.answer
    if answer is None or answer.ended_at is None:
        raise ContextNotKept(turn.id)
    if answer.model is None:
        return SeenContext(answer.number, None, None, answer.ended_at)
    kept = await store.contexts.find(turn.id, answer.number)
    sent = kept.sent
    messages = [SeenMessage("system", _preamble(sent.preamble))]
    for exchange in await store.contexts.exchanges(sent, (turn.at, turn.id)):
        for message in past_messages(exchange, sent.message_chars):
            section = Section("recent turns", message.content)
            messages.append(SeenMessage(message.role, (section,), exchange.turn_id))
    prompt = stamped(clip(turn.prompt, sent.prompt_chars), turn)
    sections = [Section("prompt", prompt)]
    if sent.findings:
        quoted = render(await _quoted(store, sent))
        sections.insert(0, Section("recall", f"{quoted}\n\n"))
    messages.append(SeenMessage("user", tuple(sections)))
    if sent.part is not None:
        start, end = sent.part
        messages.append(SeenMessage("assistant", (Section("answer", answer.text[start:end]),)))
    return SeenContext(answer.number, kept.model, kept.place, kept.at, tuple(messages))


async def _quoted(store: Store, sent: SentContext) -> list[Finding]:
    originals = await store.contexts.quoted(list(sent.quoted_turn_ids), sent.link)
    found = []
    for quotation in sent.findings:
        if quotation.turn_id not in originals:
            continue
        original, answers = originals[quotation.turn_id]
        text = original.prompt if quotation.role is Role.USER else answers
        zone = original.zone or "UTC"
        found.append(Finding(quotation, records.moment(original.at), zone, text))
    return found


def _preamble(text: str) -> tuple[Section, ...]:
    """The system message by its titles; together the sections are the whole of it."""
    if text == FORGOTTEN:
        return (Section("instructions", text),)
    sections, name, lines = list[Section](), "instructions", list[str]()
    for line in text.splitlines(keepends=True):
        title = _TITLES.get(line.rstrip("\n"))
        if title is not None:
            sections.append(Section(name, "".join(lines)))
            name, lines = title, []
        lines.append(line)
    return (*sections, Section(name, "".join(lines)))
