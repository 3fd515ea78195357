"""Clauses that tell a fact to its owner: "you live in Graz", "your dog was called Rex"."""

import re
from enum import StrEnum

from vega.core.facts import attributes
from vega.core.patterns import Pattern
from vega.core.vocabulary import of


class Time(StrEnum):
    """When what the clause tells is so."""

    NOW = "now"
    #: It was so, and something else took its place.
    PAST = "past"
    #: The owner says that it ends.
    OVER = "over"


_TEMPLATES = {
    "like": ("you like {}", "you liked {}", "you no longer like {}"),
    "dislike": ("you don't like {}", "you didn't like {}", "you no longer dislike {}"),
    "nickname": ("you go by {}", "you went by {}", "you no longer go by {}"),
    "home": ("you live in {}", "you lived in {}", "you no longer live in {}"),
    "hometown": ("you come from {}", "you came from {}", "you don't come from {}"),
    "birthplace": ("you were born in {}",) * 2 + ("you were not born in {}",),
    "birth year": ("you were born in {}",) * 2 + ("you were not born in {}",),
    "employer": ("you work at {}", "you worked at {}", "you no longer work at {}"),
    "studies": ("you study {}", "you studied {}", "you no longer study {}"),
    "spouse": ("you are married to {}", "you were married to {}", "you are not married to {}"),
    "possession": ("you have {}", "you had {}", "you no longer have {}"),
    "age": ("you are {} years old", "you were {} years old", "you are not {} years old"),
    "instrument": ("you play {}", "you played {}", "you no longer play {}"),
    "game": ("you play {}", "you played {}", "you no longer play {}"),
    "workplace": ("you work {}", "you worked {}", "you no longer work {}"),
    "intolerance": (
        "you are {} intolerant",
        "you were {} intolerant",
        "you are no longer {} intolerant",
    ),
    "medication": ("you take {}", "you took {}", "you no longer take {}"),
    "does not eat": ("you don't eat {}", "you didn't eat {}", "you eat {} again"),
    "does not drink": ("you don't drink {}", "you didn't drink {}", "you drink {} again"),
    "habit": ("your habit is {}", "your habit was {}", "you quit {}"),
    "language": ("you speak {}", "you spoke {}", "you no longer speak {}"),
}
#: Of somebody else.
_OTHERS = {
    "employer": ("works at {}", "worked at {}", "no longer works at {}"),
    "home": ("lives in {}", "lived in {}", "no longer lives in {}"),
    "age": ("is {} years old", "was {} years old", "is not {} years old"),
    "job": ("is {}", "was {}", "is no longer {}"),
    "breed": ("is {}", "was {}", "is not {}"),
}
_ARE = ("you are {}", "you were {}", "you are no longer {}")
_EAT = ("you eat {}", "you ate {}", "you no longer eat {}")
_HAVE = ("you have {}", "you had {}", "you no longer have {}")
_CONDITIONS_ONE_IS = Pattern(r".*(?:ic|[- ]blind|blind|deaf)", re.IGNORECASE)
_DIETS_ONE_IS = of("vegetarian vegan pescatarian flexitarian fruitarian omnivore")
_ACRONYMS = Pattern(r"\b(?:pin|iban|bic|tv|pc|id|wlan|ssid|puk)\b")
#: What is owed to the owner's voice when it is told back to them.
_PERSONS = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "i'm": "you're",
    "i've": "you've", "you": "I", "your": "my", "yours": "mine", "yourself": "myself",
    "am": "are", "you're": "I'm",
}  # fmt: skip


def clause_of(attribute: str, value: str, time: Time = Time.NOW) -> str:
    """A clause in the second person, without end mark, that begins in lower case."""
    at = list(Time).index(time)
    if attribute == "wish":
        return _wish(value, time)
    if attribute == "plan":
        return _plan(value, time)
    if attribute == "appointment":
        return _appointment(value, at)
    if "'s " in attribute:
        return _of_another(attribute, value, at)
    if attribute == "marital status":
        return _ARE[at].format(value)
    if attribute == "preference":
        prefer = ("you prefer ", "you preferred ", "you no longer prefer ")
        return prefer[at] + _of_owner(value)
    if attribute == "job":
        return _job(value, at)
    if attribute in _TEMPLATES:
        return _TEMPLATES[attribute][at].format(value)
    if attribute == "allergy":
        return _allergy(value, at)
    if attribute == "diet":
        return (_ARE if value.casefold() in _DIETS_ONE_IS else _EAT)[at].format(value)
    if attribute == "condition":
        return (_ARE if _CONDITIONS_ONE_IS.fullmatch(value) else _HAVE)[at].format(value)
    if attribute in attributes.PETS and _is_kind(value, attribute):
        return _HAVE[at].format(with_article(value))
    if attribute in attributes.COUNTED:
        return _HAVE[at].format(value)
    if attribute in attributes.RELATIONS or attribute in attributes.PETS:
        called = ("your {0} is called {1}", "your {0} was called {1}", "{1} is no longer your {0}")
        gone = "you no longer have your {0} {1}"
        is_gone = time is Time.OVER and attribute in attributes.PETS
        return (gone if is_gone else called[at]).format(attribute, value)
    if attribute in attributes.OWN_THINGS and time is Time.OVER:
        return f"you no longer have your {attribute}"
    verb = ("is", "was", "is no longer")[at]
    return f"your {_ACRONYMS.sub(_upper, attribute)} {verb} {value}"


