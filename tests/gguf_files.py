"""Small GGUF files, written by the format's own library, to be read and fetched by Vega."""

from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np

LAYERS, HEADS, WIDTH = 2, 4, 64
TEMPLATE = "{% for message in messages %}{{ message.content }}{% endfor %}"


def write_gguf(
    path: Path,
    architecture: str = "llama",
    *,
    rows: int = 64,
    kv_heads: int | list[int] = HEADS // 2,
    chat_template: str | None = TEMPLATE,
    more: Callable[[gguf.GGUFWriter], None] = lambda _: None,
    experts: int = 0,
) -> Path:
    """A model of next to no weights. `more` may add what else the header should say."""
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name("Tiny")
    writer.add_license("apache-2.0")
    writer.add_context_length(2048)
    writer.add_block_count(LAYERS)
    writer.add_embedding_length(WIDTH)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(kv_heads)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list([f"token {number}" for number in range(2000)])
    writer.add_token_types([1] * 2000)
    if chat_template is not None:
        writer.add_chat_template(chat_template)
    more(writer)
    numbers = np.arange(rows * WIDTH, dtype=np.float32).reshape(rows, WIDTH)
    writer.add_tensor("token_embd.weight", numbers)
    if experts:
        writer.add_expert_count(experts)
        writer.add_expert_used_count(1)
        writer.add_tensor("blk.0.ffn_up_exps.weight", np.ones((experts, 8, 8), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
