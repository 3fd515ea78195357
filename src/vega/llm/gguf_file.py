"""Reads what a GGUF file says of itself, and refuses what is none, or none that can chat.

Reads a bounded part of the file, whatever it claims, and no weights. Running it is the model
host's. The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import math
import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from vega.errors import ModelFileRefused
from vega.llm.catalogue import CatalogueModel

MAGIC = b"GGUF"
#: Version 1 was gone within weeks; 2 and 3 are read alike.
VERSIONS = {2, 3}
#: The largest vocabularies take some 15 MB.
MOST_HEADER_BYTES = 32 << 20
MOST_PAIRS = 10_000
MOST_TENSORS = 100_000
MOST_DIMENSIONS = 4
#: Of an array that is kept: one number for each layer of a model.
MOST_KEPT = 1024
STRING, ARRAY = 8, 9
#: What stands before each string.
LENGTH = struct.Struct("<Q")
#: How each plain kind of value is packed.
SCALARS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
#: Of each kind of weights: how many make a block, and the bytes of one.
# fmt: off
BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    9: (32, 40), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    15: (256, 292), 16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18),
    21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8),
    28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
    40: (64, 36), 41: (128, 18),
}
# fmt: on

#: From here on a model may be trusted with memory.
ABLE_PARAMETERS = 3e9
#: A window for the small, and for those that are run on machines with room.
SMALL_WINDOW, LARGE_WINDOW = 4096, 8192
LARGE_PARAMETERS = 7e9
#: What the engine takes beside the weights and the cache.
ENGINE_MB = 300


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What stands at the beginning of a GGUF file of a chat model."""

    name: str
    architecture: str
    licence: str
    #: The window that it was trained with.
    context_tokens: int
    parameters: int
    #: How many of them each token takes: fewer, where experts take turns.
    active_parameters: int
    size_bytes: int
    has_chat_template: bool
    #: What its cache takes of RAM for each token of the window, at the most.
    cache_bytes_per_token: int


