"""Messages are found by their words, whole and in every tier, and damage keeps no other away."""

import asyncio
import itertools
import threading
from datetime import UTC, datetime, timedelta

import pytest

from tests.clocks import SOME_MOMENT, FakeClock
from tests.integration.core.life.test_import_store import said, take
from tests.lives import completed, tell
from tests.tiers import damage_block, put_into
from vega.core.importing import Role
from vega.core.life import archive, records, search_store
from vega.core.life.readers import Connection
from vega.core.memory import Tier
from vega.core.recollection import Found
from vega.core.search import parse_query
from vega.core.store import Store

MINUTE = timedelta(minutes=1)


async def find(
    store: Store, text: str, limit: int = 20, before: datetime | None = None
) -> list[Found]:
    return await store.search.find(parse_query(text), limit, before)


async def found(store: Store, text: str, limit: int = 20) -> list[tuple[int, str]]:
    return [(item.turn_id, item.role.value) for item in await find(store, text, limit)]


@pytest.mark.parametrize("tier", list(Tier))
async def test_both_sides_of_a_turn_are_found_whole_in_every_tier(store: Store, tier: Tier) -> None:
    prompt, answer = "Tell me  about\nwalruses. " + "x" * 500, "Tusks!\n\n* one\n* two 🦭"
    turn = await tell(store, prompt, answer, at=SOME_MOMENT)
    await put_into(store, tier, [turn.id])

    asked, answered = await find(store, "walruses"), await find(store, '"tusks! * one"')

    zone = turn.zone
    assert asked == [
        Found(turn.id, None, Role.USER, None, SOME_MOMENT, prompt, asked[0].score, tier, zone)
    ]
    assert answered == [
        Found(
            turn.id, None, Role.ASSISTANT, None, SOME_MOMENT, answer, answered[0].score, tier, zone
        )
    ]
    assert asked[0].score > 0


async def test_a_turn_that_is_in_the_index_alone_keeps_no_other_away(store: Store) -> None:
    turn = await tell(store, "About walruses", "Tusks")

    def plant(connection: Connection) -> None:
        records.index_message(connection, 2 * (turn.id + 500), "Walruses, walruses!")

    await store._db.write(plant)

    assert await found(store, "walruses") == [(turn.id, "user")]


@pytest.mark.parametrize("tier", list(Tier))
async def test_what_was_imported_keeps_its_id_name_and_time(store: Store, tier: Tier) -> None:
    await take(
        store, said("u1", "user", "About moles"), said("a1", "assistant", "They dig", 2, name="Vi")
    )
    await put_into(store, tier, [1])

    (item,) = await find(store, "dig")

    assert (item.external_id, item.role, item.name) == ("a1", Role.ASSISTANT, "Vi")
    assert item.at == datetime(2020, 5, 1, 10, 2, tzinfo=UTC)


@pytest.mark.parametrize("tier", list(Tier))
async def test_after_asking_again_both_answers_are_found(store: Store, tier: Tier) -> None:
    turn = await tell(store, "Name a bird", "A kingfisher")
    await store.ask_again(turn.id)
    await store.end_turn(turn.id, completed("An ostrich", generation=2), (), SOME_MOMENT)
    await put_into(store, tier, [turn.id])

    for word in ("kingfisher", "ostrich"):
        (item,) = await find(store, word)
        assert (item.turn_id, item.text) == (turn.id, "A kingfisher\nAn ostrich")


async def test_a_prompt_is_found_before_its_answer_is_there(store: Store) -> None:
    await take(store, said("u1", "user", "About moles"))
    await store.ask_again(1)

    assert await found(store, "moles") == [(1, "user")]


async def test_what_has_all_the_words_comes_before_what_has_some(store: Store) -> None:
    await tell(store, "garden garden garden", "-")
    await tell(store, "The red garden gate needs new paint, before the long winter comes", "-")
    await tell(store, "a red tractor", "-")
    await tell(store, "nothing of it", "-")

    assert await found(store, "red garden") == [(2, "user"), (1, "user"), (3, "user")]
    assert await found(store, "red garden", limit=1) == [(2, "user")]


async def test_the_better_fit_comes_first(store: Store) -> None:
    await tell(store, "A heron stood there, among many other things that day by the water", "-")
    await tell(store, "heron heron", "-")
    for number in range(5):
        await tell(store, f"Something else {number}", "-")

    items = await find(store, "heron")

    assert [item.turn_id for item in items] == [2, 1]
    assert items[0].score > items[1].score > 0


