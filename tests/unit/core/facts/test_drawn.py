"""Whatever the rules refuse, they draw what people name: colours, names and favourites."""

import pytest

from vega.core.facts import read_question, read_statements

#: The named colours of CSS, with spaces where they are words; and names from crayons and paints.
COLORS = """
alice blue|antique white|aqua|aquamarine|azure|beige|bisque|black|blanched almond|blue|blue violet|
brown|burly wood|cadet blue|chartreuse|chocolate|coral|cornflower blue|cornsilk|crimson|cyan|
dark blue|dark cyan|dark goldenrod|dark gray|dark green|dark grey|dark khaki|dark magenta|
dark olive green|dark orange|dark orchid|dark red|dark salmon|dark sea green|dark slate blue|
dark slate gray|dark slate grey|dark turquoise|dark violet|deep pink|deep sky blue|dim gray|
dim grey|dodger blue|firebrick|fire brick|floral white|forest green|fuchsia|gainsboro|ghost white|
gold|goldenrod|gray|green|green yellow|grey|honeydew|hot pink|indian red|indigo|ivory|khaki|
lavender|lavender blush|lawn green|lemon chiffon|light blue|light coral|light cyan|
light goldenrod yellow|light gray|light green|light grey|light pink|light salmon|light sea green|
light sky blue|light slate gray|light slate grey|light steel blue|light yellow|lime|lime green|
linen|magenta|maroon|medium aquamarine|medium blue|medium orchid|medium purple|medium sea green|
medium slate blue|medium spring green|medium turquoise|medium violet red|midnight blue|mint cream|
misty rose|moccasin|navajo white|navy|old lace|olive|olive drab|orange|orange red|orchid|
pale goldenrod|pale green|pale turquoise|pale violet red|papaya whip|peach puff|peru|pink|plum|
powder blue|purple|rebecca purple|red|rosy brown|royal blue|saddle brown|salmon|sandy brown|
sea green|sea shell|sienna|silver|sky blue|slate blue|slate gray|slate grey|snow|spring green|
steel blue|tan|teal|thistle|tomato|turquoise|violet|wheat|white|white smoke|yellow|yellow green|
robin egg blue|robin's egg blue|burnt orange|burnt sienna|off white|off-white|midnight|raw umber|
macaroni and cheese|atomic tangerine|shocking pink|screaming green|electric lime|faded denim|
washed denim|outer space|jazzberry jam|neon carrot|wild watermelon|fuzzy wuzzy|kelly green|
british racing green|prussian blue|french rose|dusty rose|very light blue|dark|neon|pastel pink|
blue-green|greenish blue|red, white and blue|black and white|rose gold|cotton candy pink|
dirty blonde|mustard|dried blood|rainbow|clear|#ff00ff|rgb(255, 0, 0)|blood red
"""
NAMES = """
Ana|Nguyễn Văn An|Sinéad O'Brien|Jean-Luc|María José|Ludwig van Beethoven|李明|Олена|ana|
mary ann|van der Berg|Vincent van Gogh|Leonardo da Vinci|Charles de Gaulle|Omar al-Bashir|
Abu Bakr|أحمد|अमित शर्मा|Þórunn|Åsa Öberg|Ngozi Okonjo-Iweala|Kim Jong-min|Björk|X Æ A-12|
John F. Kennedy|J. R. R. Tolkien|Dr. Grace Hopper|Martin Luther King Jr.|Henry VIII|d'Artagnan|
nguyễn văn an|maria del carmen|juan carlos|o'brien|jean-luc|ludwig van beethoven|олена|ahmed|
mohammed ali|emily|reed|ming|kelly|olive|clive|sterling|jin-ho|Frank|Will|Grace|Rich|Young|May|
Sunny|Hope|Bo|al|björk|élodie|BOB|MARY ANN|bell hooks|Mx. Lee|Siobhán Ní Bhriain|Jürgen von Thun
"""
FAVORITES = """
food=sushi with extra wasabi|sport=running|hobby=long distance running|number=7|band=The Who|
movie=Crazy, Stupid, Love|movie=Toy Story|emoji=😂|food=fried chicken|food=mac and cheese|
drink=iced coffee|drink=a flat white|animal=the red panda|animal=a dog|season=spring|
time of day=early morning|book=pride and prejudice|book=Harry Potter and the Goblet of Fire|
movie=the lord of the rings|song=hey jude|song=Bohemian Rhapsody by Queen|song=99 Red Balloons|
author=Ursula K. Le Guin|author=jane austen|programming language=python|language=C++|
programming language=Rust|team=Real Madrid|team=manchester united|city=new york|
place=the beach|city in Europe=Lisbon|ice cream flavor=mint chocolate chip|kind of music=jazz|
cuisine=Thai|food=italian food|flower=forget-me-nots|game=chess|board game=Settlers of Catan|
video game=The Legend of Zelda: Breath of the Wild|hobby=playing the guitar|activity=reading|
way to relax=taking a bath|hobby=going to the movies|month=may|day=friday|day of the week=Sunday|
word=serendipity|movie=The King and I|movie=Gone with the Wind|
show=Law & Order|snack=salted peanuts|dessert=tiramisu|dessert=chocolate pudding|
fruit=mango|vegetable=broccoli|musical=Wicked|holiday=Thanksgiving|actor=tom hanks|
teacher=mrs. smith|restaurant=Chez Paul|restaurant=the Italian place on 5th street|
flavor=salty|weather=sunny|movie=2001: A Space Odyssey|car=Porsche 911|letter=A|tea=Earl Grey|
breakfast=pancakes and maple syrup|pizza topping=mushrooms|superhero=Spider-Man|store=Trader Joe's|
sandwich=grilled cheese|soup=tom kha gai|drink=a cold pilsner|movie=Spider-Man - No Way Home
"""


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.replace("\n", "").split("|")]


@pytest.mark.parametrize("color", _listed(COLORS))
@pytest.mark.parametrize("spelling", ["favorite color", "favourite colour"])
def test_any_color_is_drawn_in_any_case(color: str, spelling: str) -> None:
    for written in (color, color.title(), color.upper(), color.capitalize()):
        for opening in ("My", "Hey Vega, my", "my"):
            for end in ("", ".", "!"):
                reading = read_statements(f"{opening} {spelling} is {written}{end}")

                assert [(one.attribute, one.value) for one in reading.statements] == [
                    ("favorite color", written)
                ]
                assert reading.is_all


@pytest.mark.parametrize("name", _listed(NAMES))
def test_names_of_many_peoples_are_drawn(name: str) -> None:
    reading = read_statements(f"Hi, my name is {name}")

    assert [(one.attribute, one.value) for one in reading.statements] == [("name", name)]
    assert reading.is_all


@pytest.mark.parametrize("favorite", _listed(FAVORITES))
def test_favorites_of_many_kinds_are_drawn_and_asked_for(favorite: str) -> None:
    thing, value = favorite.split("=")
    reading = read_statements(f"My favorite {thing} is {value}")
    asked = read_question(f"What is my favorite {thing}?")

    assert [(one.attribute, one.value) for one in reading.statements] == [
        (f"favorite {thing.lower()}", value)
    ]
    assert reading.is_all
    assert asked is not None
    assert asked.attribute == reading.statements[0].attribute
