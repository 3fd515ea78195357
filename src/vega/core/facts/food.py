"""Food: what is asked of it, and what of the owner's facts has to do with it. English only.

It tells what the owner has said, never whether something is good for them.
"""

import re

from vega.core.facts.forms import Question
from vega.core.facts.reading import MAX_PROMPT_CHARS
from vega.core.facts.sentences import only_sentence
from vega.core.facts.wording import as_meant
from vega.core.memory import Fact
from vega.core.patterns import Pattern
from vega.core.vocabulary import of
from vega.core.words import words

#: What tells of food and drink.
ATTRIBUTES = ("allergy", "intolerance", "does not eat", "does not drink", "diet", "dislike", "like")
_EATS = Pattern(
    r"(?P<own>do i (?:still |ever |even )?)(?P<verb>eat|drink) (?:any |an? |some )?"
    r"(?P<food>[\w' -]+)|"
    r"(?:(?:can|may|could|should|must|shall) i|am i (?:allowed|able|permitted) to|is it (?:ok|okay|"
    r"fine|safe|all ?right) (?:for me to|if i|to)) (?:still |ever |safely )?"
    r"(?P<verb_>eat|drink|have|try|taste|order|take|use) (?:any |an? |some |the )?"
    r"(?P<food_>[\w' -]+)|"
    r"is (?P<food__>[\w' -]+?) (?:ok|okay|fine|safe|all ?right|good) for me(?: to (?:eat|drink))?",
    re.IGNORECASE,
)
_NO_FOOD = of("it that this them anything something more less you question look idea refund")
_MEAT = of("""
meat beef pork chicken lamb veal turkey duck goose ham bacon steak sausage sausages salami burger
hamburger schnitzel mutton venison rabbit liver meatballs meatball prosciutto chorizo pepperoni
ribs gulasch goulash hotdog
""")
_FISH = of("""
fish salmon tuna trout cod herring sushi sashimi shrimp shrimps prawn prawns crab lobster squid
calamari mussels oysters anchovies anchovy seafood shellfish
""")
_DAIRY = of("milk cheese yoghurt yogurt butter cream quark ice-cream mozzarella parmesan cheddar")
_FROM_ANIMALS = _DAIRY | of("egg eggs honey omelette mayonnaise gelatine gelatin")
_GLUTEN = of("bread pasta wheat flour pizza cake beer noodles spaghetti rye barley toast cookies")
_NUTS = of("""
nut nuts peanut almond almonds walnut walnuts hazelnut hazelnuts cashew cashews pistachio
pistachios pecan pecans marzipan nutella praline
""")
_SHELLFISH = of("shrimp shrimps prawn prawns crab lobster mussels oysters scampi")
#: What a diet, an intolerance or an allergy leaves out.
_LEFT_OUT = {
    "vegetarian": _MEAT | _FISH,
    "vegan": _MEAT | _FISH | _FROM_ANIMALS,
    "pescatarian": _MEAT,
    "flexitarian": _MEAT,
    "meat": _MEAT,
    "fish": _FISH,
    "seafood": _FISH,
    "shellfish": _SHELLFISH,
    "lactose": _DAIRY,
    "milk": _DAIRY,
    "dairy": _DAIRY,
    "gluten": _GLUTEN,
    "wheat": _GLUTEN,
    "nut": _NUTS,
    "kosher": of("pork ham bacon shrimp prawns lobster crab mussels oysters"),
    "halal": of("pork ham bacon salami alcohol wine beer"),
    "alcohol": of("alcohol wine beer whisky whiskey vodka gin rum champagne prosecco cocktail"),
}


def read_food_question(prompt: str) -> Question | None:
    """What the prompt asks about the owner and some food; the value is the food, and the attribute
    "diet" where it cannot be about anything but the owner: "Do I eat meat?"."""
    if len(prompt) > MAX_PROMPT_CHARS:
        return None
    match = _EATS.fullmatch(only_sentence(as_meant(prompt)))
    if match is None:
        return None
    food = match["food"] or match["food_"] or match["food__"]
    if food.lower().split()[0] in _NO_FOOD:
        return None
    # "Can I take the bus?" has to do with allergies alone.
    is_taken = (match["verb_"] or "").lower() in ("take", "use")
    phrase = "allergy" if is_taken else "diet"
    return Question("diet" if match["own"] else None, phrase, "is", value=food)


def is_of_food(fact: Fact, food: str) -> bool:
    """Whether what is known has to do with that food: an allergy to peanuts with peanut butter."""
    asked = {_one(word) for word in words(food)}
    said = {_one(word) for word in words(fact.value)} - of("allergy free and or no")
    if fact.attribute in ("like", "dislike") or fact.attribute.startswith("favorite "):
        return bool(said) and (said == asked or (fact.attribute == "dislike" and said <= asked))
    if said & asked:
        return True
    left_out = {_one(word) for name in said for word in _LEFT_OUT.get(name, ())}
    # "Can I eat nuts?", who is allergic to peanuts.
    meant = {_one(word) for name in asked for word in _LEFT_OUT.get(name, ())}
    return bool(left_out & asked or meant & said)


def _one(word: str) -> str:
    """Nuts and nut are one."""
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
