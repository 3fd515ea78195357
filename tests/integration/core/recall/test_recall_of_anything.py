"""Recall of whatever is typed, in whatever script: bounded, the same each time, never an error."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lives import tell
from tests.tiers import put_into
from vega.core.memory import Tier
from vega.core.recall.packing import token_cost
from vega.core.recall.recall import Recall
from vega.core.store import Store

NOW = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
TEXTS = (
    "昨日は東京で寿司を食べました。",
    "我喜欢喝绿茶，尤其是龙井。",
    "เมื่อวานฉันไปตลาดกับแม่",
    "أحب القهوة بالهيل في الصباح",
    "אני גר בחיפה ליד הים",
    "Im Garten wächst Rhabarber.",
    "Who am I?",
    "😀😀😀",
    'He said "NEAR(a b) AND NOT c" and col:x * ^ -',
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(tmp_path)
    for number, text in enumerate(TEXTS, start=1):
        at = NOW - timedelta(hours=number)
        await tell(opened, text, f"Noted, number {number}.", at=at)
    await put_into(opened, Tier.ARCHIVED, [1, 2, 3])
    yield opened
    await opened.close()


@pytest.fixture
async def recall(store: Store) -> AsyncIterator[Recall]:
    made = Recall(store, None, None, day_first=True)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("東京で何を食べた？", TEXTS[0]),
        ("绿茶", TEXTS[1]),
        ("ตลาด", TEXTS[2]),
        ("القهوة", TEXTS[3]),
        ("הים", TEXTS[4]),
        ("rhabarber gartens", TEXTS[5]),
        ("why am I who I am", TEXTS[6]),
        ("NEAR OR col NOT", TEXTS[8]),
    ],
)
async def test_every_script_is_found_by_its_words(recall: Recall, question: str, text: str) -> None:
    found = await recall.find(question, now=NOW, zone="Asia/Tokyo")

    assert found.items[0].found.text == text


@pytest.mark.parametrize(
    "question",
    [
        "word " * 20_000,
        " ".join(f"word{number}" for number in range(20_000)) + " 龙井",
        "a" * 100_000,
        "the of and " * 7_000,
        "yesterday on monday last week " * 4_000,
        "龙" * 20_000,
    ],
)
async def test_a_question_of_any_length_is_one(recall: Recall, question: str) -> None:
    found = await recall.find(question, now=NOW, zone="Europe/Vienna")

    assert found.tokens <= 2000


async def test_the_end_of_a_long_question_counts(recall: Recall) -> None:
    question = " ".join(f"word{number}" for number in range(20_000)) + " rhabarber"

    found = await recall.find(question, now=NOW, zone="Europe/Vienna")

    assert found.items[0].found.text == TEXTS[5]


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    question=st.text(max_size=200)
    | st.lists(
        st.sampled_from(["yesterday", "what", "did", "I", "say", "绿茶", '"', "on the 3rd", "AND",
                         "before my trip", "in March", "Noted", "number", "*", "^", "😀", "1970"]),
        max_size=12,
    ).map(" ".join),
    budget=st.integers(1, 3000),
    limit=st.integers(1, 100),
    zone=st.sampled_from(["UTC", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Apia"]),
)  # fmt: skip
async def test_it_never_fails_never_takes_more_and_gives_the_same_twice(
    recall: Recall, question: str, budget: int, limit: int, zone: str
) -> None:
    first, second = [
        await recall.find(question, now=NOW, zone=zone, budget_tokens=budget, limit=limit)
        for _ in range(2)
    ]

    assert first == second
    assert first.tokens <= budget
    assert len(first.items) <= limit
    shown = [(item.found.turn_id, item.found.role) for item in first.items]
    assert len(set(shown)) == len(shown)
    for item in first.items:
        assert item.tokens >= token_cost(item.text)
        assert 0 <= item.word_share <= 1
