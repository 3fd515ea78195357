"""The normal forms of what a fact is about, and which kind each belongs to."""

from vega.core.memory import FactKind
from vega.core.vocabulary import of

#: Of these a person has one at a time: a newer value takes the place of the older.
RELATIONS_OF_ONE = of("""
wife husband partner spouse girlfriend boyfriend fiancé fiancée fiance fiancee mother father boss
mother-in-law father-in-law
""")
RELATIONS_OF_MANY = of("""
son daughter child brother sister friend cousin uncle aunt nephew niece grandmother grandfather
grandson granddaughter godson goddaughter stepson stepdaughter stepmother stepfather stepbrother
stepsister brother-in-law sister-in-law roommate flatmate neighbor colleague sibling twin parent
""") | {"best friend"}
RELATIONS = RELATIONS_OF_ONE | RELATIONS_OF_MANY
#: "I have two sisters": how many, not who.
COUNTED = of("""
sisters brothers siblings children sons daughters cousins uncles aunts nephews nieces grandchildren
grandsons granddaughters
""")
#: Relations that are asked for by one word.
GROUPS = {
    "parents": ("mother", "father", "parent"),
    "grandparents": ("grandmother", "grandfather"),
    "in-laws": ("mother-in-law", "father-in-law", "brother-in-law", "sister-in-law"),
    "relatives": (
        "mother", "father", "brother", "sister", "grandmother", "grandfather", "cousin", "uncle",
        "aunt", "nephew", "niece",
    ),
    "stepparents": ("stepmother", "stepfather"),
}  # fmt: skip
#: As they are also said.
OTHER_WORDS = {
    "mom": "mother", "mum": "mother", "mama": "mother", "mommy": "mother", "dad": "father",
    "daddy": "father", "papa": "father", "kid": "child", "kids": "children", "hubby": "husband",
    "sis": "sister", "grandma": "grandmother", "granny": "grandmother", "gran": "grandmother",
    "nana": "grandmother", "grandpa": "grandfather", "granddad": "grandfather",
    "grandad": "grandfather", "neighbour": "neighbor", "girl": "daughter", "boy": "son",
    "grandkids": "grandchildren", "manager": "boss", "baby": "child", "pup": "puppy",
    "doggo": "dog",
}  # fmt: skip
PETS = of("""
dog cat puppy kitten horse pony rabbit bunny hamster parrot bird fish goldfish turtle tortoise snake
lizard gecko rat mouse ferret canary budgie chicken hen goat pig donkey hedgehog chinchilla pet
""")
#: Things of which a person has one that they speak of.
OWN_THINGS = of("car phone laptop computer bike motorbike motorcycle camera boat guitar watch")
#: What a wish for a manner of answering ends with: "short answers", "metric units".
MANNERS = of("""
answers replies responses explanations units sentences language tone style format dates examples
messages bullets lists summaries wording spelling detail prose words temperatures emojis jokes
""")
_HEALTH_OF_MANY = of("allergy intolerance condition medication habit") | {
    "does not eat", "does not drink",
}  # fmt: skip
_KINDS = {
    "like": FactKind.LIKE,
    "dislike": FactKind.DISLIKE,
    "home": FactKind.HOME,
    "address": FactKind.HOME,
    "hometown": FactKind.HOME,
    "birthplace": FactKind.HOME,
    "job": FactKind.WORK,
    "employer": FactKind.WORK,
    "studies": FactKind.WORK,
    "workplace": FactKind.WORK,
    "birth year": FactKind.DATE,
    "diet": FactKind.HEALTH,
    "blood type": FactKind.HEALTH,
    "marital status": FactKind.FAMILY,
    "possession": FactKind.POSSESSION,
    "plan": FactKind.PLAN,
    "appointment": FactKind.PLAN,
    "wish": FactKind.WISH,
    "preference": FactKind.WISH,
}
_OF_MANY = of("like dislike possession plan appointment wish preference language instrument game")
_NAMES = of("name nickname surname") | {"first name", "last name", "middle name", "full name"}


def kind_of(attribute: str) -> FactKind:
    """The kind of the attribute, whoever drew it; OTHER for one that is not known."""
    if attribute in _KINDS:
        return _KINDS[attribute]
    if attribute in _NAMES:
        return FactKind.NAME
    if attribute.startswith("favorite "):
        return FactKind.FAVORITE
    if attribute.endswith(("birthday", "anniversary")):
        return FactKind.DATE
    if attribute in RELATIONS or attribute in COUNTED:
        return FactKind.FAMILY
    if attribute in PETS:
        return FactKind.PET
    if attribute in _HEALTH_OF_MANY:
        return FactKind.HEALTH
    return FactKind.POSSESSION if attribute in OWN_THINGS else FactKind.OTHER


def is_of_many(attribute: str) -> bool:
    """Whether the attribute may have many values at a time."""
    return (
        attribute in RELATIONS_OF_MANY
        or attribute in PETS
        or attribute in _HEALTH_OF_MANY
        or attribute in _OF_MANY
    )


def plural_of(attribute: str) -> str:
    """More than one of a relation or pet: "children" of "child", "brothers-in-law"."""
    irregular = {
        "child": "children", "wife": "wives", "puppy": "puppies", "pony": "ponies",
        "mouse": "mice", "canary": "canaries", "bunny": "bunnies", "fish": "fish",
        "goldfish": "goldfish",
    }  # fmt: skip
    if attribute in irregular:
        return irregular[attribute]
    head, is_of_law, _ = attribute.partition("-in-law")
    return f"{head}s-in-law" if is_of_law else f"{attribute}s"


def singular_relation(word: str) -> str:
    """The relation or pet that one of the word is: "sister" of "sisters", "child" of "kids"."""
    plain = OTHER_WORDS.get(word, word)
    if plain in ("children", "puppies", "wives", "mice"):
        return {"children": "child", "puppies": "puppy", "wives": "wife", "mice": "mouse"}[plain]
    if plain in RELATIONS or plain in PETS:
        return plain
    one = plain.removesuffix("s")
    return OTHER_WORDS.get(one, one)
