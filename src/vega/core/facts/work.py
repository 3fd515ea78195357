"""What the owner does for a living: "I work as a nurse at …", "I'm a teacher"."""

import re

from vega.core import vocabulary as en
from vega.core.facts.guards import PASSING
from vega.core.facts.rule import ADVERBS, I_AM, NO_MORE, WE, Drawn, drawn, rule, say
from vega.core.facts.shape import is_short, name_alone, plain_value

MAX_JOB_WORDS = 5
_JOBS = en.of("""
teacher nurse doctor surgeon dentist physician pediatrician paediatrician psychiatrist psychologist
therapist physiotherapist pharmacist veterinarian vet midwife paramedic caregiver carer engineer
developer programmer designer architect scientist analyst consultant manager director accountant
lawyer attorney solicitor barrister judge notary paralegal secretary receptionist clerk cashier
salesman saleswoman salesperson electrician plumber carpenter joiner mechanic welder roofer painter
mason bricklayer builder locksmith machinist technician gardener farmer fisherman forester butcher
baker chef cook waiter waitress bartender barista hairdresser barber beautician tailor seamstress
shoemaker jeweler jeweller watchmaker photographer filmmaker journalist reporter editor writer
author novelist translator interpreter librarian archivist historian professor lecturer researcher
biologist chemist physicist mathematician geologist astronomer economist statistician sociologist
philosopher politician diplomat soldier sailor pilot steward stewardess flight-attendant attendant
policeman policewoman detective firefighter fireman lifeguard guard driver trucker courier postman
mailman janitor cleaner housekeeper nanny babysitter tutor coach trainer instructor musician singer
composer conductor pianist violinist drummer guitarist actor actress dancer choreographer sculptor
illustrator animator artist florist optician undertaker priest pastor rabbi imam monk nun student
apprentice intern trainee freelancer entrepreneur contractor administrator sysadmin recruiter
banker broker trader actuary auditor realtor officer operator planner surveyor inspector
maker pharmacologist radiologist cardiologist neurologist dermatologist oncologist anesthesiologist
housewife househusband homemaker pensioner retiree stay-at-home-dad beekeeper brewer winemaker
""")
#: With these one says how someone is, or what they are to somebody.
_NO_JOB_WORDS = (
    en.STATES
    | en.QUALITIES
    | en.of("""
better worse best worst natural born real true former ex would-be aspiring lousy decent lazy
armchair amateur self-proclaimed hobby keen avid big budding fellow fake pro wannabe closet rocket
backseat former wannabe home harsh tough decision trouble peace match money history noise mess
film coffee tea merry policy law change
""")
)
_KEPT_QUALITIES = en.of("public private new deep short hard mental medical social political")
_EMPLOYERS = en.of("""
hospital bank school university council government company startup start-up library museum post
office factory bakery restaurant hotel clinic pharmacy college kindergarten agency ministry court
police army navy fire brewery farm supermarket theatre theater opera firm embassy airport railway
""")
_SUBJECTS = en.of("""
medicine law physics chemistry biology mathematics maths math economics history philosophy geography
computer architecture engineering psychology sociology linguistics literature music art theology
mechanical electrical civil informatics statistics astronomy geology nursing pharmacy education
journalism politics political business finance accounting marketing design theatre film veterinary
dentistry agriculture forestry archaeology anthropology data software english german french spanish
italian russian japanese chinese latin
""")


def job_of(text: str) -> str | None:
    """The occupation that the words are, without their article."""
    value = re.sub(
        r" (?:by (?:trade|profession|training)|for a living|with .+)$", "", plain_value(text)
    )
    words = value.lower().split()
    if not words or len(words) > MAX_JOB_WORDS or not is_short(value):
        return None
    head = words[-1] if " of " not in value else words[words.index("of") - 1]
    is_known = head in _JOBS or re.fullmatch(r"\w+(?:ologist|ician|therapist|engineer)", head)
    is_described = any(word in _NO_JOB_WORDS - _KEPT_QUALITIES for word in words[:-1])
    return value if is_known and not is_described else None


def _job(match: re.Match[str]) -> Drawn | None:
    if PASSING.search(match.string):
        return None
    words = re.split(r" (?:at|for|in) ", match["job"], maxsplit=1)
    job = job_of(words[0]) or (any_job(words[0]) if match.re.groupindex.get("as") else None)
    if job is None:
        return None
    found = [say("job", job)]
    is_taught = job.lower().endswith(("student", "pupil"))
    where = employer_of(words[1]) if len(words) > 1 and not is_taught else None
    if where and f" in {words[1]}" not in match["job"]:
        found.append(say("employer", where))
    return Drawn(tuple(found))


def any_job(text: str) -> str | None:
    """After "I work as a …" any noun is the job."""
    value = plain_value(text)
    words = value.lower().split()
    is_good = (
        0 < len(words) <= MAX_JOB_WORDS
        and is_short(value)
        and not any(word in en.CLAUSE | en.ADVERBS | en.PREPOSITIONS | en.STATES for word in words)
        and words[0] not in ("team", "unit", "group", "whole", "dog", "matter", "charm", "slave")
    )
    return value if is_good else None


def employer_of(text: str) -> str | None:
    value = name_alone(plain_value(text))
    words = value.split()
    if not words or len(words) > MAX_JOB_WORDS or not is_short(value):
        return None
    lower = [word.lower() for word in words]
    if any(word in en.CLAUSE for word in lower) or lower[0] in en.TIMES:
        return None
    if lower[0] in ("a", "an", "the"):
        is_named = len(words) > 1 and words[1][0].isupper()
        return value if is_named or any(word in _EMPLOYERS for word in lower) else None
    return value if words[0][0].isupper() or (words[0][0].isdigit() and len(words) > 1) else None


