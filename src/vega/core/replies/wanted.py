"""What a prompt asks of the past, as a value."""

from dataclasses import dataclass
from enum import Enum

from vega.core.importing import Role


class Wanted(Enum):
    """What is asked for."""

    #: What the owner asked or said in a time: "What did I ask you this morning?"
    PROMPTS = "prompts"
    #: What was talked about in a time: "What did we talk about yesterday?"
    TALK = "talk"
    #: The very first words: "When did we first talk?"
    FIRST = "first"
    #: The owner's last words before these, Vega's last answer, or when that was.
    LAST = "last"
    LAST_ANSWER = "last answer"
    LAST_TIME = "last time"
    #: One by its place among those of a time: "What was my first question today?"
    NTH = "nth"
    #: How often something was said: "How many questions did I ask you today?"
    COUNT = "count"
    #: "What's on my schedule today?"
    SCHEDULE = "schedule"
    #: "What did I want to be reminded of?"
    REMINDERS = "reminders"
    #: "What do you know about me?"
    OWNER = "owner"
    #: What was said about something, or when.
    PASSAGE = "passage"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Asking:
    """What a prompt asks of the past."""

    wanted: Wanted
    #: Whether it cannot be about the world.
    is_certain: bool = True
    #: Whose words are asked for; None: whoever said them.
    voice: Role | None = None
    #: "What did I ask?", and not "say".
    is_of_questions: bool = False
    #: "When did I first …?"
    is_first: bool = False
    #: "How long have we …?", and not "when".
    is_how_long: bool = False
    #: Its place in time among others: from 1 on, or from -1 back; 0 where none is named.
    place: int = 0
    #: How many are asked for; 0 where no number is named.
    most: int = 0
    #: What is counted, or was spoken of: "bees".
    subject: str = ""
    #: The days are counted on which something was said, and not what was said.
    is_of_days: bool = False
    #: Whether a time is named: then what was said at any other is no answer.
    names_time: bool = False
    #: The same in words of which the time can be read: "Recap my week" is of "this week".
    restated: str = ""
