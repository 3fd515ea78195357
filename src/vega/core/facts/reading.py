"""What a prompt states about its owner."""

import re
from dataclasses import replace

from vega.core.facts import (
    dates,
    health,
    introductions,
    naming,
    others,
    partings,
    people,
    places,
    plans,
    possessions,
    preferences,
    relatives,
    tastes,
    work,
)
from vega.core.facts.forms import Reading, Said
from vega.core.facts.guards import (
    ASKS_MORE,
    DOUBT,
    PRIVATE,
    TAKEN_BACK,
    TASK,
    WANTS_MORE,
    asks,
    is_plain,
    is_task,
)
from vega.core.facts.rewording import of_one, reworded
from vega.core.facts.rule import Drawn, Rule
from vega.core.facts.sentences import bare, is_courtesy, sentences
from vega.core.facts.shape import bare_value
from vega.core.facts.wishes import read_wish
from vega.core.patterns import Pattern

#: Longer than this a prompt is a text, and its owner does not introduce themselves in it.
MAX_PROMPT_CHARS = 2_000
#: The first that draws something has a clause, so the narrower families come first.
RULES = (
    *naming.RULES,
    *introductions.RULES,
    *dates.RULES,
    *partings.RULES,
    *relatives.RULES,
    *people.RULES,
    *health.RULES,
    *places.RULES,
    *plans.RULES,
    *others.RULES,
    *possessions.RULES,
    *work.RULES,
    *preferences.RULES,
    *tastes.RULES,
)
#: "I'm allergic to peanuts, can you suggest a snack?": what is asked behind what is stated.
_ASKED_BEHIND = Pattern(
    r"(?:,|;| [-–—])? (?:so |and |but )?(?:(?:can|could|will) you|what|which|how|where|when|who|"
    r"any|"
    r"should i|is there|are there|do you|can i)\b(?! (?:not|do i)\b)[^?]*\?[\s?!]*$",
    re.IGNORECASE,
)
_CALLS = (
    r"(?:please |just |you can |you may )?call me|i'm called|i go by|"
    r"(?:my )?(?:everyone|people|friends) calls? me"
)
_STARTS = (
    r"(?:i|we)(?:'m|'ve| am| have)? (?!think|guess|mean|suppose|believe|hope|know|don't know|"
    r"wonder|"
    r"do\b|did\b|would|could|should|might|was\b|were\b|had\b)[a-z]+ |(?:i'm|we're|i've) (?:[a-z]+)|"
    r"(?:i'm|i am) \d\d\b|"
    r"i can't (?:stand|bear) |our (?:cat|dog|\w+'s|wedding|anniversary|"
    r"children|kids|sons?|daughters?|flight)"
)
_NEXT_STATEMENT = Pattern(
    rf"[,;]?\s(?:and|but|so|&)\s(?:also\s)?(?=(?:my|{_CALLS})\b|{_STARTS})|"
    rf"[,;]\s(?=(?:my|(?:please |just |you can |you may )?call me|i go by|everyone calls me)\b|"
    rf"{_STARTS})",
    re.IGNORECASE,
)

#: In "my wife and I" nothing new is begun.
_BOTH = Pattern(
    r"my \w+(?:,? [A-ZÀ-Þ][\w'-]+,?)? and i\b|"
    r"(?-i:[A-ZÀ-Þ])[\w'-]+ and i (?=(?:got|broke|split|are|have|separated|parted)\b)|"
    r"(?:i'm|i am) (?-i:[A-ZÀ-Þ])[\w'-]*,? and (?:i'm |i am )(?=\d\d\b)",
    re.IGNORECASE,
)
#: "I love hiking and hate cilantro": who hates is not said again.
_TWO_TASTES = Pattern(
    r"^(?P<first>i (?:\w+ly )?(?:(?P<good>like|love|enjoy|adore)|hate|dislike|can't stand|"
    r"don't like) [^,.;]+?),? (?P<joint>and|but) "
    # "I like rock and love songs": only who feels otherwise says so again.
    r"(?=(?(good)(?:hate|dislike|detest|can't stand|don't like)|(?:love|like|enjoy|adore))\b)",
    re.IGNORECASE,
)
#: An e-mail is something to be written, but for this one.
_MY_EMAIL = Pattern(r"^(?:hi|hey|ok|please|note|remember|that|[ ,:!])*my e-?mail\b", re.IGNORECASE)

#: A greeting belongs to the introduction behind it.
_GREETING = Pattern(
    r"^\s*(?P<greeting>(?:hi|hello|hey|(?:good )?(?:morning|afternoon|evening))(?: there| vega)?)"
    r"[!.]\s+(?=i'm |i am |i’m )",
    re.IGNORECASE,
)
_NOT_THAT = Pattern(
    r",? (?:and )?not (?:in |at |for |from |on |called |with |as )?(?P<wrong>(?!any)[\w' "
    r".-]{1,40}?)(?:,? (?:sorry|oops|my bad|my mistake|my apologies))?$",
    re.IGNORECASE,
)
_SECRET = Pattern(r"^your [\w ]*pass(?:word|code|phrase)\b")


