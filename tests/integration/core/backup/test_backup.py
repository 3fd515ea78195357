"""One backup: verifying finds whatever is not as it was made."""

import asyncio
import hashlib
import json
from pathlib import Path

import pytest

from tests.clocks import FakeClock
from tests.integration.core.backup.test_backups import fill
from vega.core.backup.backup import manifest_path, verify_backup
from vega.core.backup.backups import Backups
from vega.core.store import Store
from vega.errors import (
    BackupDamaged,
    BackupNotFound,
    BackupRunning,
    DatabaseDamaged,
    DatabaseError,
)


@pytest.fixture
def backups(tmp_path: Path, clock: FakeClock) -> Backups:
    return Backups(tmp_path, clock, "1.2.3")


@pytest.mark.parametrize(
    "name",
    ["../vega.db", "vega.db", "", ".", "/etc/passwd", "vega-20261122T090000Z.db/../../vega.db",
     "vega-20261122T090000Z.json", "vega-20261122T090000Z.db\n", "vega-20990101T000000Z.db"],
)  # fmt: skip
async def test_a_name_that_no_backup_has_is_not_found(
    store: Store, backups: Backups, name: str
) -> None:
    await backups.create()

    with pytest.raises(BackupNotFound):
        await backups.verify(name)


async def test_a_byte_that_was_altered_is_found(store: Store, backups: Backups) -> None:
    await fill(store)
    made = await backups.create()
    path = backups.folder / made.name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)

    with pytest.raises(BackupDamaged, match="does not have its checksum"):
        await backups.verify(made.name)
    _rewrite(path, sha256=hashlib.sha256(data).hexdigest())
    with pytest.raises(DatabaseDamaged):
        await backups.verify(made.name)


async def test_a_backup_that_was_cut_short_is_found(store: Store, backups: Backups) -> None:
    made = await backups.create()
    path = backups.folder / made.name
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(BackupDamaged):
        await backups.verify(made.name)


@pytest.mark.parametrize("altered", [{"head": {"link": 3, "hash": "00"}}, {"turns": 11}])
async def test_a_manifest_of_another_moment_is_found(
    store: Store, backups: Backups, altered: dict[str, object]
) -> None:
    await fill(store)
    made = await backups.create()
    _rewrite(backups.folder / made.name, **altered)

    with pytest.raises(BackupDamaged, match="another moment"):
        await backups.verify(made.name)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"created_at": "yesterday"}'])
async def test_a_manifest_that_cannot_be_read_is_found_and_hides_no_other(
    store: Store, backups: Backups, text: str
) -> None:
    spoilt = await backups.create()
    whole = await backups.create()
    manifest_path(backups.folder / spoilt.name).write_text(text)

    assert [each.name for each in await backups.list()] == [whole.name]
    with pytest.raises(BackupDamaged, match="cannot be read"):
        await backups.verify(spoilt.name)


async def test_while_one_is_made_none_is_verified(store: Store, backups: Backups) -> None:
    made = await backups.create()
    making = asyncio.create_task(backups.create())
    await asyncio.sleep(0)

    with pytest.raises(BackupRunning):
        await backups.verify(made.name)

    await making
    assert await backups.verify(made.name) == made


async def test_a_verification_that_nobody_waits_for_ends(store: Store, backups: Backups) -> None:
    made = await backups.create()

    with pytest.raises(DatabaseError, match="ended before it was done"):
        verify_backup(backups.folder / made.name, lambda: True)


def _rewrite(path: Path, **altered: object) -> None:
    manifest = manifest_path(path)
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **altered}))