async def test_a_word_is_found_in_its_other_forms(store: Store) -> None:
    await tell(store, "We were running through the Gärten", "-")

    for text in ("run", "RUNS", "garten", "Gärten", "ga\u0308rten"):
        assert await found(store, text) == [(1, "user")], text


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("昨日、東京都で寿司を食べました。", "東京"),
        ("昨日、東京都で寿司を食べました。", '"東京都で寿司"'),
        ("ฉันกินข้าวผัดเมื่อวานนี้", "ข้าวผัด"),
        ("ฉันกินข้าวผัดเมื่อวานนี้", '"ข้าวผัด"'),
        ("أكلت التفاح في الصباح", "التفاح"),
        ("אכלתי תפוח בבוקר", '"תפוח בבוקר"'),
        ("Я ела яблоко утром", '"ЕЛА яблоко"'),
        ("मैंने सुबह सेब खाया", "सेब"),
    ],
)
async def test_every_script_is_found(store: Store, text: str, query: str) -> None:
    await tell(store, text, "-")
    await tell(store, "昼 กลาง وسط אחר другое और nothing", "-")

    assert (await found(store, query))[0] == (1, "user")
    assert query[0] != '"' or len(await found(store, query)) == 1


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ('"the big, bad wolf isn\'t"', True),
        ('"THE BIG,   bad\nwolf"', True),
        ('"wolf isn\'t here. Run"', True),
        ('"bad wolf" "so he said"', True),
        ('"big bad wolf"', False),
        ('"the big, bad wolves"', False),
        ('"bad big, the wolf"', False),
        ('"the big, bad wolf" "never said"', False),
        ('"a big, bad wolf"', False),
    ],
)
async def test_a_phrase_is_found_word_for_word(store: Store, query: str, is_there: bool) -> None:
    await tell(store, "Well: the big, bad\n\twolf isn't here. Run!  So he said.", "-")

    assert bool(await find(store, query)) is is_there


async def test_a_phrase_must_be_there_and_words_beside_it_only_help(store: Store) -> None:
    await tell(store, "a green door", "-")
    await tell(store, "a green door, and a window", "-")
    await tell(store, "a window and a door, green", "-")

    assert await found(store, '"green door" window') == [(2, "user"), (1, "user")]


@pytest.mark.parametrize("tier", list(Tier))
async def test_a_phrase_of_stop_words_alone_is_found(store: Store, tier: Tier) -> None:
    await tell(store, "Same here! So have you been up to anything new?", "You should know that")
    await put_into(store, tier, [1])

    assert await found(store, '"so have you been up to"') == [(1, "user")]
    assert await found(store, '"you should"') == [(1, "assistant")]
    assert await found(store, '"should you"') == []


async def test_stop_words_without_quotes_find_what_is_made_of_them(store: Store) -> None:
    await tell(store, "What is it?", "It is a mole")

    assert await found(store, "what is it") == [(1, "user")]


async def test_signs_are_looked_for_in_the_newest_turns(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_store, "SCANNED_TURNS", 2)
    await tell(store, "old 🦭", "-")
    await tell(store, "plain", "🦭!", at=SOME_MOMENT + MINUTE)
    await tell(store, "new 🦭 🦦", "-", at=SOME_MOMENT + 2 * MINUTE)

    assert await found(store, "🦭") == [(3, "user"), (2, "assistant")]
    assert await found(store, "🦦 🦭") == [(3, "user")]
    assert [item.turn_id for item in await find(store, "🦭", before=SOME_MOMENT + 2 * MINUTE)] == [
        2,
        1,
    ]


async def test_what_has_one_side_alone_is_found_by_its_signs(store: Store) -> None:
    await take(store, said("a1", "assistant", "🦭"), said("u1", "user", "🦭!"))

    assert await found(store, "🦭") == [(2, "user"), (1, "assistant")]
    assert await found(store, "🦭 walrus") == []


async def test_only_what_was_said_before_a_time_is_found(store: Store) -> None:
    await take(
        store,
        said("u1", "user", "an owl", 0),
        said("a1", "assistant", "owls", 5),
        said("u2", "user", "the owl", 10),
    )
    start = datetime(2020, 5, 1, 10, tzinfo=UTC)

    for minutes, ids in ((0, set()), (1, {"u1"}), (6, {"u1", "a1"}), (11, {"u1", "a1", "u2"})):
        items = await find(store, "owl", before=start + minutes * MINUTE)
        assert {item.external_id for item in items} == ids
        assert await find(store, '"an owl"', before=start + minutes * MINUTE) == (
            [item for item in await find(store, '"an owl"') if minutes]
        )


async def test_common_words_cost_no_more_than_rare_ones_and_the_newest_come_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_store, "RANKED_ROWS", 3)
    await take(store, *[said(f"m{n}", "user", f"moon sun {n}") for n in range(5)])
    await take(store, said("r", "user", "moon heron"), said("s", "user", "heron"))
    first = datetime(2020, 5, 1, 10, 0, 1, tzinfo=UTC)

    assert [item.external_id for item in await find(store, "moon sun", limit=2)] == ["m4", "m3"]
    assert [item.external_id for item in await find(store, "moon heron", 3)] == [
        "r",
        "s",
        "m4",
    ]
    assert [item.external_id for item in await find(store, "moon zebra sun", limit=1)] == ["r"]
    assert [item.external_id for item in await find(store, "moon sun")][-2:] == ["m0", "r"]
    assert len(await find(store, "moon", before=first)) == 6
    assert await find(store, "moon", before=datetime(2020, 1, 1, tzinfo=UTC)) == []