def read_statements(prompt: str) -> Reading:
    """What the prompt states about its owner."""
    if len(prompt) > MAX_PROMPT_CHARS:
        return Reading()
    text, is_private = _without_privacy(prompt)
    said: list[Said] = []
    wishes: list[tuple[Said, bool]] = []
    is_all = True
    for sentence in sentences(of_one(_GREETING.sub(r"\g<greeting>, ", text))):
        taken_back = TAKEN_BACK.match(sentence) if said else None
        rest = bare(sentence)
        wish = None if asks(sentence) or _is_quoted(sentence) else read_wish(rest)
        if wish is not None:
            wishes += [(one, wish[1]) for one in wish[0].said]
            continue
        found, is_only = _beside_question(sentence) if asks(sentence) else _read(rest, sentence)
        if not found and is_task(sentence, rest):
            is_all = False
            wishes.clear()
            break
        if is_courtesy(rest):
            continue
        if taken_back and not found:
            said.clear()
            rest = bare(sentence[taken_back.end() :])
            found = [] if asks(sentence) else _read(rest, sentence)[0]
            is_all = False
        said += found
        is_all = is_all and bool(found) and is_only
    # Beside a question or a task, what does not say "always" is meant for its answer alone.
    said += [one for one, is_for_good in wishes if is_for_good or is_all]
    said = [one for at, one in enumerate(said) if one not in said[:at]]
    if is_private:
        said = [replace(one, statement=replace(one.statement, is_private=True)) for one in said]
    return Reading(tuple(said), is_all and bool(said))


def _without_privacy(prompt: str) -> tuple[str, bool]:
    """The prompt without the request to keep it private, and whether there is one."""
    text, count = PRIVATE.subn(". ", prompt.replace("’", "'"))
    return (text.removeprefix(". "), True) if count else (prompt, False)


def _is_quoted(sentence: str) -> bool:
    return sentence.startswith(('"', "“", "'", ">")) or sum(map(sentence.count, '"“”')) % 2 == 1


def _beside_question(sentence: str) -> tuple[list[Said], bool]:
    """What is stated before what is asked; never a name, which is often asked to be confirmed."""
    behind = _ASKED_BEHIND.search(sentence)
    head = sentence[: behind.start()] if behind else ""
    if not head or _is_handed_over(sentence) or not is_plain(head):
        return [], False
    return _statements(bare(head), RULES[len(naming.RULES) :])[0], False


def _read(rest: str, sentence: str) -> tuple[list[Said], bool]:
    """What the bare sentence states; of one that is not plain no more than names."""
    introduced = introductions.introduction(sentence)
    if introduced is not None:
        rest = introduced
    is_open = is_plain(_with(sentence, rest)) and not _is_handed_over(sentence)
    found, is_only = _statements(rest, RULES if is_open else naming.RULES)
    # The mark may be the sentence's or the secret's.
    is_unsure = sentence.endswith("!") and any(_SECRET.search(one.clause) for one in found)
    return ([], False) if is_unsure else (found, is_only)


def _with(sentence: str, rest: str) -> str:
    """The sentence in the words that the rules are made for, its greeting and doubts included."""
    at = sentence.find(rest)
    return f"{sentence[:at]}{reworded(rest)}{sentence[at + len(rest) :]}" if at >= 0 else sentence


def _is_handed_over(sentence: str) -> bool:
    return is_task(_MY_EMAIL.sub("my address", sentence), bare(sentence))


def _statements(rest: str, rules: tuple[Rule, ...]) -> tuple[list[Said], bool]:
    """The statements that the words hold, and whether nothing more is asked behind them.

    Names stand at the beginning; the others behind any clause, as in "I'm lost, and I live in …".
    """
    rest = _TWO_TASTES.sub(r"\g<first> \g<joint> I ", reworded(rest))
    found: list[Said] = []
    is_only = True
    while rest:
        both = _BOTH.match(rest)
        following = _NEXT_STATEMENT.search(rest, both.end() if both else 0)
        clause = rest[: following.start()] if following else rest
        drawn = _drawn(rules, clause)
        if drawn is None:
            if found and (TASK.search(rest) or DOUBT.search(rest.lower())):
                return [], False
            is_only = is_only and not ASKS_MORE.search(rest) and not WANTS_MORE.search(rest)
            if following is None or rules is naming.RULES:
                return found, is_only
            rules = RULES[len(naming.RULES) :]
            is_only = False
        elif TASK.search(drawn.tail):
            # The sentence itself is what is to be worked on.
            return [], False
        else:
            is_only = is_only and drawn.is_all and not ASKS_MORE.search(drawn.tail)
            found += drawn.said
        rest = rest[following.end() :] if following else ""
    return found, is_only


def _drawn(rules: tuple[Rule, ...], clause: str) -> Drawn | None:
    """What the first rule that fits draws from the clause."""
    for rule in rules:
        match = rule.pattern.fullmatch(clause)
        drawn = rule.draw(match) if match else None
        if drawn is not None:
            return _in_place(drawn, clause)
    return None


def _in_place(drawn: Drawn, clause: str) -> Drawn:
    """With the value that is put right: "my dog is called Brutus, not Bruno"."""
    wrong = _NOT_THAT.search(clause)
    if wrong is None or len(drawn.said) != 1 or drawn.said[0].statement.is_over:
        return drawn
    said = drawn.said[0]
    statement = replace(said.statement, instead_of=bare_value(wrong["wrong"]))
    return replace(drawn, said=(replace(said, statement=statement),))
