"""Archive blocks: what was packed comes out, and what is not what was packed is refused."""

import hashlib
import json
import sys
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vega.core.life import archive
from vega.core.life.archive import (
    KEPT_BLOCKS,
    ArchivedAnswer,
    ArchivedTurn,
    OpenBlock,
    OpenBlocks,
    pack,
)
from vega.errors import BlockDamaged

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
names = st.one_of(st.none(), texts)
numbers = st.integers(-(2**63), 2**63 - 1)
counts = st.one_of(st.none(), st.integers(0, 2**40))
hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)
salts = st.one_of(st.none(), st.binary(min_size=16, max_size=16).map(bytes.hex))

answers = st.builds(
    ArchivedAnswer,
    number=st.integers(1, 99),
    link=numbers,
    status=st.sampled_from(["completed", "stopped", "failed"]),
    reason=names,
    generation=st.integers(1, 99),
    text=texts,
    model=names,
    place=names,
    prompt_tokens=counts,
    completion_tokens=counts,
    began_at=numbers,
    ended_at=numbers,
    salt=salts,
    hash=hashes,
    sources=st.lists(st.tuples(numbers, numbers), max_size=3).map(tuple),
)
turns = st.builds(
    ArchivedTurn,
    id=numbers,
    link=numbers,
    at=numbers,
    zone=texts,
    origin=texts,
    device=names,
    prompt=texts,
    status=st.sampled_from(["completed", "stopped", "failed"]),
    salt=salts,
    hash=hashes,
    answers=st.lists(answers, max_size=3, unique_by=lambda answer: answer.number).map(tuple),
)

ANSWER = ArchivedAnswer(
    *(1, 2, "completed", None, 1, "A lamp.\u2028\n{}", "m", "p", 7, None, 3, 4, None, "ab"),
    sources=((1, 5), (2, 6)),
)
TURN = ArchivedTurn(7, 1, -5, "Europe/Vienna", "page", None, "", "completed", "00", "ff", (ANSWER,))


@given(st.lists(turns, min_size=1, max_size=5, unique_by=lambda turn: turn.id))
@example([TURN])
def test_turns_come_out_of_a_block_as_they_were_put_in(packed: list[ArchivedTurn]) -> None:
    block = pack(packed)
    opened = OpenBlock(block.checksum, block.data)

    assert opened.turns() == packed
    assert [opened.turn(turn.id) for turn in packed] == packed
    assert opened.turn_ids == block.turn_ids == tuple(turn.id for turn in packed)
    assert block.text_bytes == sum(turn.text_bytes for turn in packed)


@settings(max_examples=3)
@given(st.lists(turns, min_size=1, max_size=3, unique_by=lambda turn: turn.id))
def test_every_single_bit_that_flips_is_noticed(packed: list[ArchivedTurn]) -> None:
    block = pack(packed)

    for place in range(len(block.data)):
        flipped = bytearray(block.data)
        flipped[place] ^= 1 << (place % 8)
        with pytest.raises(BlockDamaged):
            OpenBlock(block.checksum, bytes(flipped))


@given(st.binary(max_size=200), st.booleans())
def test_what_was_never_a_block_is_refused_whatever_its_checksum_says(
    content: bytes, is_compressed: bool
) -> None:
    data = zstd.compress(content) if is_compressed else content

    with pytest.raises(BlockDamaged):
        OpenBlock(hashlib.sha256(data).digest(), data).turn(7)


@pytest.mark.parametrize(
    "lines",
    [
        [b"[]"],
        [b"[[7,0]]"],
        [b"[[7,0,99]]", b'{"id": 7}'],
        [b"[[7,0,9]]", b"{not json"],
        [b"[[7,0,2]]", b"[]"],
        [b'[[7,"0",2]]', b"{}"],
        [b"[[7,0,2.5]]", b"{}"],
        [b"[[[],0,2]]", b"{}"],
        [b"[[7,0,15]]", b'{"answers":[1]}'],
        [b"[[7,0,17]]", b'{"answers":null} '],
        [b"[[7,0,14]]", b'{"answers":[]}'],
    ],
)
def test_a_block_that_holds_something_else_is_damaged(lines: list[bytes]) -> None:
    data = zstd.compress(b"\n".join([*lines, b""]))

    with pytest.raises(BlockDamaged):
        OpenBlock(hashlib.sha256(data).digest(), data).turn(7)


def test_a_block_that_would_fill_the_memory_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    block = pack([replace(TURN, prompt="x" * 2000)])
    monkeypatch.setattr(archive, "MOST_BLOCK_BYTES", 2000)

    with pytest.raises(BlockDamaged):
        OpenBlock(block.checksum, block.data)


def test_a_block_can_be_read_without_vega() -> None:
    head, line = zstd.decompress(pack([TURN]).data).splitlines()[0:2]

    assert json.loads(head) == [[7, 0, len(line)]]
    found = json.loads(line)
    assert (found["prompt"], found["answers"][0]["text"]) == (TURN.prompt, ANSWER.text)


def test_the_newest_answer_that_is_any_good_is_the_turns() -> None:
    failed = replace(ANSWER, number=2, status="failed")
    stopped = replace(ANSWER, number=3, status="stopped", text="")
    turn = replace(TURN, answers=(ANSWER, failed, stopped))

    assert turn.answer == ANSWER
    assert replace(turn, answers=(failed, stopped)).answer == stopped
    assert replace(turn, answers=()).answer is None
    assert turn.answers_text == ANSWER.text


def test_the_blocks_that_were_opened_last_are_not_read_again() -> None:
    blocks = [pack([replace(TURN, id=number)]) for number in range(KEPT_BLOCKS + 1)]
    read: list[int] = []
    opened = OpenBlocks()

    def open_block(number: int) -> OpenBlock:
        def data() -> bytes:
            read.append(number)
            return blocks[number].data

        return opened.open(blocks[number].checksum, data)

    for number in (*range(KEPT_BLOCKS), 0, KEPT_BLOCKS, 0, 1):
        assert open_block(number).turn_ids == (number,)
    assert read == [*range(KEPT_BLOCKS), KEPT_BLOCKS, 1]
    opened.forget()
    open_block(0)
    assert read[-1] == 0