def _of_another(attribute: str, value: str, at: int) -> str:
    """ "Your wife works at Bosch", "Emil is 7 years old", "your sister's birthday is 3 May"."""
    who, what = attribute.split("'s ", maxsplit=1)
    who = who if who[0].isupper() else f"your {who}"
    is_one_of = with_article(value) if what in ("job", "breed") else value
    if what in _OTHERS:
        return f"{who} {_OTHERS[what][at].format(is_one_of)}"
    return f"{who}'s {what} {('is', 'was', 'is no longer')[at]} {value}"


def with_article(value: str) -> str:
    """The noun as one of its kind: "a nurse", "an electrician"; other words as they are."""
    if not _is_bare(value):
        return value
    first = value.split()[0]
    by_letter = first.isupper() and len(first) > 1
    sounds = "AEFHILMNORSX" if by_letter else "aeiouAEIOU"
    is_vowel = first[0] in sounds and not re.match(r"(?i:uni|eu|use|one\b|ut[ie])", first)
    return f"{'an' if is_vowel or re.match(r'(?i:hour|honest|heir)', first) else 'a'} {value}"


def to_owner(text: str) -> str:
    """The owner's words as they are said back: "call me by my name" to "call you by your name"."""
    parts = re.split(r"([^\w']+)", text)
    return "".join(_PERSONS.get(part.lower(), part) for part in parts)


def _of_owner(text: str) -> str:
    """As `to_owner`; what is theirs and their family's is not Vega's: "our wedding"."""
    said = to_owner(text)
    return re.sub(r"\b(?:o|(O))ur(s?)\b", lambda at: f"{'Y' if at[1] else 'y'}our{at[2]}", said)


def _is_bare(value: str) -> bool:
    return not re.match(
        r"(?i:an?|the|my|our|some|one|two|three|four|five|six|seven|eight|nine|ten|many|several|"
        r"\d+)\b",
        value,
    )


def _is_kind(value: str, attribute: str) -> bool:
    """Whether the value tells what animals there are, and not how one is called."""
    last = value.casefold().split()[-1]
    return attributes.singular_relation(last) == attribute


def _upper(match: re.Match[str]) -> str:
    return match.group().upper()


def _job(value: str, at: int) -> str:
    if value.casefold() == "job":
        return ("you have a job", "you had a job", "you no longer have your job")[at]
    if value.casefold() == "retired":
        return _ARE[at].format(value)
    if value.split()[0].endswith("ing"):
        return ("your job is {}", "your job was {}", "your job is no longer {}")[at].format(value)
    return _ARE[at].format(with_article(value))


def _allergy(value: str, at: int) -> str:
    if value.casefold().endswith("allergy"):
        return _HAVE[at].format(with_article(value))
    to = ("you are allergic to {}", "you were allergic to {}", "you are no longer allergic to {}")
    return to[at].format(value)


def _plan(value: str, time: Time) -> str:
    first = value.split()[0].lower()
    if first.endswith("ing"):
        return {Time.NOW: "you are ", Time.PAST: "you were ", Time.OVER: "you are not "}[
            time
        ] + _of_owner(value)
    plan = {Time.NOW: "you plan", Time.PAST: "you planned", Time.OVER: "you no longer plan"}[time]
    is_thing = first in ("a", "an", "the", "my", "our")
    return f"{plan} {_of_owner(value)}" if is_thing else f"{plan} to {_of_owner(value)}"


def _appointment(value: str, at: int) -> str:
    """ "You have an exam on Friday", "your flight leaves at 7:40 on Sunday"."""
    said = _of_owner(value)
    is_told = re.match(r"(?i:your) ", said) and _WHEN_IT_IS.search(said)
    if not is_told:
        return _HAVE[at].format(said)
    said = said[0].lower() + said[1:]
    if at == 0:
        return said
    verb = is_told.group(1).strip(" ,").lower()
    if verb in ("'s", "is"):
        then = ("", " was", " is no longer")[at]
    else:
        then = ("", f" was to {_BASES[verb]}", f" no longer {verb}")[at]
    return said[: is_told.start()] + then + said[is_told.end() :]


_BASES = {
    "starts": "start", "begins": "begin", "leaves": "leave", "departs": "depart",
    "takes off": "take off", "lands": "land", "arrives": "arrive",
}  # fmt: skip
#: Where an event is told by when it begins.
_WHEN_IT_IS = Pattern(
    rf"('s|,? (?:is|{'|'.join(_BASES)}))(?= (?:on|at|next|this|in|the|over|for|today|tomorrow|"
    r"\w+day)\b)",
    re.IGNORECASE,
)


def _wish(value: str, time: Time) -> str:
    said = to_owner(value[0].lower() + value[1:])
    wants = {Time.NOW: "want", Time.PAST: "wanted", Time.OVER: "no longer want"}[time]
    refusal = re.match(r"(?:please )?(?:don't|do not|avoid|stop)( ever)? ", said)
    if refusal:
        rest = said[refusal.end() :]
        if said.startswith(("avoid", "stop")):
            return f"you {wants} me to {said}"
        return f"you {wants} me {'never' if refusal.group(1) else 'not'} to {rest}"
    return f"you {wants} me to {said}"
