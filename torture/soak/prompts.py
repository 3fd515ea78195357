"""What is said: never the same twice, and of every kind that Vega treats in its own way."""

COLORS = ("purple", "teal", "red", "ochre", "white", "olive", "black")
_FILLER = "The sea was calm that day, and the wind came from the north. " * 8


def prompt(name: str, number: int) -> str:
    """What the client of that name says as its nth."""
    color = COLORS[number % len(COLORS)]
    kinds = (
        f"My favorite color is {color}. ({name}, {number})",
        f"What is my favorite color? ({name}, {number})",
        f"Tell me one thing about the number {number}, for {name}.",
        f"What did I say about the number {max(1, number - 4)}? ({name}, {number})",
        f"On day {number} of my diary, {name}: {_FILLER}",
        f"My cousin Ann{number} lives in Graz and works as a baker, says {name}.",
    )
    return kinds[number % len(kinds)]