async def test_what_came_later_is_not_looked_at(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a word that very many messages hold, before a time: whatever was said since."""
    monkeypatch.setattr(search_store, "RANKED_ROWS", 3)
    query = parse_query("moon")

    async def steps() -> int:
        """Of SQLite's machine, in tens."""
        taken = itertools.count()

        def look(connection: Connection) -> None:
            connection.set_progress_handler(lambda: next(taken) < 0, 10)
            found = list(search_store._found(connection, query, records.micros(end)))
            connection.set_progress_handler(None)
            assert len(found) == 20

        await store._db.read(look)
        return next(taken)

    await take(store, *[said(f"a{n}", "user", f"moon {n}") for n in range(20)])
    end = datetime(2021, 1, 1, tzinfo=UTC)
    later = [said(f"b{n}", "user", f"moon {n}", at="2022-01-01T00:00:00Z") for n in range(600)]
    await take(store, *later[:100])
    few = await steps()
    await take(store, *later[100:])

    assert await steps() < 1.3 * few


async def test_ids_and_times_may_be_in_any_order(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_store, "RANKED_ROWS", 3)
    monkeypatch.setattr(search_store, "FIRST_TURNS", 2)
    monkeypatch.setattr(search_store, "NEIGHBOURS", 1)
    years = [2014, 2020, 2011, 2019, 2012, 2018, 2013, 2017, 2016, 2015]
    await take(
        store, *[said(f"{year}", "user", "moon", at=f"{year}-01-01T00:00:00Z") for year in years]
    )

    items = await find(store, "moon", before=datetime(2018, 1, 1, tzinfo=UTC))

    assert [item.external_id for item in items] == [str(year) for year in range(2017, 2010, -1)]


async def test_of_words_that_very_many_hold_only_so_many_turns_before_a_time_are_looked_at(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_store, "RANKED_ROWS", 3)
    monkeypatch.setattr(search_store, "MOST_TURNS", 4)
    await take(store, *[said(f"m{n}", "user", "moon", n) for n in range(10)])

    items = await find(store, "moon", before=datetime(2021, 1, 1, tzinfo=UTC))

    assert [item.external_id for item in items] == ["m9", "m8", "m7", "m6"]


async def test_searches_hold_up_no_other_reading(store: Store) -> None:
    await tell(store, "The moon", "-")
    go_on = threading.Event()
    searches = [
        asyncio.create_task(store.word_index.read(lambda _: go_on.wait(10))) for _ in range(4)
    ]
    await asyncio.sleep(0.01)

    turn = await store.turn(1)
    go_on.set()

    assert turn.prompt == "The moon"
    assert await asyncio.gather(*searches) == [True] * 4


async def test_a_damaged_turn_is_left_out_and_the_others_are_found(store: Store) -> None:
    for number in range(3):
        await tell(store, f"A crane {number}", f"cranes {number}")
        await put_into(store, Tier.ARCHIVED, [number + 1])
    await damage_block(store, 2)

    assert {turn_id for turn_id, _ in await found(store, "crane")} == {1, 3}
    assert {turn_id for turn_id, _ in await found(store, '"crane"')} == {1, 3}


async def test_a_block_is_opened_once_for_all_that_is_found_in_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[bytes] = []

    class Counted(archive.OpenBlock):
        def __init__(self, checksum: bytes, data: bytes) -> None:
            opened.append(checksum)
            super().__init__(checksum, data)

    blocks = archive.KEPT_BLOCKS + 3
    for number in range(blocks):
        turns = [await tell(store, f"finch {number}" + " x" * n, "-") for n in range(4)]
        await put_into(store, Tier.ARCHIVED, [turn.id for turn in turns])
    monkeypatch.setattr(archive, "OpenBlock", Counted)

    assert len(await find(store, "finch", limit=4 * blocks)) == 4 * blocks
    assert len(opened) <= blocks


async def test_more_than_one_reading_of_candidates_keeps_their_order(store: Store) -> None:
    count = search_store.READ_AT_ONCE + 10
    await take(
        store,
        *[said(f"m{n}", "user", "swift" + " and other birds" * (count - n)) for n in range(count)],
        clock=FakeClock(),
    )

    items = await find(store, "swift", limit=100)

    assert [item.external_id for item in items] == [f"m{n}" for n in reversed(range(count))]
    assert [item.score for item in items] == sorted((i.score for i in items), reverse=True)


@pytest.mark.parametrize(
    "text",
    [
        "NEAR(a b)",
        "text:moon",
        "-moon",
        "moon*",
        "moon AND NOT",
        "^moon",
        '"moon" + "',
        "{text}: moon",
        "moon) OR (",
        "\x00moon\x00",
        "' OR 1=1 --",
        " ".join(f"w{n}" for n in range(20_000)),
        '"' + "moon " * 20_000 + '"',
        " ".join(f'"w{n} moon"' for n in range(200)),
        "𖹀 ﬁ ² ½ ๙",
    ],
)
async def test_whatever_is_typed_is_no_error(store: Store, text: str) -> None:
    await tell(store, "The moon", "-")

    assert await find(store, text) in ([], await find(store, "moon"))
