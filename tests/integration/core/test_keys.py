"""The owner's keys."""

from pathlib import Path

import pytest

from tests.clocks import FakeClock
from vega.core.keys import Keys
from vega.core.store import Store
from vega.errors import ConfigError


async def test_a_key_is_made_at_first_start_and_only_its_owner_can_read_it(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    keys = await Keys.open(store, tmp_path, None, clock)

    path = tmp_path / "api_key"
    key = path.read_text().strip()
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(key) >= 43
    assert keys.accept(key)
    assert keys.whereabouts == str(path)


async def test_a_wrong_key_is_not_accepted(store: Store, tmp_path: Path, clock: FakeClock) -> None:
    keys = await Keys.open(store, tmp_path, None, clock)
    key = (tmp_path / "api_key").read_text().strip()

    for wrong in ("", "your-key", key[:-1], key + "x", key.swapcase(), "é", "\x00"):
        assert not keys.accept(wrong)


async def test_the_key_stays_the_same_and_stays_valid_when_its_file_is_moved_away(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    await Keys.open(store, tmp_path, None, clock)
    key = (tmp_path / "api_key").read_text().strip()

    again = await Keys.open(store, tmp_path, None, clock)
    (tmp_path / "api_key").unlink()
    without = await Keys.open(store, tmp_path, None, clock)

    assert again.accept(key)
    assert without.accept(key)
    assert not (tmp_path / "api_key").exists()


async def test_a_key_that_the_owner_writes_into_the_file_is_accepted(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    (tmp_path / "api_key").write_text("  my own key\n")

    keys = await Keys.open(store, tmp_path, None, clock)

    assert keys.accept("my own key")


async def test_an_empty_key_file_is_refused(store: Store, tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "api_key").write_text("\n")

    with pytest.raises(ConfigError, match="is empty"):
        await Keys.open(store, tmp_path, None, clock)


async def test_a_given_key_stands_in_place_of_all_others(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    await Keys.open(store, tmp_path, None, clock)
    made = (tmp_path / "api_key").read_text().strip()

    keys = await Keys.open(store, tmp_path, "given", clock)

    assert keys.accept("given")
    assert not keys.accept(made)
    assert "VEGA_API_KEY" in keys.whereabouts


async def test_no_key_stands_in_the_database(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    await Keys.open(store, tmp_path, None, clock)
    key = (tmp_path / "api_key").read_bytes().strip()
    await store.close()

    assert key not in (tmp_path / "vega.db").read_bytes()


async def test_a_draft_of_a_start_that_died_is_no_key(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    (tmp_path / "api_key.new").write_text("half a k")

    keys = await Keys.open(store, tmp_path, None, clock)

    assert not keys.accept("half a k")
    assert not (tmp_path / "api_key.new").exists()


async def test_another_key_in_the_file_replaces_the_one_before(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    await Keys.open(store, tmp_path, None, clock)
    leaked = (tmp_path / "api_key").read_text().strip()
    (tmp_path / "api_key").write_text("another\n")

    keys = await Keys.open(store, tmp_path, None, clock)

    assert keys.accept("another")
    assert not keys.accept(leaked)


async def test_a_key_outside_ascii_is_accepted_as_a_header_carries_it(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    """A header's bytes are shown as Latin-1, and curl sends UTF-8."""
    keys = await Keys.open(store, tmp_path, "schlüssel", clock)

    assert keys.accept("schlüssel".encode().decode("latin-1"))
