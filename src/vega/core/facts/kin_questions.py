"""What is asked of somebody the owner knows: "How old is Emil?", "When is my sister's birthday?".

Whether the owner ever spoke of an Emil, only the store knows.
"""

import re

from vega.core import vocabulary as en
from vega.core.facts.attributes import OTHER_WORDS, PETS, RELATIONS, singular_relation
from vega.core.facts.forms import Acquaintance
from vega.core.facts.others import TOLD
from vega.core.facts.reading import MAX_PROMPT_CHARS
from vega.core.facts.rule import any_of
from vega.core.facts.sentences import only_sentence
from vega.core.facts.wording import as_meant
from vega.core.patterns import Pattern

_ONE = any_of(RELATIONS | PETS | set(OTHER_WORDS))
_SORT = r"(?:(?:older|younger|eldest|oldest|youngest|little|big|twin) )?"
_NAME = r"(?!(?:my|our|your|his|her|their|the|an?|it|that|this|i|you|we)\b)[^\W\d_][\w-]*"
_SECOND = (
    r"(?!(?:again|now|please|exactly|currently|to|in|of|at|on|the|is|an?|like|know)\b)"
    r"[^\W\d_][\w-]*"
)
#: A relation or a pet, a name of one or two words, or who was spoken of last.
_SUBJECT = (
    rf"(?:(?:my|our) {_SORT}(?P<relation>{_ONE})(?: (?P<named>(?-i:[A-ZÀ-Þ])[\w-]+))?|"
    rf"(?P<pronoun>he|she|they|him|her|them)|(?P<name>{_NAME}(?: {_SECOND})?))"
)
#: Of whom something is: "my sister's", "Emil's", "her".
_WHOSE = (
    rf"(?:(?:my|our) {_SORT}(?P<relation>{_ONE})(?: (?P<named>(?-i:[A-ZÀ-Þ])[\w-]+))?'s|"
    rf"(?P<pronoun>his|her|their)|(?P<name>{_NAME}(?: {_SECOND})?)'s?)"
)
_LIKES = r"(?:like|love|enjoy|prefer)"
_IS = r"(?:'s| is| are| was)"
_FAVORITE = r"(?P<thing>fav(?:ou?rite)? [\w '-]+?)"
_HAS = rf"(?P<has>{TOLD}|hobby|hobbies|hair colou?r|eye colou?r|nickname|surname|last name)"


def _compiled(asked: str) -> Pattern:
    """The pattern with its groups told apart: "name", "name_", "name__"."""
    seen: dict[str, int] = {}

    def unlike(match: re.Match[str]) -> str:
        name = match[1].rstrip("_")
        seen[name] = seen.get(name, -1) + 1
        return f"(?P<{name}{'_' * seen[name]}>"

    end = r"(?: (?:again|now|please|exactly|currently))*"
    return Pattern(f"(?:{re.sub(r'[(][?]P<([a-z_]+)>', unlike, asked)}){end}", re.IGNORECASE)


