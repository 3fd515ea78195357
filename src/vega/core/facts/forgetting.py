"""What a prompt wants forgotten: "Forget that I like jazz", "Please delete my birthday"."""

import re

from vega.core.facts.reading import MAX_PROMPT_CHARS
from vega.core.facts.sentences import only_sentence
from vega.core.patterns import Pattern

_PLEASE = (
    r"(?:please |just |now |vega,? |(?:can|could|will|would) you (?:please )?(?:just )?|"
    r"i(?:'d| would) like you to |i (?:want|need) you to |you (?:can|may|should|must) (?:now )?)*"
)
_DEEDS = r"(?:forget|unlearn|stop remembering|no longer remember|don't remember|do not remember)"
#: These are said of much else, too: only of what Vega keeps they are meant so.
_ERASE = r"(?:delete|erase|remove|wipe|clear|drop)"
_KEPT = (
    r"(?: (?:from|out of) (?:your |the )?(?:memory|memories|mind|records?|database|storage|notes|"
    r"facts?))"
)
_TOLD = (
    r"(?:(?:the fact )?that (?:i (?:said|told you|mentioned)(?: that)? )?|(?:all|everything|"
    r"anything|"
    r"what|whatever)(?: that)? (?:i(?:'ve| have)? (?:ever )?(?:said|told you|mentioned|"
    r"asked(?: you)?)|"
    r"you (?:know|remember|have|learned|stored)|we (?:said|talked|discussed))(?: (?:about|of|on))?"
    r"(?: |$)|(?:all |everything )?about )"
)
_FORGET = (
    Pattern(rf"{_PLEASE}{_DEEDS} (?:{_TOLD})?(?P<what>.*?){_KEPT}?", re.IGNORECASE),
    Pattern(rf"{_PLEASE}{_ERASE} (?:{_TOLD})?(?P<what>.*?){_KEPT}", re.IGNORECASE),
    Pattern(rf"{_PLEASE}{_ERASE} {_TOLD}(?P<what>.*?){_KEPT}?", re.IGNORECASE),
)
#: Said of what was just said, or to oneself: nothing that was kept is named.
_NOT_KEPT = Pattern(
    r"(?:about )?(?:it|that|this|them|him|her|me|to .+|how .+|what (?:i just )?.{0,12}|(?:the|"
    r"your) "
    r"(?:previous|last|above|prior|earlier|rest|first) .*|(?:all )?(?:your |the |previous |prior )*"
    r"(?:instructions?|prompts?|rules?|system prompt|guidelines|question|answer)\b.*|"
    r".*\b(?:for now|"
    r"for a (?:moment|minute|second)|then)|not|the .+ing|everything|all|all of (?:it|that))",
    re.IGNORECASE,
)
_HEARD = Pattern(r"^(?:my|our|the|an?) ", re.IGNORECASE)
#: So much does nobody want gone who says it in a sentence.
MAX_WORDS = 14


def read_forgetting(prompt: str) -> str | None:
    """What is to be forgotten, in the owner's words: "I like jazz", "my birthday"; None where the
    prompt wants nothing forgotten."""
    if len(prompt) > MAX_PROMPT_CHARS or "?" in prompt.rstrip("?! ."):
        return None
    rest = only_sentence(prompt)
    for pattern in _FORGET:
        match = pattern.fullmatch(rest)
        if match is None:
            continue
        what = match["what"].strip(" \"'“”.,!")
        is_kept = 0 < len(what.split()) <= MAX_WORDS and not _NOT_KEPT.fullmatch(what)
        return what if is_kept else None
    return None


def phrase_to_forget(what: str) -> str:
    """The words by which it is looked for: "birthday" of "my birthday"."""
    return _HEARD.sub("", what)
