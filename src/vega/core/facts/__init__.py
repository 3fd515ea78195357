"""What a prompt states about its owner, and what it asks of that: rules for plain English.

The rules are careful rather than clever. They read sentences that are nothing but a statement
("My name is Ana", "Hey Vega, my favorite color is blue now"), never what is quoted, supposed,
asked or handed over to be worked on, because a wrong fact is worse than a missed one.
"""

from vega.core.facts.corrections import read_correction
from vega.core.facts.food import read_food_question
from vega.core.facts.forms import Acquaintance, Correction, Question, Reading, Said, Tense
from vega.core.facts.kin_questions import read_kin_question
from vega.core.facts.known_things import may_be_of_known, read_of_known
from vega.core.facts.matching import ends, is_same_value
from vega.core.facts.questions import asks_who_vega_is, read_question
from vega.core.facts.reading import MAX_PROMPT_CHARS, read_statements
from vega.core.facts.shape import MAX_VALUE_CHARS, MAX_VALUE_WORDS
from vega.core.facts.telling import acknowledge, tell, tell_all

__all__ = [
    "MAX_PROMPT_CHARS",
    "MAX_VALUE_CHARS",
    "MAX_VALUE_WORDS",
    "Acquaintance",
    "Correction",
    "Question",
    "Reading",
    "Said",
    "Tense",
    "acknowledge",
    "asks_who_vega_is",
    "ends",
    "is_same_value",
    "may_be_of_known",
    "read_correction",
    "read_food_question",
    "read_kin_question",
    "read_of_known",
    "read_question",
    "read_statements",
    "tell",
    "tell_all",
]