_ASKED = (
    ("who", rf"who(?:'s| is| was| are) {_SUBJECT}(?: to me)?|do (?:i|you) know who {_SUBJECT} is"),
    ("all", rf"do (?:you|i) know {_SUBJECT}|what (?:do|did) you know (?:about|of) {_SUBJECT}|"
            rf"(?:tell me )?about {_SUBJECT}|"
            rf"tell me (?:everything|more|something) about {_SUBJECT}|"
            rf"what happened (?:to|with) {_SUBJECT}"),
    ("kind", rf"is (?P<name>{_NAME}) an? (?P<value>{any_of(PETS)})"),
    ("alive", rf"is {_SUBJECT} (?:still )?(?:alive|dead|around|living)|"
              rf"(?:did|has) {_SUBJECT} (?:die|died|pass away|passed away)|"
              rf"when did {_SUBJECT} (?:die|pass away)"),
    ("age", rf"how old(?:'s| is| was| are) {_SUBJECT}|(?:what{_IS} )?{_WHOSE} age|"
            rf"(?:is|are) {_SUBJECT} (?P<value>\d+)(?: years old)?"),
    ("breed", rf"(?:what|which) (?:breed|kind|sort|type|race)(?: of (?:{any_of(PETS)}|animal|pet))?"
              rf"(?:'s| is| was) {_SUBJECT}|what{_IS} {_WHOSE} (?:breed|race)|"
              rf"what (?:breed|kind|sort|type)(?: of \w+)? (?:does|do) {_SUBJECT} belong to"),
    ("birthday", rf"(?:when|what)(?:{_IS})? {_WHOSE} (?:birthday|date of birth|birth date)|"
                 rf"when (?:was|is) {_SUBJECT} born|"
                 rf"(?:do you know )?(?:when )?{_WHOSE} birthday(?: is)?"),
    ("birthplace", rf"where (?:was|is) {_SUBJECT} born"),
    ("home", rf"where (?:does|do|did) {_SUBJECT} live|where(?:'s| is) {_SUBJECT} from|"
             rf"(?:what|which) (?:city|town|country) (?:does|do) {_SUBJECT} live in|"
             rf"(?:does|do) {_SUBJECT} live in (?P<value>[\w '-]+)"),
    ("work", rf"where (?:does|do|did) {_SUBJECT} work|who (?:does|do) {_SUBJECT} work for|"
             rf"what (?:does|do) {_SUBJECT} (?:do(?: for a living| for work)?|work as)|"
             rf"what{_IS} {_WHOSE} (?:job|profession|occupation)|"
             rf"(?:does|do) {_SUBJECT} work (?:at|for|as) (?:an? )?(?P<value>[\w '-]+)"),
    ("likes", rf"what (?:does|do) {_SUBJECT} {_LIKES}(?: to do)?|"
              rf"(?:does|do) {_SUBJECT} (?:really )?{_LIKES} (?P<value>[\w '-]+)"),
    ("name", rf"what{_IS} (?P<pronoun>he|she|they|it) called|"
             rf"what{_IS} (?P<pronoun_>his|her|their|its) name"),
    ("", rf"(?:what|which|who){_IS} {_WHOSE} {_FAVORITE}|(?:what|which) (?P<kind>\w+) "
         rf"(?:does|do) {_SUBJECT} {_LIKES}(?: (?:the )?(?:best|most))?|what{_IS} {_WHOSE} {_HAS}|"
         rf"(?:is|are) (?P<value>[\w'-]+(?: (?!(?:my|our|his|her|their)\b)[\w'-]+)??) "
         rf"{_WHOSE} {_FAVORITE}"),
)  # fmt: skip
_PATTERNS = tuple((sought, _compiled(asked)) for sought, asked in _ASKED)
_POLITELY = Pattern(
    r"(?:(?:can|could|would|will) you )?(?:please )?(?:tell|remind) me(?: again)?(?: of)? |"
    r"(?:do|can|could) you (?:still |even )?(?:know|remember|recall) (?=wh|how)",
    re.IGNORECASE,
)
_SUBJECTIVE = {
    "him": "he", "his": "he", "he": "he", "her": "she", "she": "she",
    "they": "they", "them": "they", "their": "they", "it": "they", "its": "they",
}  # fmt: skip
#: Words that stand where a name could, and are none.
_NO_NAMES = (
    en.CLAUSE | en.TIMES | en.ADVERBS | en.PREPOSITIONS | en.STATES
    | en.of("up on there wrong right best going coming next first last new vega god")
)  # fmt: skip


def read_kin_question(prompt: str) -> Acquaintance | None:
    """What the prompt asks of one person or animal, if it asks nothing else."""
    if len(prompt) > MAX_PROMPT_CHARS:
        return None
    asked = only_sentence(as_meant(prompt))
    politely = _POLITELY.match(asked)
    core = asked[politely.end() :] if politely else asked
    if politely and core.startswith(("what", "where", "when", "who")):
        # "Tell me how old Emil is."
        core = re.sub(r"^(what|where|when|who) (.+) (is|was|lives)$", _turned, core)
    if politely and core.startswith("how old"):
        core = re.sub(r"^how old (.+) (is|was)$", r"how old \2 \1", core)
    for sought, pattern in _PATTERNS:
        match = pattern.fullmatch(core)
        if match is not None and (found := _acquaintance(sought, match)) is not None:
            return found
    return None


def _turned(match: re.Match[str]) -> str:
    if match[3] == "lives":
        return f"{match[1]} does {match[2]} live"
    return f"{match[1]} {match[3]} {match[2]}"


def _acquaintance(sought: str, match: re.Match[str]) -> Acquaintance | None:
    words = {name.rstrip("_"): said for name, said in match.groupdict().items() if said}
    if not sought:
        kind = words.get("thing") or (f"favorite {words['kind']}" if "kind" in words else "")
        sought = (kind or words["has"]).lower()
        sought = sought.replace("favourite", "favorite").replace("colour", "color")
        sought = re.sub(r"^fav ", "favorite ", sought)
    value = words.get("value")
    if "pronoun" in words:
        name = _SUBJECTIVE[words["pronoun"].lower()]
        return Acquaintance("who" if sought == "name" else sought, name=name, value=value)
    if "relation" in words:
        relation = singular_relation(words["relation"].lower())
        if sought == "who" and not words.get("named"):
            # "Who is my wife?" asks for a fact of the owner's.
            return None
        if sought == "breed" and relation not in PETS:
            return None
        return Acquaintance(sought, relation, words.get("named"), value)
    name = words["name"]
    if any(word.lower() in _NO_NAMES for word in name.split()):
        return None
    return Acquaintance(sought, name=name, value=value)
