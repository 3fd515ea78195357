"""Archive blocks: consecutive turns, whole, as one zstd frame (RFC 8878) with a checksum.

Below the compression a block is lines of JSON, so that it can be read without Vega: first where
each turn stands, as [id, offset, length] in bytes behind that line, then one turn a line, with its
answers and with the salts and hashes of the chain. Knows no database.
"""

import hashlib
import json
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from vega.errors import BlockDamaged

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: Text of a block, in bytes: larger ones are smaller on the disk and slower to open. Measured on
#: 4 kB turns of an assistant: 64 KiB give 28 % of the text, 512 KiB 25 %, 1 MiB 24 %; one of
#: 512 KiB is decompressed in 0.3 ms.
BLOCK_BYTES = 512 * 1024
#: At once, in some milliseconds; and when blocks are merged at night, a tenth smaller in a tenth of
#: a second.
LEVEL = 12
MERGED_LEVEL = 19
#: A damaged block is opened as far as that goes, in so small steps.
_PIECE_BYTES = 512
_ENDS = ("completed", "stopped", "failed")
#: Decompressed blocks that are kept: a page of history is of one or two.
KEPT_BLOCKS = 4
#: More is no block of ours.
MOST_BLOCK_BYTES = 256 * 1024 * 1024
#: A single turn in a block may be this large: its prompt and its answers. JSON makes at most six
#: bytes of one, and a block is closed by the turn that fills it.
MOST_TURN_BYTES = MOST_BLOCK_BYTES // 8


@dataclass(frozen=True, slots=True)
class ArchivedAnswer:
    """One ended answer, as its row was. Times are microseconds since 1970 in UTC."""

    number: int
    link: int
    status: str
    reason: str | None
    generation: int
    text: str
    model: str | None
    place: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    began_at: int
    ended_at: int
    salt: str | None
    hash: str
    #: The turns that it rests on, each with its time.
    sources: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ArchivedTurn:
    """One ended turn with all its answers, as their rows were. Salts and hashes are in hex."""

    id: int
    link: int
    at: int
    zone: str
    origin: str
    device: str | None
    prompt: str
    status: str
    salt: str | None
    hash: str
    answers: tuple[ArchivedAnswer, ...] = ()

    @property
    def is_ended(self) -> bool:
        """Whether no more is being said in it."""
        return self.status in _ENDS

    @property
    def text_bytes(self) -> int:
        """UTF-8 bytes of the prompt and the answers."""
        return len(self.prompt.encode()) + sum(len(each.text.encode()) for each in self.answers)

    @property
    def answer(self) -> ArchivedAnswer | None:
        """The newest that is any good."""
        return max(self.answers, key=lambda each: (_is_good(each), each.number), default=None)

    @property
    def answers_text(self) -> str:
        """Every good answer, as the full-text index knows the turn by."""
        return "\n".join(each.text for each in self.answers if _is_good(each))

    def tombstone(self) -> "ArchivedTurn":
        """What is left of it when it is forgotten: its place in the chain."""
        answers = tuple(
            replace(
                answer,
                text="",
                reason=None,
                salt=None,
                sources=(),
                prompt_tokens=None,
                completion_tokens=None,
            )
            for answer in self.answers
        )
        return replace(self, prompt="", device=None, salt=None, answers=answers)


def _is_good(answer: ArchivedAnswer) -> bool:
    return answer.status == "completed" or (answer.status == "stopped" and answer.text != "")


@dataclass(frozen=True, slots=True)
class Block:
    """A block, ready to be stored."""

    turn_ids: tuple[int, ...]
    text_bytes: int
    checksum: bytes
    data: bytes


