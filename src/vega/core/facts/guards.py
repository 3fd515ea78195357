"""What a sentence must not be if it is to state something: a task, a text, a doubt, a joke."""

import re

from vega.core.facts.sentences import is_courtesy
from vega.core.patterns import Pattern

#: From here on the prompt hands over a text or a task, whose "my" need not be the owner's.
TASK = Pattern(
    r"\b(?:translate|summari[sz]e|rewrite|rephrase|paraphrase|proofread|correct|edit|write|draft|"
    r"compose|pretend|imagine|suppose|act as|role-?play|story|poem|lyrics|letter|e-?mail|"
    r"says?|said|quote|example|if)\b|[:>`]\s*$|^\s*>|```",
    re.IGNORECASE,
)
#: An order to work on what follows, a role to be played, a text's beginning; as a sentence begins.
_HANDS_OVER = Pattern(
    r"(?:(?:please|now|just|then|(?:can|could|would|will) you|i (?:want|need) you to) )*"
    r"(?:print|repeat|convert|explain|consider|finish|complete|continue|read|copy|echo|say|spell|"
    r"analy[sz]e|parse|count|check|fix|improve|shorten|expand|answer|respond|reply|transcribe|type|"
    r"output|rate|review|critique|polish|reword|simplify|compare|format|encode|decode|reverse|"
    r"sort|split|replace|play|let's|lets|be|become|use|turn|change|put|assume|speak|talk|recite|"
    r"sing|paste|interpret|judge|evaluate|grade|identify|classify|extract|tag|annotate|define|"
    r"introduce|generate|create|make|return|take|here(?:'s| is| are)|below (?:is|are)|"
    r"(?:the )?following|once upon|(?:chapter|scene|act|verse|stanza|page) (?:[a-z]{3,5}|\d+|"
    r"[ivx]+)$|dear|to whom it may|in this|this is an?|your (?:name|role|task|"
    r"job) is|"
    r"(?:from now on,? )?you(?:'re| are| will be) (?:now )?(?:an?|the|my|[A-Z]\w+))\b",
    re.IGNORECASE,
)
#: A question about a text at hand: "Is this sentence right?"
_OF_A_TEXT = Pattern(r"\b(?:this|these|following|below)\b.*\?", re.IGNORECASE | re.DOTALL)
#: What was just said does not hold: "Just kidding", "No, blue".
TAKEN_BACK = Pattern(
    r"(?:(?:oh|wait|sorry|haha|no|well|ok|actually)[,.! ]+)*(?:(?:i'm |i am |i was )?"
    r"(?:just |only )?(?:kidding|joking|lying)|jk|just a joke|not|nope|no|scratch (?:that|it)|"
    r"never ?mind|(?:please )?(?:forget|ignore|delete|disregard) (?:it|that|this|what i)|"
    r"(?:please )?(?:do not|don'?t|never) (?:remember|save|store|keep|record|believe)|i lied|"
    r"that(?:'s| is| was) (?:a lie|a joke|wrong|not true|false)|psych|sike|april fools?|i mean[t]?|"
    r"wait|sorry|oops|correction|or (?:maybe|rather)|maybe (?:not)?|rather|strike that)"
    r"\b[\s,:;.!-]*",
    re.IGNORECASE,
)
DOUBT = Pattern(
    r"\b(?:or|either|neither|nor|maybe|perhaps|probably|possibly|presumably|idk|i guess|i think|"
    r"i suppose|depends|depending|not sure|unsure|isn't it|is it not|aren't they|innit|supposedly|"
    r"just kidding|jk|kidding|joking|forget it|forget that|(?:do not|don'?t|never) remember)\b|"
    r"[,.]? (?:not|NOT|right)$"
)
#: In what follows a value, these ask for more than to be remembered.
ASKS_MORE = Pattern(r"\b(?:what|how|why|yours|can you|could you)\b", re.I)


def asks(sentence: str) -> bool:
    return "?" in sentence[len(sentence.rstrip("?! .")) :]


def is_task(sentence: str, rest: str) -> bool:
    """Whether the sentence hands over what follows; an open quotation does, too."""
    is_open = sum(sentence.count(mark) for mark in '"“”') % 2 == 1
    return bool(
        is_open
        or sentence.endswith(('"', "”"))
        or TASK.search(sentence)
        or (_HANDS_OVER.match(rest) and not is_courtesy(rest))
        or _OF_A_TEXT.search(sentence)
    )


