"""What can be asked of the facts, by the words of the question."""

import re
from dataclasses import dataclass

from vega.core.facts.attributes import COUNTED, GROUPS, OTHER_WORDS, OWN_THINGS, PETS, RELATIONS
from vega.core.facts.health import CONDITION, DIET
from vega.core.facts.others import GAMES, INSTRUMENTS, TOLD
from vega.core.facts.plans import EVENT
from vega.core.facts.possessions import LASTING
from vega.core.facts.preferences import SERVED
from vega.core.facts.rule import any_of
from vega.core.memory import FactKind
from vega.core.patterns import Pattern


@dataclass(frozen=True, slots=True)
class Ask:
    """One way to ask; the group "who" or "what" of the pattern names the attribute where it is
    not given, the group "value" a value."""

    pattern: Pattern
    attribute: str | None = None
    #: What may follow "your".
    phrase: str = ""
    verb: str = "is"
    is_list: bool = False
    #: "Do I have any pets?" wants a yes or no first.
    wants_yes: bool = False
    all_of: FactKind | None = None
    also: tuple[str, ...] = ()


_END = r"(?: (?:again|now|please|currently|exactly|right now|these days|at the moment))*"
_ONE = any_of((RELATIONS | PETS | set(OTHER_WORDS)) - {"kids", "grandkids"})
_MANY = any_of(
    {f"{one}s" for one in RELATIONS | PETS} | COUNTED | {"kids", "grandkids", "puppies", "mice"}
)
_OWN = any_of(OWN_THINGS)
_HELD = any_of(LASTING)
_WHAT_IS = r"(?:(?:what|which|who)(?:'?s| is| are| was| were) )?"
_DATE_OF = r"(?:(?:when|what)(?:'?s| is) )?"


def _ask(pattern: str, attribute: str | None = None, phrase: str = "", **more: object) -> Ask:
    compiled = Pattern(f"(?:{pattern}){_END}", re.IGNORECASE)
    return Ask(compiled, attribute, phrase or attribute or "", **more)  # type: ignore[arg-type]