def _employer(match: re.Match[str]) -> Drawn | None:
    where, *what = re.split(r" as an? ", match["value"], maxsplit=1)
    found = employer_of(where)
    if found is None or PASSING.search(match.string):
        return None
    job = any_job(what[0]) if what else None
    return Drawn((say("employer", found), *((say("job", job),) if job else ())))


def _employer_no_more(match: re.Match[str]) -> Drawn | None:
    found = employer_of(match["value"])
    return drawn("employer", [found], is_over=True) if found else None


def _job_is(match: re.Match[str]) -> Drawn | None:
    value = re.sub(r"^an? ", "", plain_value(match["value"]))
    first = value.lower().split()[0] if value else ""
    is_deed = first.endswith("ing") and first not in en.STATES | en.STATIVE and " " in value
    is_good = is_short(value) and not any(word in en.CLAUSE for word in value.lower().split())
    if is_good and (is_deed or job_of(value)):
        return drawn("job", [value])
    return None


def _job_over(match: re.Match[str]) -> Drawn | None:
    return drawn("job", [match["value"]], is_over=True)


def _job_no_more(match: re.Match[str]) -> Drawn | None:
    found = job_of(match["value"])
    return drawn("job", [found], is_over=True) if found else None


def _studies(match: re.Match[str]) -> Drawn | None:
    value = re.split(r" (?:at|in) ", plain_value(match["value"]))[0]
    words = value.lower().split()
    is_subject = bool(words) and words[0] in _SUBJECTS and len(words) < 5
    return drawn("studies", [value]) if is_subject and is_short(value) else None


def _retired(match: re.Match[str]) -> Drawn | None:
    return drawn("job", [match["value"]])


_AT = r"(?:at|for)"
_FROM_HOME = (
    r"(?P<value>(?:mostly |mainly )?(?:from (?:home|my home office)|remotely)(?: (?:on \w+days?"
    r"(?: and \w+days?)?|(?:one|two|three|four|\d) days? a week|full[- ]time|most days|"
    r"most of the time))?)"
)


def _workplace(match: re.Match[str]) -> Drawn | None:
    return drawn("workplace", [match["value"]])


def _workplace_no_more(match: re.Match[str]) -> Drawn | None:
    return drawn("workplace", [match["value"]], is_over=True)


RULES = (
    rule(rf"i {ADVERBS}work {_FROM_HOME}", _workplace),
    rule(rf"i (?:don't|do not) work {_FROM_HOME}{NO_MORE}", _workplace_no_more),
    rule(rf"i no longer work {_FROM_HOME}", _workplace_no_more),
    rule(rf"{WE} no longer work {_AT} (?P<value>.+)", _employer_no_more),
    rule(rf"{WE} (?:don't|do not) work {_AT} (?P<value>.+?){NO_MORE}", _employer_no_more),
    rule(rf"{WE} no longer work as an? (?P<value>.+)", _job_no_more),
    rule(rf"{I_AM} (?:no longer an? (?P<value>.+))", _job_no_more),
    rule(
        r"i(?:'ve| have)? (?:just |recently )?(?:quit|lost|left) my (?P<value>job)\b.*", _job_over
    ),
    rule(
        rf"(?:{WE} {ADVERBS}work|{I_AM} {ADVERBS}(?:working|employed)) (?P<as>as) an? (?P<job>.+)",
        _job,
    ),
    rule(rf"(?:{WE} {ADVERBS}work|{I_AM} {ADVERBS}employed) {_AT} (?P<value>.+)", _employer),
    rule(
        rf"{WE}(?:'ve| have)? {ADVERBS}(?:got|started|found|accepted|took|landed) (?:a|the|my) "
        rf"(?:new )?(?:job|position|post|role) {_AT} (?P<value>.+)",
        _employer,
    ),
    # Who is only "working at Costa" may sit there with a computer.
    rule(
        rf"{I_AM} (?:now|currently|these days) working {_AT} (?P<value>.+)",
        _employer,
    ),
    rule(rf"{I_AM} {ADVERBS}working {_AT} (?P<value>.+?) (?:now|these days)", _employer),
    rule(
        rf"{I_AM} {ADVERBS}working {_AT} (?P<value>.+? as an? .+)",
        _employer,
    ),
    rule(
        r"i(?:'ve been|'ve| have been| have| was| just)? (?:just |recently |finally )?"
        r"(?:got |gotten |been |was )?promoted (?:to|as) (?:be |an? |the )?(?P<as>)(?P<job>.+)",
        _job,
    ),
    rule(rf"{WE}(?:'ve| have)? {ADVERBS}started (?:working |work )?{_AT} (?P<value>.+)", _employer),
    rule(r"my (?:new |current )?(?:employer|company)(?:'s| is) (?P<value>.+)", _employer),
    rule(r"my (?:new |current )?(?:job|profession|occupation)(?:'s| is) (?P<value>.+)", _job_is),
    rule(rf"{I_AM} {ADVERBS}an? (?P<job>.+)", _job),
    rule(rf"{I_AM} {ADVERBS}(?P<value>retired)(?: now| since .{{2,12}})?", _retired),
    rule(
        rf"i(?:'ve| have)? {ADVERBS}(?P<value>retired)(?: (?:last|this) \w+| in (?:20|19)\d\d|"
        r" (?:a|two|three|\d+) \w+ ago| from \w+)?",
        _retired,
    ),
    rule(rf"(?:i {ADVERBS}study|{I_AM} {ADVERBS}studying) (?P<value>.+)", _studies),
)
