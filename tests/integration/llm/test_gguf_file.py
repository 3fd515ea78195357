"""A GGUF file is known by its header; what is none, or cannot chat, is refused in a sentence."""

import struct
import tracemalloc
from contextlib import suppress
from pathlib import Path

import gguf
import pytest

from tests.gguf_files import HEADS, LAYERS, WIDTH, write_gguf
from vega.errors import ModelFileRefused
from vega.llm.catalogue import MINILM_L6, SMOLLM2_135M
from vega.llm.gguf_file import BLOCKS, MOST_HEADER_BYTES, local_model, read_header

HEAD = struct.Struct("<4sIQQ")


def test_the_starter_models_file_says_what_it_is(models: Path) -> None:
    header = read_header(models / SMOLLM2_135M.file_name)

    assert header.architecture == "llama"
    assert header.licence == "apache-2.0"
    assert header.context_tokens == 8192
    assert header.parameters == header.active_parameters == SMOLLM2_135M.parameters
    assert header.size_bytes == SMOLLM2_135M.size_bytes
    assert header.has_chat_template
    # 30 layers, 3 heads of 64 numbers of 16 bits, for keys and for values.
    assert header.cache_bytes_per_token == 30 * 3 * 64 * 2 * 2


def test_an_owners_file_becomes_a_model_of_its_own(models: Path) -> None:
    path = models / SMOLLM2_135M.file_name
    model = local_model(path)

    assert model.id == path.name
    assert Path("elsewhere") / model.file_name == path.absolute()
    assert (model.kind, model.sources, model.sha256) == ("chat", (), "")
    assert model.context_tokens == 4096
    assert not model.is_able
    assert 98 < model.ram_mb < 600


def test_a_file_that_was_read_is_read_again_only_when_it_has_changed(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "tiny.gguf")
    first = local_model(path)
    assert local_model(path) is first
    write_gguf(path, rows=128)

    assert local_model(path).parameters == 2 * first.parameters


