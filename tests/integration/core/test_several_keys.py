"""Several keys: made, renamed, revoked, seen to be used; what holds, holds at once."""

import asyncio
from datetime import date
from pathlib import Path

import pytest

from tests.clocks import SOME_MOMENT, FakeClock
from vega.core import keys as core_keys
from vega.core.keys import Keys
from vega.core.life.revoked_file import RevokedFile
from vega.core.pairing import Pairing
from vega.core.store import Store
from vega.errors import KeyNotFound, KeysOverridden, LastKey, NameTaken, TooManyKeys


@pytest.fixture
async def keys(store: Store, tmp_path: Path, clock: FakeClock) -> Keys:
    return await Keys.open(store, tmp_path, None, clock)


@pytest.fixture
def key_file(keys: Keys, tmp_path: Path) -> Path:
    return tmp_path / "api_key"


def names(keys: Keys) -> list[str]:
    return [key.name for key in keys.all]


async def test_a_key_is_good_at_once_and_after_a_restart(
    keys: Keys, store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    made, secret = await keys.create("phone")
    again = await Keys.open(store, tmp_path, None, clock)

    assert (made.name, made.created_at, made.last_used_on) == ("phone", SOME_MOMENT, None)
    assert len(secret) >= 43
    for each in (keys, again):
        assert each.find(secret) == made
        assert names(each) == ["owner", "phone"]


async def test_each_key_is_another_one(keys: Keys) -> None:
    secrets = {(await keys.create(f"key {number}"))[1] for number in range(20)}

    assert len(secrets) == 20


async def test_a_revoked_key_is_void_at_once_and_for_good(
    keys: Keys, store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    made, secret = await keys.create("phone")
    await keys.revoke(made.id)
    again = await Keys.open(store, tmp_path, None, clock)
    _, other = await again.create("phone")

    for each in (keys, again):
        assert not each.accept(secret)
    assert again.accept(other)
    assert names(again) == ["owner", "phone"]


async def test_the_last_key_is_revoked_only_by_force(
    keys: Keys, store: Store, tmp_path: Path, clock: FakeClock, key_file: Path
) -> None:
    secret = key_file.read_text().strip()
    with pytest.raises(LastKey):
        await keys.revoke(1)
    is_good_still = keys.accept(secret)
    await keys.revoke(1, may_be_last=True)
    again = await Keys.open(store, tmp_path, None, clock)

    assert is_good_still
    assert not keys.accept(secret)
    assert names(again) == []
    # No start makes another one behind the owner's back.
    assert not key_file.exists()
    assert "vega key create" in again.whereabouts


async def test_the_key_file_goes_with_its_key_and_with_no_other(keys: Keys, key_file: Path) -> None:
    made, _ = await keys.create("phone")
    await keys.revoke(made.id)
    is_there_still = key_file.exists()
    await keys.create("tablet")
    await keys.revoke(1)

    assert is_there_still
    assert not key_file.exists()
    assert "vega key create" in keys.whereabouts


async def test_a_revoked_key_that_is_put_back_into_the_file_stays_void(
    keys: Keys,
    store: Store,
    tmp_path: Path,
    clock: FakeClock,
    key_file: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    secret = key_file.read_text()
    await keys.create("phone")
    await keys.revoke(1)
    key_file.write_text(secret)

    again = await Keys.open(store, tmp_path, None, clock)

    assert not again.accept(secret.strip())
    assert names(again) == ["phone"]
    assert "was revoked" in caplog.text
    assert secret.strip() not in caplog.text
    assert "vega key create" in again.whereabouts


async def test_a_key_is_renamed_and_stays_what_it_is(
    keys: Keys, store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    made, secret = await keys.create("phone")
    renamed = await keys.rename(made.id, "the old phone")
    again = await Keys.open(store, tmp_path, None, clock)

    assert renamed.name == "the old phone"
    for each in (keys, again):
        assert each.find(secret) == renamed


async def test_two_keys_have_two_names(keys: Keys) -> None:
    made, _ = await keys.create("phone")
    with pytest.raises(NameTaken):
        await keys.create("phone")
    with pytest.raises(NameTaken):
        await keys.rename(made.id, "owner")
    await keys.rename(made.id, "phone")

    assert names(keys) == ["owner", "phone"]


async def test_what_is_not_there_is_neither_renamed_nor_revoked(keys: Keys) -> None:
    made, _ = await keys.create("phone")
    await keys.revoke(made.id)
    for key_id in (99, made.id):
        with pytest.raises(KeyNotFound):
            await keys.rename(key_id, "x")
        with pytest.raises(KeyNotFound):
            await keys.revoke(key_id, may_be_last=True)


async def test_there_are_only_so_many(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core_keys, "MAX_KEYS", 2)
    await keys.create("one")
    with pytest.raises(TooManyKeys):
        await keys.create("two")


async def test_beside_a_given_key_no_other_opens_anything(
    keys: Keys, store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    made, secret = await keys.create("phone")
    given = await Keys.open(store, tmp_path, "given", clock)

    with pytest.raises(KeysOverridden):
        await given.create("more")
    assert (given.is_overridden, keys.is_overridden) == (True, False)
    assert not given.accept(secret)
    assert given.is_good(0)
    assert not given.is_good(made.id)
    await given.revoke(made.id)
    assert names(given) == ["owner"]


async def test_who_waits_for_a_revocation_is_told_of_that_one_alone(keys: Keys) -> None:
    first, _ = await keys.create("first")
    second, _ = await keys.create("second")
    async with asyncio.timeout(10):
        waiting = asyncio.ensure_future(keys.wait_until_revoked(second.id))
        await keys.revoke(first.id)
        await asyncio.sleep(0)
        is_told_too_early = waiting.done()
        await keys.revoke(second.id)
        await waiting
        await keys.wait_until_revoked(second.id)

    assert not is_told_too_early


async def test_of_each_day_the_use_is_written_down_once(
    keys: Keys, store: Store, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[date] = []
    note_use = store.keys.note_use

    async def counted(key_id: int, day: date) -> None:
        written.append(day)
        await note_use(key_id, day)

    monkeypatch.setattr(store.keys, "note_use", counted)
    for _ in range(3):
        for _ in range(50):
            keys.note_use(1)
        # In Vienna it is an hour later.
        clock.advance(hours=14)
    await keys.close()
    again = await Keys.open(store, tmp_path, None, clock)

    assert written == [date(2026, 11, 22), date(2026, 11, 23)]
    assert [each.all[0].last_used_on for each in (keys, again)] == [date(2026, 11, 23)] * 2


async def test_a_key_file_that_others_can_read_is_closed_to_them(
    store: Store, tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "api_key"
    path.write_text("my own key\n")
    path.chmod(0o644)

    keys = await Keys.open(store, tmp_path, None, clock)

    assert keys.accept("my own key")
    assert path.stat().st_mode & 0o777 == 0o600
    assert "Others of this machine could read" in caplog.text
    assert "my own key" not in caplog.text


async def test_what_was_revoked_stays_so_when_a_backup_from_before_comes_back(
    keys: Keys, store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    made, secret = await keys.create("phone")
    pairing = await Pairing.open(store.devices, clock)
    device, token = await pairing.pair((await pairing.make_code()).code, "Firefox")
    await store.close()
    before = (tmp_path / "vega.db").read_bytes()
    store = await Store.open(tmp_path)
    await (await Keys.open(store, tmp_path, None, clock)).revoke(made.id)
    await (await Pairing.open(store.devices, clock)).unpair(device.id)
    await store.close()
    (tmp_path / "vega.db").write_bytes(before)

    again = await Store.open(tmp_path)

    assert not (await Keys.open(again, tmp_path, None, clock)).accept(secret)
    assert (await Pairing.open(again.devices, clock)).find_device(token) is None
    assert (tmp_path / "revoked").stat().st_mode & 0o777 == 0o600
    await again.close()


async def test_a_torn_line_of_what_was_revoked_takes_no_other_with_it(tmp_path: Path) -> None:
    file = RevokedFile(tmp_path)
    file.add(b"a" * 32)
    with (tmp_path / "revoked").open("ab") as stream:
        stream.write(b"6161\xff\n" + b"61" * 20)
    file.add(b"b" * 32)

    assert file.load() == {b"a" * 32, b"b" * 32}
    assert RevokedFile(tmp_path / "nowhere").load() == set()


async def test_what_cannot_be_written_there_is_revoked_all_the_same(
    keys: Keys, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "revoked").mkdir()
    made, secret = await keys.create("phone")

    await keys.revoke(made.id)

    assert not keys.accept(secret)
    assert "could not be written" in caplog.text


async def test_a_short_key_of_the_owners_own_is_told(
    store: Store, tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    made = await Keys.open(store, tmp_path, None, clock)
    (tmp_path / "api_key").write_text("hunter2\n")
    short = await Keys.open(store, tmp_path, None, clock)
    given = await Keys.open(store, tmp_path, "secret", clock)
    long = await Keys.open(store, tmp_path, "k" * 20, clock)

    assert [made.notice, long.notice] == [None, None]
    assert "is shorter than 20 characters" in (short.notice or "")
    assert "VEGA_API_KEY" in (given.notice or "")
    assert "hunter2" not in caplog.text
    assert "secret" not in caplog.text
