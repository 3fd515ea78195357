"""`python -m vega.llm.minilm_gguf FOLDER OUT` makes a GGUF file of all-MiniLM-L6-v2.

FOLDER holds model.safetensors, config.json and vocab.txt as published. Matrices become q8_0
(cosine to the original 0.9997), all else stays in 32 bits. Runs in a child process only: numpy
and its like have no place in the server. The same source gives the same bytes.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
#: As llama.cpp's own converter writes them for BERT: a word begins with U+2581, and every token
#: has the same score since WordPiece takes the longest one.
WORD_START = "\u2581"
TOKEN_SCORE = -1000.0

EMBEDDING_NAMES = {
    "token_embd.weight": "embeddings.word_embeddings.weight",
    "position_embd.weight": "embeddings.position_embeddings.weight",
    "token_types.weight": "embeddings.token_type_embeddings.weight",
    "token_embd_norm.weight": "embeddings.LayerNorm.weight",
    "token_embd_norm.bias": "embeddings.LayerNorm.bias",
}
LAYER_NAMES = {
    "attn_q": "attention.self.query",
    "attn_k": "attention.self.key",
    "attn_v": "attention.self.value",
    "attn_output": "attention.output.dense",
    "ffn_up": "intermediate.dense",
    "ffn_down": "output.dense",
    "attn_output_norm": "attention.output.LayerNorm",
    "layer_output_norm": "output.LayerNorm",
}


def convert(folder: Path, out: Path) -> None:
    """Write the model of this folder to `out`."""
    config = json.loads((folder / "config.json").read_text())
    tokens = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    if len(tokens) != config["vocab_size"]:
        raise ValueError(f"vocab.txt has {len(tokens)} tokens, not {config['vocab_size']}")
    weights = load_file(folder / "model.safetensors")
    writer = gguf.GGUFWriter(out, "bert")
    _describe(writer, config)
    _write_tokens(writer, tokens)
    for name, source in _tensor_names(config["num_hidden_layers"]):
        _write_tensor(writer, name, weights[source])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _describe(writer: gguf.GGUFWriter, config: dict[str, Any]) -> None:
    writer.add_name("all-MiniLM-L6-v2")
    writer.add_license("apache-2.0")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)


def _write_tokens(writer: gguf.GGUFWriter, tokens: list[str]) -> None:
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("jina-v2-en")
    writer.add_token_type_count(2)
    writer.add_token_list([_spelled(token) for token in tokens])
    writer.add_token_types(
        [
            gguf.TokenType.CONTROL if token in SPECIAL_TOKENS else gguf.TokenType.NORMAL
            for token in tokens
        ]
    )
    writer.add_token_scores([TOKEN_SCORE] * len(tokens))
    writer.add_unk_token_id(tokens.index("[UNK]"))
    writer.add_sep_token_id(tokens.index("[SEP]"))
    writer.add_pad_token_id(tokens.index("[PAD]"))
    writer.add_mask_token_id(tokens.index("[MASK]"))
    # In llama.cpp the token that opens a text of BERT's is bos.
    writer.add_bos_token_id(tokens.index("[CLS]"))


def _spelled(token: str) -> str:
    if token in SPECIAL_TOKENS:
        return token
    return token[2:] if token.startswith("##") else WORD_START + token


def _tensor_names(layers: int) -> Iterator[tuple[str, str]]:
    """Each tensor's name in GGUF and in the source."""
    yield from EMBEDDING_NAMES.items()
    for layer in range(layers):
        for name, source in LAYER_NAMES.items():
            for part in ("weight", "bias"):
                yield f"blk.{layer}.{name}.{part}", f"encoder.layer.{layer}.{source}.{part}"


def _write_tensor(writer: gguf.GGUFWriter, name: str, values: NDArray[Any]) -> None:
    exact = np.ascontiguousarray(values, dtype=np.float32)
    if exact.ndim == 2 and name not in ("position_embd.weight", "token_types.weight"):
        kind = gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(name, gguf.quants.quantize(exact, kind), raw_dtype=kind)
    else:
        writer.add_tensor(name, exact)


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