def test_a_model_of_three_billion_weights_with_a_template_is_able(tmp_path: Path) -> None:
    def claim(path: Path) -> Path:
        # The weights that the header names need not be there for this.
        with path.open("r+b") as file:
            file.truncate(3_000_000_000 * 4 + 100_000)
        return path

    able = claim(_claiming_rows(tmp_path / "able.gguf", 3_000_000_000 // WIDTH))
    bare = claim(_claiming_rows(tmp_path / "bare.gguf", 3_000_000_000 // WIDTH, None))

    assert local_model(able).is_able
    assert not local_model(bare).is_able


def test_of_experts_only_those_that_take_turns_count_for_the_pace(tmp_path: Path) -> None:
    header = read_header(write_gguf(tmp_path / "experts.gguf", experts=4))
    experts = 4 * 8 * 8

    assert header.parameters == 64 * WIDTH + experts
    assert header.active_parameters == 64 * WIDTH + experts // 4


def test_the_cache_is_reckoned_from_layers_heads_and_width(tmp_path: Path) -> None:
    header = read_header(write_gguf(tmp_path / "tiny.gguf"))

    assert header.cache_bytes_per_token == 2 * 2 * LAYERS * (HEADS // 2) * (WIDTH // HEADS)


def test_heads_may_differ_from_layer_to_layer(tmp_path: Path) -> None:
    header = read_header(write_gguf(tmp_path / "tiny.gguf", kv_heads=[1, 2]))

    assert header.cache_bytes_per_token == 2 * 2 * (1 + 2) * (WIDTH // HEADS)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html><body>Sign in</body></html>", "is no GGUF file: it begins with '<html><body>Sign"),
        (b"PK\x03\x04 and so on", "is no GGUF file: it begins with the bytes 50 4b 03 04"),
        (b"", "is no GGUF file: it begins with nothing"),
        (b"GGUF", "is not whole: it ends in the middle of its header"),
        (HEAD.pack(b"GGUF", 1, 0, 0), "is a GGUF file of version 1, which Vega does not know"),
        (HEAD.pack(b"GGUF", 9, 0, 0), "is a GGUF file of version 9, which Vega does not know"),
        (
            struct.pack(">4sIQQ", b"GGUF", 3, 0, 0),
            r"is for machines of the other byte order \(big-endian\)",
        ),
        (HEAD.pack(b"GGUF", 3, 0, 0), r"holds no model that can chat \(something else\)"),
        (HEAD.pack(b"GGUF", 3, 1 << 60, 0), "is damaged: it claims more than any model has"),
        (HEAD.pack(b"GGUF", 3, 0, 1 << 60), "is damaged: it claims more than any model has"),
    ],
)
def test_what_is_no_model_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "odd.gguf"
    path.write_bytes(content)

    with pytest.raises(ModelFileRefused, match=rf"^odd\.gguf {words}.*\.$"):
        read_header(path)


def test_a_file_cut_short_is_refused_wherever_it_ends(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "whole.gguf")
    content = path.read_bytes()
    for size in [*range(4, len(content), 1009), len(content) - 1]:
        (tmp_path / "short.gguf").write_bytes(content[:size])

        with pytest.raises(ModelFileRefused, match="is not whole"):
            read_header(tmp_path / "short.gguf")


def test_no_byte_that_is_turned_over_does_more_than_refuse_the_file(tmp_path: Path) -> None:
    content = write_gguf(tmp_path / "whole.gguf").read_bytes()
    path = tmp_path / "odd.gguf"
    for at in range(700):
        path.write_bytes(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :])
        with suppress(ModelFileRefused):
            read_header(path)


@pytest.mark.parametrize(
    "claim",
    [
        # A key, a string, a list of strings, of numbers, of lists: each of impossible size; a kind
        # that is none.
        struct.pack("<Q", 1 << 62),
        struct.pack("<Q1sIQ", 1, b"k", 8, 1 << 62),
        struct.pack("<Q1sIIQ", 1, b"k", 9, 8, 1 << 62),
        struct.pack("<Q1sIIQ", 1, b"k", 9, 4, 1 << 62),
        struct.pack("<Q1sIIQ", 1, b"k", 9, 9, 1 << 62),
        struct.pack("<Q1sI", 1, b"k", 77),
    ],
)
def test_a_hostile_file_makes_vega_neither_read_nor_hold_gigabytes(
    tmp_path: Path, claim: bytes
) -> None:
    path = tmp_path / "hostile.gguf"
    path.write_bytes(HEAD.pack(b"GGUF", 3, 0, 1) + claim)
    with path.open("r+b") as file:
        file.truncate(1 << 36)

    tracemalloc.start()
    try:
        with pytest.raises(ModelFileRefused):
            read_header(path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2 * MOST_HEADER_BYTES


def test_an_embedding_model_is_not_taken_for_one_that_chats(models: Path) -> None:
    with pytest.raises(ModelFileRefused, match="is a model for embeddings and cannot chat"):
        read_header(models / MINILM_L6.file_name)


def test_a_part_of_a_model_is_refused(tmp_path: Path) -> None:
    path = write_gguf(
        tmp_path / "m-00001-of-00002.gguf", more=lambda w: w.add_uint16("split.count", 2)
    )

    with pytest.raises(ModelFileRefused, match="is one of several parts"):
        read_header(path)


@pytest.mark.parametrize(
    ("architecture", "kind"), [("clip", "mmproj"), ("llama", "adapter"), ("flux", "model")]
)
def test_files_beside_a_model_are_refused(tmp_path: Path, architecture: str, kind: str) -> None:
    path = tmp_path / "beside.gguf"
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_type(kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    with pytest.raises(ModelFileRefused, match=rf"holds no model that can chat \({kind}\)"):
        read_header(path)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelFileRefused, match="cannot be read: Is a directory"):
        read_header(tmp_path)
    with pytest.raises(ModelFileRefused, match="cannot be read: No such file"):
        local_model(tmp_path / "absent.gguf")


def test_the_sizes_of_blocks_are_those_of_the_formats_own_library() -> None:
    theirs = {int(kind): sizes for kind, sizes in gguf.GGML_QUANT_SIZES.items()}

    assert theirs == BLOCKS


def _claiming_rows(path: Path, rows: int, chat_template: str | None = "{{ messages }}") -> Path:
    """A file whose header names so many rows of weights."""
    write_gguf(path, rows=2, chat_template=chat_template)
    data = path.read_bytes()
    name = b"token_embd.weight" + struct.pack("<IQ", 2, WIDTH)
    assert name in data
    path.write_bytes(data.replace(name + struct.pack("<Q", 2), name + struct.pack("<Q", rows)))
    return path
