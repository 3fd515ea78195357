"""Browsers are paired once, by a code, for as long as the owner likes."""

import asyncio
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.clocks import SOME_MOMENT, FakeClock
from vega.core import db, sql
from vega.core.life import sqlite
from vega.core.pairing import Pairing
from vega.core.store import Store
from vega.errors import DeviceNotFound, PairingExpired, PairingUnknown, PairingUsed


async def opened(store: Store, clock: FakeClock) -> Pairing:
    return await Pairing.open(store.devices, clock)


async def test_a_code_pairs_a_browser_that_is_known_from_then_on(
    store: Store, clock: FakeClock
) -> None:
    pairing = await opened(store, clock)

    made = await pairing.make_code()
    device, token = await pairing.pair(made.code, "Firefox on Linux")
    again = await opened(store, clock)

    assert made.expires_at == SOME_MOMENT + timedelta(hours=1)
    assert (device.id, device.name, device.created_at) == (1, "Firefox on Linux", SOME_MOMENT)
    for each in (pairing, again):
        assert each.find_device(token) == device
        assert list(each.devices) == [device]


async def test_codes_and_tokens_cannot_be_guessed(store: Store, clock: FakeClock) -> None:
    pairing = await opened(store, clock)

    codes = {(await pairing.make_code()).code for _ in range(5)}
    tokens = {(await pairing.pair(code, "x"))[1] for code in codes}

    assert len(codes) == len(tokens) == 5
    assert {len(code) for code in codes} == {27}
    assert {len(token) for token in tokens} == {43}


async def test_neither_code_nor_token_stands_in_the_database(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    pairing = await opened(store, clock)
    unused, used = await pairing.make_code(), await pairing.make_code()
    _, token = await pairing.pair(used.code, "Firefox")
    await store.close()

    written = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert b"Firefox" in written
    for secret in (unused.code, used.code, token):
        assert secret.encode() not in written


async def test_a_code_is_good_once(store: Store, clock: FakeClock) -> None:
    pairing = await opened(store, clock)
    made = await pairing.make_code()
    await pairing.pair(made.code, "first")

    for each in (pairing, await opened(store, clock)):
        with pytest.raises(PairingUsed, match="vega open"):
            await each.pair(made.code, "second")

    assert [device.name for device in pairing.devices] == ["first"]


async def test_of_many_browsers_that_race_one_is_paired(store: Store, clock: FakeClock) -> None:
    pairing = await opened(store, clock)
    made = await pairing.make_code()

    outcomes = await asyncio.gather(
        *(pairing.pair(made.code, f"browser {number}") for number in range(8)),
        return_exceptions=True,
    )

    paired = [outcome for outcome in outcomes if isinstance(outcome, tuple)]
    assert len(paired) == len(pairing.devices) == 1
    assert sum(isinstance(outcome, PairingUsed) for outcome in outcomes) == 7
    assert len((await opened(store, clock)).devices) == 1


async def test_a_code_is_good_for_an_hour_across_restarts(store: Store, clock: FakeClock) -> None:
    made = await (await opened(store, clock)).make_code()
    other = await (await opened(store, clock)).make_code()
    pairing = await opened(store, clock)

    clock.advance(minutes=59, seconds=59)
    await pairing.pair(made.code, "in time")
    clock.advance(seconds=1)

    with pytest.raises(PairingExpired, match="vega open"):
        await pairing.pair(other.code, "too late")


@pytest.mark.parametrize("code", ["", "x", "wrong" * 5, "\x00", "é"])
async def test_what_was_never_a_code_pairs_nothing(
    store: Store, clock: FakeClock, code: str
) -> None:
    pairing = await opened(store, clock)
    await pairing.make_code()

    with pytest.raises(PairingUnknown, match="vega open"):
        await pairing.pair(code, "nobody")

    assert not pairing.devices


async def test_old_codes_do_not_pile_up(store: Store, clock: FakeClock) -> None:
    pairing = await opened(store, clock)
    old = await pairing.make_code()
    clock.advance(days=1, hours=2)

    await pairing.make_code()

    with pytest.raises(PairingUnknown):
        await pairing.pair(old.code, "far too late")


async def test_an_unpaired_browser_is_a_stranger_and_the_others_stay(
    store: Store, clock: FakeClock
) -> None:
    pairing = await opened(store, clock)
    paired = [await pairing.pair((await pairing.make_code()).code, name) for name in "abc"]

    await pairing.unpair(2)

    for each in (pairing, await opened(store, clock)):
        assert [device.name for device in each.devices] == ["a", "c"]
        known = [each.find_device(token) for _, token in paired]
        assert known == [paired[0][0], None, paired[2][0]]


async def test_an_id_is_never_used_twice(store: Store, clock: FakeClock) -> None:
    pairing = await opened(store, clock)
    await pairing.pair((await pairing.make_code()).code, "a")
    await pairing.unpair(1)

    device, _ = await pairing.pair((await pairing.make_code()).code, "b")

    assert device.id == 2


async def test_what_is_not_paired_cannot_be_unpaired(store: Store, clock: FakeClock) -> None:
    with pytest.raises(DeviceNotFound):
        await (await opened(store, clock)).unpair(1)


async def test_who_waits_for_an_unpairing_is_told_of_that_one_alone(
    store: Store, clock: FakeClock
) -> None:
    pairing = await opened(store, clock)
    for name in "ab":
        await pairing.pair((await pairing.make_code()).code, name)

    async with asyncio.timeout(10):
        waiting = asyncio.ensure_future(pairing.wait_until_unpaired(2))
        await pairing.unpair(1)
        await asyncio.sleep(0)
        is_told_too_early = waiting.done()
        await pairing.unpair(2)
        await waiting
        await pairing.wait_until_unpaired(2)

    assert not is_told_too_early


async def test_a_life_of_the_first_schema_goes_on_and_can_be_paired(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "migrations", lambda: sql.migrations()[:1])
    session_id = db.get_persistent_session_id(tmp_path)
    monkeypatch.undo()
    with closing(sqlite.connect(tmp_path / "vega.db")) as old:
        old.execute("INSERT INTO keys VALUES (?, 'owner', 0)", (b"hash",))

    store = await Store.open(tmp_path)
    pairing = await opened(store, clock)
    device, _ = await pairing.pair((await pairing.make_code()).code, "Firefox")

    assert store.session_id == session_id
    assert [key.name for key in (await store.keys.all()).values()] == ["owner"]
    assert list(pairing.devices) == [device]
    await store.close()