PLACES = (
    _ask(r"where (?:do )?i (?:currently |now )?live|where (?:am i|i'm) (?:currently |now )?"
         r"living|"
         r"(?:in )?(?:what|which) (?:city|town|village|country|place) "
         r"(?:do )?i (?:currently |now )?"
         r"live(?: in)?|"
         r"where(?:'?s| is)? my home(?: is)?", "home"),
    _ask(r"do i live in (?P<value>.+)", "home"),
    _ask(rf"{_WHAT_IS}my (?:home |postal )?address(?: is)?", "address"),
    _ask(r"where (?:am i|i'm|i am) (?:originally )?from|where do i (?:originally )?come from|"
         r"where (?:did|do) i grow up|(?:what(?:'?s| is) )?my home ?town", "hometown",
         also=("birthplace",)),
    _ask(r"where (?:was|is) i born|where i was born|what(?:'?s| is) my birthplace", "birthplace",
         also=("hometown",)),
)  # fmt: skip
WORK = (
    _ask(r"what (?:do )?i do (?:for (?:a living|work)|professionally|as a job)|"
         rf"{_WHAT_IS}my (?:job|profession|occupation)(?: title)?(?: is)?|"
         r"what (?:do i|i) work as", "job"),
    _ask(r"(?:do i work as|am i) an? (?P<value>\w+)(?: for a living| by profession)", "job"),
    _ask(r"do i (?:still )?work as an? (?P<value>.+)", "job"),
    _ask(r"am i still an? (?P<trade>[\w-]+(?: [\w-]+){0,2})", "job"),
    _ask(rf"where (?:do )?i work|who (?:do )?i work for|{_WHAT_IS}my employer(?: is)?|"
         r"(?:what|which) company (?:do )?i work (?:for|at)", "employer",
         also=("workplace",)),
    _ask(r"do i (?:still )?work (?:from home|remotely)", "workplace"),
    _ask(r"do i (?:still )?work (?:at|for) (?P<value>.+)", "employer"),
    _ask(r"what (?:do i study|am i studying|i study|i'm studying)", "studies"),
)  # fmt: skip
DATES = (
    _ask(rf"{_DATE_OF}my (?:(?:next )?birthday|date of birth|birth date)(?: is)?|"
         r"when (?:my birthday is|do i have birthday)|what day is my birthday", "birthday",
         also=("birth year",)),
    _ask(r"(?:on )?(?:when|what day|what date) (?:was|is|am) i born|when i was born", "birthday",
         "date of birth", also=("birth year", "age")),
    _ask(r"is my birthday (?:on )?(?P<value>.*\d.*)", "birthday"),
    _ask(r"is my birthday (?:in )?(?P<value>(?:jan|febr)uary|march|april|may|june|july|august|"
         r"(?:septem|octo|novem|decem)ber)", "birthday"),
    _ask(r"(?:was|am|is) i born in (?P<value>\d{4})", "birth year", also=("birthday",)),
    _ask(r"(?:was|am|is) i (?:born in|(?:originally )?from) (?P<value>[^\d]+)", "birthplace",
         also=("hometown",)),
    _ask(r"am i (?P<value>\d{1,3})(?: years old)?", "age", also=("birthday", "birth year")),
    _ask(r"(?:(?:in|on) )?(?:what|which) year (?:was|is|am) i born(?: in)?|what(?:'?s| is) my "
         r"(?:birth year|year of birth)", "birth year", also=("birthday",)),
    _ask(rf"{_DATE_OF}(?:my|our) (?P<what>(?:wedding )?anniversary)(?: is)?", also=(
         "wedding anniversary", "anniversary")),
    _ask(rf"{_DATE_OF}(?:my|our) (?P<what>{_ONE}'s birthday)(?: is)?|when (?:was|is) my "
         rf"(?P<born>{_ONE}) born"),
)  # fmt: skip
_GROUP = any_of(GROUPS)
PEOPLE = (
    _ask(rf"what are (?:my|our) (?P<group>{_GROUP})'?s? (?:names?|called|named)|"
         rf"who are my (?P<group_>{_GROUP})|(?:what are )?the names of (?:my|our) "
         rf"(?P<group__>{_GROUP})|what are my (?P<group___>{_GROUP})' names",
         verb="are", is_list=True),
    _ask(r"am i (?:still )?(?:married|single|engaged|divorced|in a relationship)|do i have a "
         r"(?:spouse|significant other)", "spouse", "marriage", wants_yes=False, is_list=True,
         also=("husband", "wife", "fiancé", "fiancée", "fiance", "fiancee", "partner",
               "boyfriend", "girlfriend", "marital status")),
    _ask(r"(?:what|which|who) are (?:all )?(?:of )?my fav(?:ou?rite)?s?(?: things| ones)?|"
         r"(?:what(?:'?s| is) my fav(?:ou?rite)? thing)|(?:tell me |list )?(?:all )?(?:of )?my "
         r"fav(?:ou?rite)? things|what do i like (?:the )?(?:best|most)", None, "favorites",
         all_of=FactKind.FAVORITE, is_list=True, verb="are"),
    _ask(rf"(?:do i|i) (?:still )?(?:own|have)(?: got)? (?:an? |any )(?P<what>{_OWN})s?",
         wants_yes=True,
         is_list=True, also=("possession",)),
    _ask(r"how many (?:pets|animals) do i (?:have|own|keep)", None, "number of pets",
         all_of=FactKind.PET, is_list=True, verb="are"),
    _ask(r"(?:what|which) (?:pets|animals) do i (?:have|own|keep)|"
         r"(?:what are )?my pets(?:' names)?(?: called)?|"
         r"who are my pets|what animals do i have", None, "pets", all_of=FactKind.PET, is_list=True,
         verb="are"),
    _ask(r"do i (?:still )?have (?:any |a )?family", None, "family", all_of=FactKind.FAMILY,
         is_list=True, wants_yes=True),
    _ask(r"do i (?:still )?have a job", "job", wants_yes=True, also=("employer",)),
    _ask(r"do i (?:still )?have (?:any pets?|a pet|pets|animals)", None, "pets",
         all_of=FactKind.PET,
         is_list=True, wants_yes=True, verb="are"),
    _ask(rf"{_WHAT_IS}(?:my|our) (?P<who>{_ONE})(?:'s)? (?:name|called|named)(?: is)?|"
         rf"(?:what|who) (?:my|our) (?P<who_>{_ONE}) is(?: called)?|who(?:'?s|"
         rf" is) my (?P<who__>{_ONE})|"
         rf"(?:what(?:'?s| is) )?the name of (?:my|our) (?P<who___>{_ONE})"),
    _ask(rf"what are (?:my|our) (?P<who>{_MANY})'?s? (?:names?|called|named)|"
    rf"who are my (?P<who_>{_MANY})|"
         rf"(?:what are )?the names of (?:my|our) (?P<who__>{_MANY})|"
         rf"the names of my (?P<who___>{_MANY})",
         verb="are", is_list=True),
    _ask(rf"is (?:my|our) (?P<who>{_ONE})(?:'s name| called| named) (?P<value>.+)"),
    _ask(rf"(?:is|was) (?P<value>(?!(?:it|this|that|he|she)\b)[\w-]+(?: [\w-]+)?) "
         rf"(?:still )?(?:my|our) "
         rf"(?P<who>{_ONE})(?:'s name)?"),
    _ask(r"who am i married to|what(?:'?s| is) my spouse(?:'s name| called)", "spouse",
         also=("wife", "husband")),
    _ask(rf"how many (?P<count>{_MANY}) do i have"),
    _ask(rf"do i (?:still |even )?have (?:an? )?(?P<who>{_ONE}) (?:called|named|by the name of) "
         r"(?P<value>.+)"),
    _ask(rf"do i (?:still |even )?(?:have|own)(?: got)? (?:any |an? )?"
         rf"(?P<who>{_MANY}|{_ONE})", is_list=True, wants_yes=True),
    _ask(r"who(?:'?s| is| are)? (?:in )?my family(?: members)?|(?:(?:what do you know about|who "
         r"belongs to) )?my family", None, "family",
         all_of=FactKind.FAMILY, is_list=True),
)  # fmt: skip
HEALTH = (
    _ask(r"am i allergic to (?:anything|something)|do i have (?:any )?allerg(?:y|ies)", "allergy",
         "allergies", is_list=True, wants_yes=True, verb="are"),
    _ask(r"what (?:am i|i'm|i am) allergic to|(?:what are )?my allergies|(?:what|which) allergies "
         r"(?:do )?i have", "allergy", "allergies",
         is_list=True, verb="are"),
    _ask(r"am i allergic to (?P<value>.+)", "allergy", "allergies", verb="are"),
    _ask(rf"(?:am i (?:still )?(?:an? )?|do i eat )(?P<value>{DIET})", "diet"),
    _ask(rf"{_WHAT_IS}my diet", "diet"),
    _ask(r"what (?:medications?|medicines?|drugs|pills|meds) (?:do|am) i (?:take|taking|on)|"
         r"what are my (?:medications|medicines|meds)", "medication", "medication", is_list=True),
    _ask(r"do i take any (?:medication|medicine|meds|pills)", "medication", "medication",
         is_list=True, wants_yes=True),
    _ask(rf"do i have (?P<value>{CONDITION})", "condition", "health"),
    _ask(r"do i have any (?:medical|health|chronic) (?:conditions?|problems?|issues?)|"
         r"(?:what|which) (?:medical|health|chronic) conditions do i have", "condition", "health",
         is_list=True),
    _ask(r"what (?:do i not|don't i|can't i|can i not|may i not|shouldn't i) eat", "does not eat",
         "diet", is_list=True, also=("diet", "allergy", "intolerance")),
    _ask(rf"{_WHAT_IS}my blood (?:type|group)|what blood (?:type|group) (?:am i|do i have)",
         "blood type"),
    _ask(r"do i (?:still )?(?P<habit>smoke|vape|gamble)", "habit", "habits", verb="are"),
)  # fmt: skip
TASTES = (
    _ask(r"what (?:do i|i) (?:like|love|enjoy)(?: doing| to do)?|(?:what are )?my (?:likes|hobbies|"
         r"interests)", "like", "likes", is_list=True, verb="are"),
    _ask(r"do i (?:still )?(?:really )?(?:like|love|enjoy) (?P<value>.+)", "like", "likes",
         verb="are"),
    _ask(r"what (?:do i|i) (?:hate|dislike|not like)|what don't i like|what can't i stand|"
         r"(?:what are )?my dislikes", "dislike", "dislikes", is_list=True, verb="are"),
    _ask(r"do i (?:still )?(?:hate|dislike) (?P<value>.+)", "dislike", "dislikes", verb="are"),
)  # fmt: skip
THINGS = (
    _ask(rf"(?:what|which)(?: kind of| sort of| make of| brand of|"
    rf" type of)? (?P<what>{_OWN}) (?:do )?i "
         r"(?:drive|ride|have|own|use|play|wear)|"
         r"what (?:do )?i (?P<drive>drive)", also=("possession",)),
    _ask(rf"what(?:'?s| is) my (?P<what>{_OWN})|what (?:kind|make|brand|sort|model|"
    rf"type)(?: of {_OWN})? "
         rf"is my (?P<what_>{_OWN})"),
    _ask(r"do i drive (?P<value>.+)", "car"),
    _ask(rf"do i (?:still )?(?:own|have) (?P<value>an? (?:\w+ ){{0,2}}{_HELD})", "possession",
         "possessions"),
    _ask(r"what (?:things )?do i own|what are my possessions", "possession", "possessions",
         is_list=True, verb="are"),
    _ask(r"(?:what|which) languages? (?:do )?i speak", "language", "languages", is_list=True,
         verb="are"),
    _ask(r"do i speak (?P<value>\w+)", "language", "languages", verb="are"),
    _ask(rf"{_WHAT_IS}my (?P<what>{TOLD})(?: is)?|how (?P<tall>tall) am i"),
    _ask(r"how much (?:do i|i) weigh|what do i weigh", "weight"),
    _ask(r"what (?:do|does|did) (?:(?:most |other )?people|they|everyone|everybody|others|"
         r"my (?:friends|family)) call me", "nickname", also=("name",)),
    _ask(r"how old (?:am i|i am|i'm)(?: now)?|how many years old am i|"
         r"(?:what(?:'?s| is) )?my age(?: is)?|what age am i", "age",
         also=("birthday", "birth year")),
    _ask(r"(?:what|which) (?:musical )?instruments? (?:do|can) i play", "instrument",
         "instruments", is_list=True, verb="are"),
    _ask(r"(?:what|which) (?:sports?|games?) do i play", "game", "games", is_list=True,
         verb="are"),
    _ask(rf"(?:do|can) i (?:still )?play (?P<value>(?:the )?{any_of(INSTRUMENTS)})", "instrument",
         "instruments", verb="are"),
    _ask(rf"do i (?:still )?play (?P<value>{any_of(GAMES)})", "game", "games", verb="are"),
)  # fmt: skip
#: "Where am I going wrong?", "Am I going to be late?", "Where are we going with this?"
_NOWHERE = (
    r"(?!.*\b(?:wrong|that|these|it|crazy|mad|insane|nowhere|circles|right|"
    r"this(?! (?:week|month|year|spring|summer|autumn|fall|winter|morning|afternoon|evening|"
    r"christmas|easter|\w+day)))\b)"
    r"(?!going to (?:die|be|get|have|do|make|find|know|learn|stop|start|finish|win|lose|become|"
    r"feel|live|sleep|need|pass|fail|happen)\b)"
)
_GOING = (
    rf"(?:{_NOWHERE}(?:going|flying|travell?ing|moving|driving|heading|sailing|cycling|seeing|"
    r"meeting|visiting|getting married|having|retiring|leaving|taking the train))(?: .+)?"
)
_BOOKED = (
    r"(?:appointment|meeting|job interview|interview|exam|flight|check-?up|surgery|operation|"
    r"viewing|reservation|rehearsal|presentation|hearing|audition|lesson|deadline|haircut)"
)
_ON = r"(?:on|in|next|this|tomorrow|today|tonight)\b"
_MY_EVENT = (
    rf"(?:my|our) (?P<subject>(?:[\w'-]+ ){{0,3}}?(?:{EVENT}|trip|journey|dentist|doctor)"
    rf"(?: (?:with|at|in|to|from|on|for) [\w' -]{{2,40}})?(?: {_ON}[\w ]*)?)"
)
_WHEN = r"(?:when|(?:at |on )?(?:what|which) (?:time|day|date))"
_PLANS = {"all_of": FactKind.PLAN, "is_list": True, "verb": "are"}
APPOINTMENTS = (
    _ask(rf"{_WHEN}(?:'?s| is| are) {_MY_EVENT}", None, "plans", **_PLANS),
    _ask(rf"{_WHEN} (?:does|do|will) {_MY_EVENT} (?:leave|depart|go|start|begin|land|arrive|"
         r"take off)", None, "plans", **_PLANS),
    _ask(rf"{_WHEN} (?:do|have) (?:i|we) (?:have |got )?{_MY_EVENT}", None, "plans", **_PLANS),
    _ask(rf"(?:{_WHEN}|where|who|whom) (?:am i|are we) (?P<subject>{_GOING})", None, "plans",
         **_PLANS),
    _ask(rf"(?:{_WHEN}|where) (?:do|will) (?:i|we) (?P<subject>(?:fly|depart|travel|leave|drive)"
         rf"(?: (?:to|for) (?-i:[A-ZÀ-Þ])[\w' -]+)?(?: {_ON}.*)?)", None, "plans", **_PLANS),
    _ask(rf"(?:do|have) (?:i|we) (?:have |got )?(?:an? |any )?(?P<subject>(?:[\w'-]+ ){{0,3}}?"
         rf"{_BOOKED}s?(?: (?:with|at|in|to|from) (?!this|that|these)[\w' -]{{2,40}})?"
         rf"(?: {_ON}.*)?)", None, "plans", wants_yes=True, **_PLANS),
    _ask(rf"(?:am i|are we) (?P<subject>{_NOWHERE}(?:(?:going|flying|travell?ing|moving|driving) "
         rf"to|seeing|meeting|visiting) .+ {_ON}.*)", None, "plans", wants_yes=True, **_PLANS),
    _ask(r"(?:am i|are we) still (?P<subject>(?:going|flying|travell?ing|moving|driving|seeing|"
         r"meeting|visiting) (?!to (?:die|be|get|have|do|make|need)\b)\S.+)", None, "plans",
         wants_yes=True, **_PLANS),
    _ask(rf"how do i (?:like|take|drink|prefer|want|eat) my (?P<subject>{SERVED})", None, "served",
         all_of=FactKind.WISH, is_list=True, verb="are"),
)  # fmt: skip
_FOR = r"(?: (?P<when>(?:for|in|on|at|over) .{3,30}|next \w+|this \w+))?"
PLANS = (
    _ask(r"do i prefer (?P<subject>[\w' -]+ or [\w' -]+)", None, "wishes",
         all_of=FactKind.WISH, is_list=True, verb="are"),
    _ask(r"what (?:do i|i) prefer", "preference", "preferences", is_list=True, verb="are"),
    _ask(rf"(?:what are (?:my|our) plans|what (?:am i|i'm|are we) planning(?: to do)?|my plans|"
    rf"what "
         rf"do i want to (?:do|learn|achieve)|what are my goals){_FOR}",
         "plan", "plans",
         is_list=True, verb="are"),
    _ask(rf"do i have (?:any )?plans{_FOR}", "plan", "plans", is_list=True, wants_yes=True,
         verb="are"),
    _ask(r"how (?:should|do|must) you (?:always )?(?:answer|reply|respond|talk|speak|"
    r"behave)(?: to)?"
         r"(?: me)?|what (?:did i|have i) (?:ask|asked|tell|told) you to (?:(?:always|"
         r"never) )?(?:do|avoid)"
         r"|(?:what|which) (?:standing )?wishes (?:do you (?:know|have|keep)|do i have|have i|"
         r"did i)(?: .{2,20})?"
         r"|what should you (?:always|never) do|(?:what are )?my (?:standing )?(?:wishes|"
         r"preferences|"
         r"standing instructions)|how do i (?:like|want|prefer) (?:your answers|you to answer)"
         r"(?: me)?", None,
        "wishes",
        all_of=FactKind.WISH,
        is_list=True,
        verb="are"),
    _ask(r"what do you (?:know|remember) about me|what (?:have|did) i (?:told|tell) you about "
         r"(?:me|myself)|everything you know about me|myself", None, "", is_list=True),
)  # fmt: skip
#: The first that fits has the question.
ASKS = (*PLACES, *WORK, *DATES, *HEALTH, *PLANS, *APPOINTMENTS, *THINGS, *PEOPLE, *TASTES)
