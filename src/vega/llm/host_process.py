"""The model host: llama.cpp's server, in a process of its own, on a loopback port if not told else.

Its parent is `vega.llm.host`. The first line of its input is a JSON object, the fields of
`HostParameters`; it answers with one line, {"address", "engine"} or {"error"}, and lives until its
input ends. By input, and not as an argument, because others can read those
and the key is among them.
"""

import json
import os
import sys
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

#: Of the range of Linux, -1000 to 1000: first to be ended when memory runs out.
OOM_SCORE_ADJUSTMENT = 1000
#: How much of a prompt is read at a time. Between two batches a request that was given up is
#: seen, so that the next one waits for half a second instead of ten; larger ones gain nothing.
BATCH_TOKENS = 128
#: llama.cpp's server holds one for each kept-alive connection: with two of them a request waited
#: up to 5 s behind connections that nobody used.
HTTP_THREADS = 8
#: llama.cpp's word for "say nothing".
SILENT = -1
#: A conversation goes to the slot that holds so much of its prompt already, else to the one that
#: was idle longest. llama.cpp's own 0.1 put two lives, whose instructions are the same, into one
#: slot for ever: measured, each read its whole prompt again at every turn while another was free.
SLOT_SIMILARITY = 0.7
#: llama.cpp allows every web page to read its answers unless it is given an origin; this is none.
NO_ORIGIN = "none"


@dataclass(frozen=True, slots=True)
class HostParameters:
    """What the host runs, and how."""

    model_path: str
    #: What callers are told that the model is called.
    model_name: str
    #: The window of each slot.
    context_tokens: int
    threads: int
    #: Where caches of prompts are saved; they hold what was said. None: nowhere.
    cache_folder: str | None
    #: What callers must send as a bearer, if anything.
    key: str | None
    #: Whether texts are turned into vectors, instead of answered.
    embeds: bool = False
    host: str = "127.0.0.1"
    #: 0: any that is free.
    port: int = 0
    #: How many conversations are kept apart.
    slots: int = 1
    #: By llama.cpp's names; holds where a request says nothing else.
    sampling: dict[str, float] = field(default_factory=dict)

    def to_line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"


def _main() -> None:
    with open(0, "rb", buffering=0, closefd=False) as source:
        parameters = HostParameters(**json.loads(source.readline()))
    report = os.fdopen(os.dup(1), "w")
    _silence()
    _be_first_to_die()
    # What is written here holds what was said, and is for the owner's eyes.
    os.umask(0o077)
    watch = threading.Thread(target=_end_with_input)
    watch.start()
    try:
        answer, server = _serve(parameters)
    except RuntimeError as error:
        answer, server = {"error": str(error)}, None
    report.write(json.dumps(answer) + "\n")
    report.close()
    watch.join()
    del server


def _serve(parameters: HostParameters) -> tuple[dict[str, str], Any]:
    """What to report, and the server, which lives as long as it is held."""
    import xllamacpp

    options = xllamacpp.CommonParams()
    options.model.path = parameters.model_path
    options.model_alias = {parameters.model_name}
    options.n_ctx = parameters.context_tokens * parameters.slots
    options.n_parallel = parameters.slots
    options.embedding = parameters.embeds
    # A text is embedded in one batch or refused.
    batch_tokens = parameters.context_tokens if parameters.embeds else BATCH_TOKENS
    options.n_batch = options.n_ubatch = batch_tokens
    options.cpuparams.n_threads = options.cpuparams_batch.n_threads = parameters.threads
    options.n_threads_http = HTTP_THREADS
    # Else up to 8 GiB of RAM fill with the caches of earlier prompts.
    options.cache_ram_mib = 0
    options.slot_prompt_similarity = SLOT_SIMILARITY
    if parameters.cache_folder is not None:
        options.slot_save_path = f"{parameters.cache_folder}/"
    # Else it shows every caller what the others have said.
    options.endpoint_slots = parameters.cache_folder is not None
    options.api_keys = [parameters.key] if parameters.key else []
    options.cors_origins = NO_ORIGIN
    options.hostnames = [parameters.host]
    options.port = parameters.port
    options.ui = False
    options.verbosity = SILENT
    for name, value in parameters.sampling.items():
        setattr(options.sampling, name, value)
    server = xllamacpp.Server(options)
    return {"address": server.listening_address, "engine": xllamacpp.__version__}, server


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _be_first_to_die() -> None:
    if sys.platform == "linux":
        Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE_ADJUSTMENT))


def _end_with_input() -> None:
    # The parent holds the other end: whatever ends it ends this.
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    _main()
