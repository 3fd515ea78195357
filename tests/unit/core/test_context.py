"""What can be said of the context without a life; the rest is in tests/integration/core."""

from hypothesis import given
from hypothesis import strategies as st

from vega.core.context import clip


def test_a_text_within_the_limit_stays_as_it_is() -> None:
    assert clip("hello", 5) == "hello"


def test_a_long_text_loses_its_middle_and_says_so() -> None:
    clipped = clip("a" * 5_000 + "b" * 5_000, 200)

    assert clipped == f"{'a' * 100}\n[… 9,800 characters left out …]\n{'b' * 100}"


@given(st.text(max_size=300), st.integers(-100, 400))
def test_clipping_never_repeats_or_invents_anything(text: str, limit: int) -> None:
    clipped = clip(text, limit)
    head, _, rest = clipped.partition("\n[… ")
    tail = rest.partition(" characters left out …]\n")[2]

    assert clipped == text or (text.startswith(head) and text.endswith(tail))
    assert clipped == text or len(head) + len(tail) < len(text)


@given(st.text(min_size=100, max_size=300), st.integers(32, 300))
def test_clipping_never_makes_a_text_longer(text: str, limit: int) -> None:
    assert len(clip(text, limit)) <= max(len(text), limit)