def pack(turns: Sequence[ArchivedTurn], level: int = LEVEL) -> Block:
    """A block of these turns, in their order."""
    lines = [_line(turn) for turn in turns]
    places, offset = [], 0
    for turn, line in zip(turns, lines, strict=True):
        places.append([turn.id, offset, len(line)])
        offset += len(line) + 1
    head = json.dumps(places, separators=(",", ":")).encode()
    data = zstd.compress(b"\n".join([head, *lines, b""]), level)
    return Block(
        turn_ids=tuple(turn.id for turn in turns),
        text_bytes=sum(turn.text_bytes for turn in turns),
        checksum=hashlib.sha256(data).digest(),
        data=data,
    )


class OpenBlock:
    """A block, decompressed. Raises BlockDamaged where it is not what was stored."""

    def __init__(self, checksum: bytes, data: bytes) -> None:
        if hashlib.sha256(data).digest() != checksum:
            raise BlockDamaged
        try:
            if zstd.get_frame_info(data).decompressed_size > MOST_BLOCK_BYTES:
                raise BlockDamaged
            head, _, self._lines = zstd.decompress(data).partition(b"\n")
            places = json.loads(head)
            self._places = {turn_id: (offset, length) for turn_id, offset, length in places}
        except (zstd.ZstdError, ValueError, TypeError) as exc:
            raise BlockDamaged from exc

    @property
    def turn_ids(self) -> tuple[int, ...]:
        return tuple(self._places)

    def turn(self, turn_id: int) -> ArchivedTurn:
        """Raises BlockDamaged when it is not in here."""
        if turn_id not in self._places:
            raise BlockDamaged
        offset, length = self._places[turn_id]
        try:
            return _turn(json.loads(self._lines[offset : offset + length]))
        except (ValueError, TypeError, LookupError) as exc:
            raise BlockDamaged from exc

    def turns(self) -> list[ArchivedTurn]:
        return [self.turn(turn_id) for turn_id in self._places]

    def text(self) -> str:
        """All its turns as they are written down: to be looked through, not to be read."""
        return self._lines.decode(errors="replace")


def beginning(data: bytes) -> list[ArchivedTurn]:
    """The turns that a damaged block still gives: those before the damage. Nothing says that they
    are as they were stored."""
    opener, text = zstd.ZstdDecompressor(), b""
    try:
        for start in range(0, len(data), _PIECE_BYTES):
            text += opener.decompress(data[start : start + _PIECE_BYTES])
            if len(text) > MOST_BLOCK_BYTES or opener.eof:
                break
    except zstd.ZstdError:
        pass
    found = []
    for line in text.split(b"\n")[1:-1]:
        try:
            found.append(_turn(json.loads(line)))
        except (ValueError, TypeError, LookupError):
            continue
    return found


class OpenBlocks:
    """The blocks that were opened last, for any thread; bounded."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks: OrderedDict[bytes, OpenBlock] = OrderedDict()

    def open(self, checksum: bytes, read_data: Callable[[], bytes]) -> OpenBlock:
        """The block of that checksum; its data is read if need be. Raises BlockDamaged."""
        with self._lock:
            found = self._blocks.get(checksum)
            if found is not None:
                self._blocks.move_to_end(checksum)
                return found
        opened = OpenBlock(checksum, read_data())
        with self._lock:
            self._blocks[checksum] = opened
            while len(self._blocks) > KEPT_BLOCKS:
                self._blocks.popitem(last=False)
        return opened

    def forget(self) -> None:
        """Let go of all that is kept."""
        with self._lock:
            self._blocks.clear()


def _line(turn: ArchivedTurn) -> bytes:
    return json.dumps(asdict(turn), ensure_ascii=False, separators=(",", ":")).encode()


def _turn(found: dict[str, Any]) -> ArchivedTurn:
    answers = tuple(_answer(each) for each in found["answers"])
    return ArchivedTurn(**{**found, "answers": answers})


def _answer(found: dict[str, Any]) -> ArchivedAnswer:
    sources = tuple((turn_id, at) for turn_id, at in found["sources"])
    return ArchivedAnswer(**{**found, "sources": sources})
