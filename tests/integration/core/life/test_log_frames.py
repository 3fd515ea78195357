"""A damaged write-ahead log is told from one that a power cut has left."""

import shutil
import struct
from pathlib import Path

import pytest

from tests.lives import tell
from vega.core.life.log_frames import FRAME_BYTES, HEADER_BYTES, Log, read_log
from vega.core.life.sqlite import PAGE_BYTES
from vega.core.store import Store
from vega.errors import LogDamaged

FRAME = FRAME_BYTES + PAGE_BYTES


@pytest.fixture
async def log(tmp_path: Path) -> bytes:
    """Of a life that was killed after some turns."""
    store = await Store.open(tmp_path / "home")
    for number in range(4):
        await tell(store, f"Prompt {number}")
    data = (tmp_path / "home" / "vega.db-wal").read_bytes()
    shutil.copytree(tmp_path / "home", tmp_path / "killed")
    await store.close()
    return data


def flipped(data: bytes, byte: int) -> bytes:
    changed = bytearray(data)
    changed[byte] ^= 4
    return bytes(changed)


def commits(data: bytes) -> list[int]:
    """The frames that end a transaction."""
    starts = range(HEADER_BYTES, len(data) - FRAME + 1, FRAME)
    return [
        place for place, start in enumerate(starts) if struct.unpack_from(">I", data, start + 4)[0]
    ]


def read(data: bytes) -> Log:
    return read_log(data, PAGE_BYTES)


def test_a_whole_log_says_what_was_committed(log: bytes) -> None:
    found = read(log)

    assert (found.is_damaged, found.is_end_doubtful, found.damaged_frames) == (False, False, 0)
    assert found.pages
    assert found.page_count == max(found.page_count, *found.pages)


def test_every_flipped_bit_is_told_and_turned_back(log: bytes) -> None:
    whole = read(log)
    frames = (len(log) - HEADER_BYTES) // FRAME
    # Of the header, and of heads and pages of frames; not the highest of a word, of which it cannot
    # be told which it was.
    places = [5, 17, 25, *(HEADER_BYTES + FRAME * frame + 6 for frame in range(frames))]
    places += [HEADER_BYTES + FRAME * frame + 998 for frame in range(frames)]

    for place in places:
        found = read(flipped(log, place))
        assert found.is_damaged or found.is_end_doubtful, place
        assert found.pages == whole.pages, place


@pytest.mark.parametrize("lost", range(1, 6))
def test_a_torn_end_is_no_damage(log: bytes, lost: int) -> None:
    """The last transaction was being written when the power failed: its pages are there in part,
    its last frame may be."""
    last = commits(log)[-2] + 1
    torn = HEADER_BYTES + FRAME * last + FRAME_BYTES
    data = bytearray(log)
    data[torn : torn + 512 * lost] = bytes(512 * lost)

    found = read(bytes(data))

    assert (found.is_damaged, found.is_end_doubtful) == (False, False)


def test_a_log_that_was_cut_off_is_no_damage(log: bytes) -> None:
    for size in range(0, len(log), FRAME // 3):
        assert not read(log[:size]).is_damaged


async def test_a_life_whose_log_is_damaged_is_not_opened(tmp_path: Path, log: bytes) -> None:
    home = tmp_path / "killed"
    damaged = flipped(log, HEADER_BYTES + FRAME_BYTES + 100)
    (home / "vega.db-wal").write_bytes(damaged)
    before = (home / "vega.db").read_bytes()

    with pytest.raises(LogDamaged, match="vega doctor --repair"):
        await Store.open(home)

    assert (home / "vega.db-wal").read_bytes() == damaged
    assert (home / "vega.db").read_bytes() == before
