"""What a prompt states and asks of its owner's facts, as values."""

from dataclasses import dataclass
from enum import StrEnum

from vega.core.facts.attributes import kind_of
from vega.core.memory import FactKind, Statement


@dataclass(frozen=True, slots=True)
class Said:
    """One statement, and the clause that repeats it to the owner."""

    statement: Statement
    #: In the second person: "your favorite color is blue", "you live in Graz". Empty where another
    #: clause of the sentence tells it: "you are divorced".
    clause: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a prompt states, and whether it says nothing else."""

    said: tuple[Said, ...] = ()
    is_all: bool = False

    @property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(said.statement for said in self.said)


class Tense(StrEnum):
    """Which of an attribute's values is asked for."""

    NOW = "now"
    #: The one that the present one took the place of; with `when`, the one that held then.
    BEFORE = "before"
    #: The very first.
    FIRST = "first"
    #: All that it ever was; with a value, whether it ever was that.
    EVER = "ever"
    #: Whether and when it changed.
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Question:
    """What a prompt asks of the owner's facts."""

    #: None where `all_of` says it; where `is_list`, all that is known is asked for; else what was
    #: spoken of last ("What was it before?").
    attribute: str | None
    #: What may follow "your", in the owner's words: "favourite colour", "dog's name".
    phrase: str
    #: "is" or "are".
    verb: str
    #: "Do you remember …?" wants a yes or no first.
    wants_yes: bool = False
    #: "Is my favorite color blue?", "Do I like hiking?" name a value.
    value: str | None = None
    tense: Tense = Tense.NOW
    #: Whether all values that hold are asked for: "What do I like?".
    is_list: bool = False
    #: The whole kind that is asked for, whatever the attribute: "Do I have any pets?".
    all_of: FactKind | None = None
    #: The words for the time that is asked about: "in March".
    when: str | None = None
    #: The words that name one of that whole kind: "dentist appointment", "flying to Lisbon".
    subject: str | None = None
    #: Attributes that answer it too, where there is none of the first: a spouse is a wife.
    also: tuple[str, ...] = ()

    @property
    def kind(self) -> FactKind | None:
        """None where the attribute is that of what was spoken of last."""
        if self.all_of is not None or self.attribute is None:
            return self.all_of
        return kind_of(self.attribute)


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """What a prompt asks of somebody the owner knows: "How old is Emil?" """

    #: "who", "all", "age", "breed", "birthday", "birthplace", "home", "work", "likes", or another
    #: word for what somebody has: "favorite color".
    sought: str
    #: "sister", "dog"; None where they are named.
    relation: str | None = None
    #: "Emil"; "he", "she" or "they" where they were spoken of last.
    name: str | None = None
    #: "Is Emil seven?", "Does Anna like pink?"
    value: str | None = None

    @property
    def is_pronoun(self) -> bool:
        return self.name in ("he", "she", "they")


@dataclass(frozen=True, slots=True)
class Correction:
    """A new value for what was spoken of last: "No, green", "Actually it's green now"."""

    value: str
    #: Whether the value before was never right ("No, green"), or has only changed ("now").
    was_wrong: bool