#: With one of these the sentence does not plainly say what is so now.
_NOT_PLAIN = Pattern(
    r"\b(?:i think|i guess|i suppose|i believe|i hope|i wish|i bet|apparently|allegedly|might|"
    r"almost|nearly|would(?! like (?:to|you))|could|should(?! always| never)|unless|suppose|"
    r"assuming|in case|used to|back then|"
    r"back in the day|in those days|at (?:that|the) time|years ago|when (?:i|we) (?:was|were)|"
    r"when (?:i'm|i am)|as an? (?:child|kid|teenager|teen|baby|boy|girl|student|youth)|"
    r"no one|nobody|not sure|unsure|sort of|kind of|kinda|sorta|so-called|metaphorically|"
    r"figuratively|ironically|sarcas\w+|hypothetically|theoretically|in theory|in my dreams|"
    r"as if|like hell|my ass|not really|(?<!name )was(?! (?:born|diagnosed|raised|brought|called|"
    r"named|fired|laid off|let go|made redundant|sacked|put (?:down|to sleep)|stolen|run over))|"
    r"were|had(?! to (?:put|give|be put|have)\b)|said|did)\b|\bi (?:cannot|can't|can not) lie\b|"
    r"^(?:oh,? (?:great|wonderful|fantastic|perfect|lovely|brilliant|good|sure|yeah|wow|joy|how)|"
    r"yeah,? (?:right|sure)|sure|great|wow|right|"
    r"fantastic|"
    r"brilliant|wonderful|perfect|of course|obviously|clearly|ha|haha|lol|totally)\b|"
    r"\b(?:just|totally|simply|so|absolutely) (?:love|adore|enjoy)\b|\bobviously\b|"
    r"\bin (?:this|the|my|our|a) (?:game|story|play|movie|film|novel|scene|dream|campaign|book)\b|"
    r"/s$|🙄|😒|\.\.\.|…|[<>{}\[\]=|\\]|^#",
    re.IGNORECASE,
)
#: What is so only for a while.
PASSING = Pattern(
    r"\b(?:today|tonight|this (?:morning|afternoon|evening|week|weekend|time)|right now|"
    r"for (?:a|the) (?:bit|moment|minute|while|day|week|weekend|night)|for now|temporarily|"
    r"at the moment|tomorrow|yet|soon|again)\b",
    re.IGNORECASE,
)
#: Behind what it states, the sentence wants something of Vega.
WANTS_MORE = Pattern(
    r"\b(?:what|how|why|which|who|can you|could you|need|help|should|advice|recommend|suggest|"
    r"looking for|don't know|please|any (?:ideas?|tips?))\b",
    re.IGNORECASE,
)
#: Asked for beside a statement: it may not leave this machine.
PRIVATE = Pattern(
    r"(?<![\s,;:(-])[\s,;:(-]*\b(?:but |and |so |please |this is |that's |that is |it's |just )*"
    r"(?:keep (?:this|it|that) (?:private|secret|confidential|between us|to yourself|quiet|"
    r"between you and me|just between us)|"
    r"(?:don't|do not|never) (?:tell|share (?:this|it|that) with|mention (?:this|it|that) to) "
    r"(?:this to |that to )?(?:anyone|anybody|a soul|others|people)(?: else)?(?: about (?:it|this|"
    r"that))?|between (?:you and me|us|ourselves|the two of us)|in (?:strict )?confidence|"
    r"confidential(?:ly)?|a secret|(?:private|secret),? (?=please)|off the record|"
    r"for your eyes only)\b[\s,;:.!)]*",
    re.IGNORECASE,
)

#: Here "or" leaves nothing open: "I don't eat pork or beef".
_NEITHER = Pattern(r"(?<=don't )(?:eat|drink|like|enjoy) [\w ,]+ or\b|\bor (?=anything|the like)")


def is_plain(sentence: str) -> bool:
    """Whether the sentence says outright what is so now: no doubt, memory, wish or irony in it."""
    lower = _NEITHER.sub(" ", sentence.lower())
    return _NOT_PLAIN.search(sentence) is None and DOUBT.search(lower) is None
