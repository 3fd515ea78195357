"""The head file."""

from pathlib import Path

import pytest

from tests.lives import tell
from vega.core.life.head import RECORD_BYTES, Head, HeadFile
from vega.core.store import Store


def test_the_newest_head_is_remembered(tmp_path: Path) -> None:
    file = HeadFile(tmp_path)

    file.save(Head(1, b"\x01" * 32))
    file.save(Head(10**12, b"\xff" * 32))

    assert file.exists()
    assert HeadFile(tmp_path).load() == Head(10**12, b"\xff" * 32)


def test_an_older_head_that_comes_late_is_not_remembered(tmp_path: Path) -> None:
    file = HeadFile(tmp_path)

    file.save(Head(2, b"\x02"))
    file.save(Head(1, b"\x01"))

    assert file.load() == Head(2, b"\x02")


def test_the_record_always_fills_one_sector_or_less(tmp_path: Path) -> None:
    file = HeadFile(tmp_path)

    file.create()
    sizes = {file.path.stat().st_size}
    file.save(Head(2**63, b"\xff" * 32))
    sizes.add(file.path.stat().st_size)

    assert sizes == {RECORD_BYTES}
    assert file.load() == Head(2**63, b"\xff" * 32)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"5", b"\xff\xfe", b'{"link": 1}', b'{"link": null, "hash": ""}']
)
def test_a_head_that_cannot_be_read_is_no_head(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "vega.head").write_bytes(content)

    assert HeadFile(tmp_path).load() is None


def test_no_file_is_no_head(tmp_path: Path) -> None:
    assert HeadFile(tmp_path).load() is None
    assert not HeadFile(tmp_path).exists()


def test_a_lost_tail_is_remembered_in_the_same_sector(tmp_path: Path) -> None:
    file = HeadFile(tmp_path)
    file.lost = (10**9, 10**9 - 1)

    file.save(Head(10**9 + 1, b"\xff" * 32))
    again = HeadFile(tmp_path)

    assert file.path.stat().st_size == RECORD_BYTES
    assert again.load() == Head(10**9 + 1, b"\xff" * 32)
    assert again.lost == file.lost


@pytest.mark.parametrize("is_there", [False, True])
async def test_a_head_file_that_is_gone_or_garbled_is_told_once(
    tmp_path: Path, is_there: bool
) -> None:
    store = await Store.open(tmp_path)
    await tell(store)
    await store.close()
    (tmp_path / "vega.head").unlink()
    if is_there:
        (tmp_path / "vega.head").write_bytes(b"\x00" * 256)

    store = await Store.open(tmp_path)
    again = await Store.open(tmp_path)

    assert "nothing can tell" in store.attention[0]
    assert again.attention == []
    await again.close()
    await store.close()