def read_header(path: Path) -> GgufHeader:
    """The header of a chat model's file. Blocks for some tenths of a second.

    Raises ModelFileRefused, in one sentence, when the file cannot be such a one.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(MOST_HEADER_BYTES)
    except OSError as error:
        raise ModelFileRefused(f"{path.name} cannot be read: {error.strerror}.") from error
    return _Reading(path.name, start, size).header()


def local_model(path: Path) -> CatalogueModel:
    """The owner's own file as a model: id is the file's name, `file_name` the whole path.

    Raises ModelFileRefused. Blocks as `read_header` does; a file seen before is not read again.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise ModelFileRefused(f"{path} cannot be read: {error.strerror}.") from error
    return _local_model(path.absolute(), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def _local_model(path: Path, _size: int, _mtime_ns: int) -> CatalogueModel:
    header = read_header(path)
    window = LARGE_WINDOW if header.parameters >= LARGE_PARAMETERS else SMALL_WINDOW
    tokens = min(window, header.context_tokens)
    is_able = header.parameters >= ABLE_PARAMETERS and header.has_chat_template
    memory = header.size_bytes + tokens * header.cache_bytes_per_token
    return CatalogueModel(
        id=path.name,
        kind="chat",
        file_name=str(path),
        sha256="",
        size_bytes=header.size_bytes,
        licence=header.licence,
        ram_mb=memory // 1_000_000 + ENGINE_MB,
        context_tokens=tokens,
        answer_tokens=min(1024 if is_able else 512, tokens // 4),
        is_able=is_able,
        recent_turns=None,
        sources=(),
        description=f"Your own file: {header.name}, {header.parameters / 1e9:.1f} billion weights.",
        parameters=header.parameters,
        active_parameters=header.active_parameters,
    )


def beginning_of(data: bytes) -> str:
    """The first bytes, as a reader knows them again."""
    if not data:
        return "nothing"
    text = data[:40].split(b"\n")[0].strip()
    if text and all(32 <= byte < 127 for byte in text):
        return f"'{text.decode()}'"
    return f"the bytes {data[:4].hex(' ')}"


class _Reading:
    """One header, read from its bytes. `size` is the whole file's."""

    def __init__(self, file_name: str, start: bytes, size: int) -> None:
        self._name = file_name
        self._start = start
        self._size = size
        self._at = 0
        self._values: dict[str, object] = {}
        self._parameters = 0
        #: Those of experts, of which each token takes only some.
        self._expert_parameters = 0

    def header(self) -> GgufHeader:
        self._read()
        architecture = str(self._values.get("general.architecture", ""))
        self._refuse_if_it_cannot_chat(architecture)
        share = self._int(f"{architecture}.expert_used_count") / max(
            1, self._int(f"{architecture}.expert_count")
        )
        resting = int(self._expert_parameters * (1 - share)) if share else 0
        return GgufHeader(
            name=str(self._values.get("general.name") or Path(self._name).stem),
            architecture=architecture,
            licence=str(self._values.get("general.license") or "unknown"),
            context_tokens=self._int(f"{architecture}.context_length") or SMALL_WINDOW,
            parameters=self._parameters,
            active_parameters=self._parameters - resting,
            size_bytes=self._size,
            has_chat_template="tokenizer.chat_template" in self._values,
            cache_bytes_per_token=self._cache_bytes(architecture),
        )

    def _read(self) -> None:
        if not self._start.startswith(MAGIC):
            raise self._refusal(f"is no GGUF file: it begins with {beginning_of(self._start)}")
        self._at = len(MAGIC)
        version = self._unpack("I")
        if version not in VERSIONS:
            if int.from_bytes(version.to_bytes(4, "big"), "little") in VERSIONS:
                raise self._refusal("is for machines of the other byte order (big-endian)")
            raise self._refusal(f"is a GGUF file of version {version}, which Vega does not know")
        tensors, pairs = self._unpack("Q"), self._unpack("Q")
        if tensors > MOST_TENSORS or pairs > MOST_PAIRS:
            raise self._refusal("is damaged: it claims more than any model has")
        for _ in range(pairs):
            key, kind = self._string(), self._unpack("I")
            self._values[key] = self._value(kind)
        end = max((self._tensor() for _ in range(tensors)), default=0)
        alignment = self._int("general.alignment") or 32
        missing = -(-self._at // alignment) * alignment + end - self._size
        if tensors and missing > 0:
            raise self._refusal(f"is not whole: {missing} bytes are missing at its end")

    def _tensor(self) -> int:
        """Count a tensor's weights; where it ends, from where the first one begins."""
        name = self._string()
        dimensions = self._unpack("I")
        if dimensions > MOST_DIMENSIONS:
            raise self._refusal("is damaged: it has weights in too many dimensions")
        weights = math.prod(self._unpack("Q") for _ in range(dimensions))
        kind, offset = self._unpack("I"), self._unpack("Q")
        self._parameters += weights
        if "_exps." in name:
            self._expert_parameters += weights
        # Of a kind that is newer than this, at least the beginning must be there.
        per_block, block_bytes = BLOCKS.get(kind, (1, 0))
        return int(offset + weights // per_block * block_bytes)

    def _refuse_if_it_cannot_chat(self, architecture: str) -> None:
        if self._values.get(f"{architecture}.pooling_type"):
            raise self._refusal("is a model for embeddings and cannot chat")
        if self._int("split.count") > 1:
            raise self._refusal("is one of several parts; Vega takes a model in one file")
        has_tokens = "tokenizer.ggml.model" in self._values
        if (
            not has_tokens
            or not self._parameters
            or f"{architecture}.block_count" not in self._values
        ):
            kind = self._values.get("general.type") or architecture or "something else"
            raise self._refusal(f"holds no model that can chat ({kind})")

    def _cache_bytes(self, architecture: str) -> int:
        """Two vectors of 16-bit numbers for each head of each layer, where none saves on them."""
        layers = self._int(f"{architecture}.block_count")
        heads = self._int(f"{architecture}.attention.head_count") or 1
        size = self._int(f"{architecture}.embedding_length") // heads
        keys = self._int(f"{architecture}.attention.key_length") or size
        values = self._int(f"{architecture}.attention.value_length") or size
        shared = self._values.get(f"{architecture}.attention.head_count_kv")
        if isinstance(shared, list):
            return 2 * (keys + values) * sum(head for head in shared if isinstance(head, int))
        return 2 * (keys + values) * layers * (shared if isinstance(shared, int) else heads)

    def _int(self, key: str) -> int:
        value = self._values.get(key)
        return value if isinstance(value, int) else 0

    def _value(self, kind: int) -> object:
        if kind == STRING:
            return self._string()
        if kind in SCALARS:
            return self._unpack(SCALARS[kind])
        if kind != ARRAY:
            raise self._refusal(f"is damaged: it has a value of the unknown kind {kind}")
        item, count = self._unpack("I"), self._unpack("Q")
        if item == STRING:
            self._skip_strings(count)
            return None
        if item not in SCALARS:
            raise self._refusal("is damaged: it has a list of lists")
        if count > MOST_KEPT:
            self._skip(count * struct.calcsize(SCALARS[item]))
            return None
        return [self._unpack(SCALARS[item]) for _ in range(count)]

    def _string(self) -> str:
        at = self._at + 8
        self._skip_strings(1)
        return self._start[at : self._at].decode(errors="replace")

    def _skip_strings(self, count: int) -> None:
        """Of a vocabulary there are hundreds of thousands; the header's end bounds the loop."""
        at, last = self._at, len(self._start) - LENGTH.size
        for _ in range(count):
            if at > last:
                at = len(self._start) + 1
                break
            at += LENGTH.size + LENGTH.unpack_from(self._start, at)[0]
        self._skip(at - self._at)

    def _unpack(self, form: str) -> int:
        at = self._at
        self._skip(struct.calcsize(form))
        (value,) = struct.unpack_from(f"<{form}", self._start, at)
        return value  # type: ignore[no-any-return]

    def _skip(self, count: int) -> None:
        self._at += count
        if self._at > len(self._start):
            if self._at > self._size:
                raise self._refusal("is not whole: it ends in the middle of its header")
            raise self._refusal(f"has a header of more than {MOST_HEADER_BYTES >> 20} MB")

    def _refusal(self, what: str) -> ModelFileRefused:
        return ModelFileRefused(f"{self._name} {what}.")
