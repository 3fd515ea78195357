"""Messages from elsewhere become turns, each once, wherever a request or the process ended."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.acceptance.life_file import assert_sound, read_life
from tests.clocks import SOME_MOMENT, FakeClock
from tests.lives import completed, tell
from tests.tiers import damage_block, put_into
from vega.core.conversation import EventKind, TurnStatus
from vega.core.importing import MAX_TEXT_BYTES, Lines
from vega.core.life.import_store import BATCH_MESSAGES, Report
from vega.core.live_turns import LINKS_AT_ONCE, LiveTurns
from vega.core.memory import Tier
from vega.core.store import Store
from vega.errors import StorageFull

LONG_AGO = datetime(2020, 5, 1, 10, tzinfo=UTC)


def said(
    external_id: str, role: str, text: str | None = None, minutes: float = 0, **fields: object
) -> dict[str, object]:
    at = LONG_AGO + timedelta(minutes=minutes)
    text = f"This is {external_id}." if text is None else text
    line = {"external_id": external_id, "role": role, "text": text, "at": at.isoformat()}
    return {**line, **fields}


async def take(store: Store, *messages: object, clock: FakeClock | None = None) -> Report:
    """One request."""
    lines = Lines()
    lines.add("\n".join(json.dumps(message) for message in messages).encode())
    return await store.imports.take(lines.end(), clock or FakeClock())


async def turns(store: Store) -> list[tuple[str, str]]:
    """What was said and answered, in order of arrival."""
    found = sorted(await store.history(200), key=lambda turn: turn.id)
    return [(turn.prompt, turn.response) for turn in found]


def outcome(report: Report) -> tuple[int, int, list[int]]:
    return report.imported, report.skipped, [each.line for each in report.failed]


async def test_a_message_and_its_answer_are_one_turn_with_their_times(store: Store) -> None:
    report = await take(
        store, said("u", "user", "Hello"), said("a", "assistant", "Hi!", 1.5, name="Vega")
    )

    turn = await store.turn(1)
    answer = turn.answer
    assert outcome(report) == (2, 0, [])
    assert (turn.prompt, turn.at, turn.zone) == ("Hello", LONG_AGO, "Europe/Vienna")
    assert (turn.status, turn.origin, turn.device) == (TurnStatus.COMPLETED, "import", None)
    assert answer is not None
    assert (answer.text, answer.model, answer.place) == ("Hi!", None, None)
    assert answer.ended_at == LONG_AGO + timedelta(minutes=1.5)


async def test_a_turn_is_of_where_the_owner_was_by_the_offset_of_its_time(store: Store) -> None:
    await take(store, said("u", "user", at="2020-10-09T07:30:00+09:00"))

    assert (await store.turn(1)).zone == "Etc/GMT-9"


async def test_what_is_alone_is_a_turn_with_one_side_empty(store: Store) -> None:
    await take(
        store,
        said("a1", "assistant"),
        said("u1", "user"),
        said("u2", "user"),
        said("a2", "assistant"),
        said("a3", "assistant"),
    )

    assert await turns(store) == [
        ("", "This is a1."),
        ("This is u1.", ""),
        ("This is u2.", "This is a2."),
        ("", "This is a3."),
    ]


async def test_each_line_is_accounted_for_and_a_bad_one_fails_alone(store: Store) -> None:
    report = await take(
        store,
        said("u1", "user"),
        said("x", "wizard"),
        said("a1", "assistant"),
        said("u1", "user"),
        said("u1", "user", "something else"),
    )

    assert outcome(report) == (2, 1, [2, 5])
    # Between the two stood something that nobody knows.
    assert await turns(store) == [("This is u1.", ""), ("", "This is a1.")]


async def test_a_request_may_begin_with_a_bad_line(store: Store) -> None:
    await take(store, said("u1", "user"))

    assert outcome(await take(store, said("x", "wizard"), said("a1", "assistant"))) == (1, 0, [1])
    assert await turns(store) == [("This is u1.", ""), ("", "This is a1.")]


async def test_of_no_lines_nothing_is_stored(store: Store) -> None:
    assert outcome(await take(store)) == (0, 0, [])
    assert store.newest_link == 0


async def test_an_import_that_is_repeated_changes_nothing(store: Store) -> None:
    messages = [said("u1", "user"), said("a1", "assistant"), said("a2", "assistant")]
    await take(store, *messages)
    link, before = store.newest_link, await turns(store)

    assert outcome(await take(store, *messages)) == (0, 3, [])
    assert (store.newest_link, await turns(store)) == (link, before)


@pytest.mark.parametrize("tier", list(Tier))
async def test_a_known_id_with_another_text_is_refused_in_every_tier(
    store: Store, tier: Tier
) -> None:
    messages = [said("u1", "user"), said("a1", "assistant"), said("u2", "user")]
    await take(store, *messages)
    await put_into(store, tier, [1, 2])

    report = await take(
        store,
        *messages,
        said("u1", "user", "Another"),
        said("a1", "assistant", "Another"),
        said("u2", "assistant"),
    )

    assert outcome(report) == (0, 3, [4, 5, 6])
    assert [each.error for each in report.failed] == [
        "external_id: is known already, as turn 1, with another text.",
        "external_id: is known already, as turn 1, with another text.",
        "external_id: is known already, as turn 2, with another role.",
    ]


async def test_an_answer_that_the_owner_asked_for_since_is_not_compared(store: Store) -> None:
    messages = [said("u1", "user"), said("a1", "assistant")]
    await take(store, *messages)
    await store.ask_again(1)
    await store.end_turn(1, completed("A better one", generation=2), (), SOME_MOMENT)

    assert outcome(await take(store, *messages)) == (0, 2, [])


async def test_what_is_damaged_is_not_compared_and_takes_no_answer(store: Store) -> None:
    await take(store, said("u1", "user"), said("a1", "assistant"), said("u2", "user"))
    await put_into(store, Tier.ARCHIVED, [1, 2])
    await damage_block(store, 1)

    report = await take(store, said("u1", "user"))
    assert outcome(report) == (0, 0, [1])
    assert "turn 1 is damaged" in report.failed[0].error
    assert outcome(await take(store, said("a2", "assistant"))) == (1, 0, [])
    assert (await store.turn(3)).response == "This is a2."


@pytest.mark.parametrize("tier", list(Tier))
async def test_an_answer_finds_its_turn_over_the_border_of_two_requests(
    store: Store, tier: Tier
) -> None:
    await take(store, said("u1", "user"))
    await tell(store, "a live turn", "meanwhile")
    await put_into(store, tier, [1])

    await take(store, said("a1", "assistant", minutes=1), said("a2", "assistant", minutes=2))

    assert await turns(store) == [
        ("This is u1.", "This is a1."),
        ("a live turn", "meanwhile"),
        ("", "This is a2."),
    ]


@pytest.mark.parametrize(
    ("before", "minutes"),
    [
        ([], 0.0),
        ([said("u1", "user", minutes=5)], 4.0),
        ([said("u1", "user"), said("a0", "assistant")], 1.0),
        ([said("a0", "assistant")], 1.0),
    ],
    ids=["nothing before", "of a later time", "answered", "no prompt"],
)
async def test_an_answer_without_a_turn_that_waits_for_it_is_alone(
    store: Store, before: list[dict[str, object]], minutes: float
) -> None:
    await take(store, *before)

    await take(store, said("a1", "assistant", minutes=minutes))

    assert (await turns(store))[-1] == ("", "This is a1.")


async def test_a_turn_whose_owner_asks_again_takes_no_imported_answer(store: Store) -> None:
    await take(store, said("u1", "user"))
    await store.ask_again(1)

    await take(store, said("a1", "assistant"))

    assert await turns(store) == [("This is u1.", ""), ("", "This is a1.")]


async def test_a_request_that_was_cut_anywhere_and_is_repeated_comes_to_the_same(
    tmp_path: Path,
) -> None:
    messages = [said(f"m{n}", "user" if n % 3 else "assistant", minutes=n) for n in range(8)]
    whole = await Store.open(tmp_path / "whole")
    await take(whole, *messages)
    wanted = await turns(whole)
    await whole.close()

    for cut in range(1, len(messages)):
        store = await Store.open(tmp_path / str(cut))
        await take(store, *messages[:cut])
        report = await take(store, *messages)
        assert outcome(report) == (len(messages) - cut, cut, [])
        assert await turns(store) == wanted
        await store.close()


async def test_many_lines_are_stored_in_short_transactions(store: Store) -> None:
    stored: list[int] = []
    store.on_stored.append(stored.append)
    count = 2 * BATCH_MESSAGES + 2

    await take(store, *[said(f"m{n}", "assistant" if n % 2 else "user") for n in range(count)])
    await take(store, *[said(f"l{n}", "user", "x" * (MAX_TEXT_BYTES // 16)) for n in range(3)])

    assert stored == [BATCH_MESSAGES // 2, BATCH_MESSAGES // 2, 1, 1, 1, 1]


async def test_the_chain_goes_over_imports_as_over_any_turn(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await take(store, said("u1", "user"), said("a1", "assistant"), said("u2", "user"))
    await tell(store)
    await take(store, said("a3", "assistant", minutes=9))
    await store.close()

    with read_life(tmp_path) as life:
        assert_sound(life, tmp_path)
        assert life.execute("SELECT link FROM chain_head").get == 6


async def test_a_full_disk_keeps_what_came_before_and_takes_the_rest_later(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = [said(f"m{n}", "user") for n in range(BATCH_MESSAGES + 1)]
    calls: list[None] = []

    def require_room() -> None:
        calls.append(None)
        if len(calls) == 2:
            raise StorageFull

    monkeypatch.setattr(store.disk, "require_room", require_room)

    with pytest.raises(StorageFull):
        await take(store, *messages)
    assert outcome(await take(store, *messages)) == (1, BATCH_MESSAGES, [])


async def test_an_import_says_nothing_to_those_who_follow_the_life(store: Store) -> None:
    await tell(store, "before")
    events = LiveTurns(store).follow_life("0")
    for first in range(0, 3 * LINKS_AT_ONCE, 100):
        await take(store, *[said(f"m{n}", "user") for n in range(first, first + 100)])
    await tell(store, "between")
    await take(store, said("u", "user"), said("a", "assistant"))
    await put_into(store, Tier.ARCHIVED, [2, 3, 3 * LINKS_AT_ONCE + 3])
    await tell(store, "after")

    told = [await anext(events) for _ in range(6)]

    assert [(event.kind, event.turn and event.turn.prompt) for event in told] == [
        (kind, prompt)
        for prompt in ("before", "between", "after")
        for kind in (EventKind.ACCEPTED, EventKind.COMPLETED)
    ]
    await events.aclose()


async def test_a_reader_goes_on_behind_what_was_imported(store: Store) -> None:
    live_turns = LiveTurns(store)
    await take(store, said("u1", "user"), said("a1", "assistant"))
    events = live_turns.follow_life("0")
    await tell(store)

    first = await anext(events)

    assert (first.id, first.kind, first.turn_id) == ("3", EventKind.ACCEPTED, 2)
    await events.aclose()


async def test_an_answer_to_an_imported_turn_that_is_asked_again_is_told(store: Store) -> None:
    await take(store, said("u1", "user"), said("u2", "user"), said("a2", "assistant"))
    for turn_id in (1, 2):
        await store.ask_again(turn_id)
        await store.end_turn(turn_id, completed("Now!"), (), SOME_MOMENT)

    links = await store.links_after(0, 10)

    assert [(link.turn.id, link.is_answer) for link in links] == [(1, True), (2, True)]
