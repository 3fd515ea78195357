"""What kind of question it is: of a time alone, of what was said at a time, or of anything else.

English only, as the times are. Pure.
"""

import re

from vega.core.recall.times import TimeExpression, subject
from vega.core.words import STOP_WORDS, words

#: With these a question speaks of the conversation itself.
_SAYING_WORDS = """
say says said saying tell tells told telling talk talks talked talking discuss discusses
discussed discussing mention mentions mentioned mentioning ask asks asked asking chat chats
chatted chatting speak spoke spoken write wrote written
"""
#: And with these; what is looked for holds none of them.
_TALK_WORDS = """
remember recall remind reminded conversation conversations chat chats question questions message
messages
"""
#: These are no subject either: of "What did we talk about yesterday?" nothing is left but the time.
_NO_SUBJECT_WORDS = """
happen happens happened happening go went gone going thing things
anything something everything stuff topic topics turn turns show list give summarize summarise
summary sum recap
please hi hey hello vega ok okay tell know like get got come came see look back again exactly
quickly everybody much many make made need want let us could would can bring brought today
"""
_SAYING = frozenset(_SAYING_WORDS.split())
_TALK = _SAYING | frozenset(_TALK_WORDS.split())
_NO_SUBJECT = _TALK | frozenset(_NO_SUBJECT_WORDS.split())
#: What a question of that kind begins with, or asks for; "I met Anna yesterday." asks for nothing.
_ASKS = re.compile(
    r"\?|^\W*(?:what|when|who|where|which|how|did|do|have|has|can|could|would|will|please|remind|"
    r"tell|show|list|give|summari[sz]e|recap|sum|repeat|find|hey|vega)\b",
    re.IGNORECASE,
)
_BY_US = re.compile(r"\b(?:i|we|you|us|me|our|my)\b", re.IGNORECASE)
#: Of a longer question its two ends say what it asks for.
MOST_CHARS = 4_000


def ends(text: str, most_chars: int = MOST_CHARS) -> str:
    """The text, or of a longer one its beginning and its end."""
    half = most_chars // 2
    return text if len(text) <= most_chars else f"{text[:half]} {text[-half:]}"


def is_question(text: str) -> bool:
    """Whether something is asked for, as far as its form tells."""
    return bool(_ASKS.search(text))


def sought_words(text: str) -> list[str]:
    """The words by which an answer is looked for: not those that speak of the talk itself ("did I
    tell you"), unless there are no others."""
    found = words(text)
    return _naming(found) or found


def names_something(text: str) -> bool:
    """Whether a question is about anything that could be looked for."""
    return bool(_naming(words(text)))


def _naming(found: list[str]) -> list[str]:
    return [word for word in found if word not in _TALK and word not in STOP_WORDS]


def asks_for_time_alone(text: str, expression: TimeExpression) -> bool:
    """Whether the question is about all that was said then: "What did I ask you this morning?" """
    rest = subject(text, expression)
    left = [word for word in words(rest) if word not in STOP_WORDS and word not in _NO_SUBJECT]
    return not left and is_question(text)


def asks_what_was_said(text: str) -> bool:
    """Whether the question is about what was said, so that its time is the time of the talk: "What
    did I say about the garden yesterday?", not "When does the train go tomorrow?"."""
    found = set(re.findall(r"[a-z]+", text.casefold()))
    return bool(found & _SAYING) and bool(_BY_US.search(text)) and is_question(text)
