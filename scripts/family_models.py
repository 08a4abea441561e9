#!/usr/bin/env python3
"""Writes tiny random models, one for each family of architectures, as GGUF files.

    family_models.py FOLDER [--width narrow|wide] [--types F32,Q4_K,...] [--only NAME,...]

Names of keys and tensors are those that llama.cpp's converter writes. The numbers are seeded by the
name of each tensor: the files of one model differ by their types alone. They are spread so that the
blocks outweigh the embedding and no token's probability comes near 1. A narrow model is 32 or 64
columns wide; a wide one 256, as types with blocks of 256 need. Needs what llama_oracle.py
needs, and `gguf`.
"""

import argparse
import math
import pathlib
import zlib
from dataclasses import dataclass, field, replace

import gguf
import numpy as np
from gguf import quants

import llama_oracle

TYPES = ("F32 F16 BF16 Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL MXFP4").split()
BY_GGML = {"Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL"}
SEED = 20


@dataclass(frozen=True)
class Shape:
    """What distinguishes a model from a plain LLaMA, and its sizes."""

    family: str
    pre: str
    width: int = 32
    heads: int = 4
    key_value_heads: int = 2
    head_width: int = 8
    inner: int = 64
    blocks: int = 3
    rotated: int | None = None
    base: float = 10000.0
    epsilon: float = 1e-5
    context: int = 1024
    says_head_width: bool = False
    says_rotated: bool = False
    tied: bool = True
    fused: bool = False
    biases: tuple = ()
    before: bool = True
    after: bool = False
    head_norms: str | None = None
    head_gain: float = 1.0
    after_gain: float = 1.0
    keys: dict = field(default_factory=dict)
    tables: dict = field(default_factory=dict)


def llama3_factors(pairs, base, factor=8.0, low=1.0, high=4.0, original=256):
    """The divisors of Llama 3's rotary frequencies, as the converter works them out."""
    factors = []
    for pair in range(pairs):
        length = 2 * math.pi * base ** (pair / pairs)
        if length < original / high:
            factors.append(1.0)
        elif length > original / low:
            factors.append(factor)
        else:
            smooth = (original / length - low) / (high - low)
            factors.append(1 / ((1 - smooth) / factor + smooth))
    return factors


def yarn(factor, original):
    return {"rope.scaling.type": "yarn", "rope.scaling.factor": factor,
            "rope.scaling.original_context_length": original}


def windows(blocks, pattern):
    return [(block + 1) % pattern != 0 for block in range(blocks)]


def narrow_shapes():
    """The models by name. The first of each family bears the family's name."""
    llama = Shape("llama", "llama-bpe", says_rotated=True, base=500000.0)
    qwen2 = Shape("qwen2", "qwen2", biases=("attn_q", "attn_k", "attn_v"), base=1e6, epsilon=1e-6)
    qwen3 = Shape(
        "qwen3", "qwen2", head_width=16, says_head_width=True, head_norms="head", base=1e6,
        epsilon=1e-6)
    gemma3 = Shape(
        "gemma3", "default", heads=2, key_value_heads=1, head_width=32, inner=32, blocks=7,
        says_head_width=True, head_norms="head", after=True, after_gain=3.0, base=1e6,
        epsilon=1e-6,
        keys={"attention.sliding_window": 8, "rope.freq_base_swa": 10000.0})
    smollm3 = Shape("smollm3", "smaug-bpe", blocks=5, says_rotated=True, base=5e6, epsilon=1e-6)
    scales = {"embedding_scale": 0.25, "residual_scale": 0.4, "logit_scale": 3.0}
    granite = Shape(
        "granite", "refact", says_rotated=True, head_gain=3.0,
        keys={**scales, "attention.scale": 0.5})
    olmo2 = Shape(
        "olmo2", "dbrx", tied=False, before=False, after=True, head_norms="row", base=500000.0,
        epsilon=1e-6)
    minicpm = Shape("minicpm", "default", head_gain=3.0, keys={**scales, "residual_scale": 0.6})
    phi3 = Shape(
        "phi3", "gpt-4o", width=64, head_width=16, inner=32, blocks=2, rotated=12,
        says_rotated=True, tied=False, fused=True,
        keys={"rope.scaling.original_context_length": 256, "attention.sliding_window": 0,
              "rope.scaling.attn_factor": math.sqrt(1 + math.log(4) / math.log(256))},
        tables={"rope_factors_short": [1 + 0.05 * pair for pair in range(6)],
                "rope_factors_long": [1 + 0.7 * pair for pair in range(6)]})
    every = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
    return {
        "llama": replace(llama, tables={"rope_freqs": llama3_factors(4, 500000.0)}),
        "llama-plain": replace(llama, tied=False),
        "llama-biases": replace(llama, biases=every),
        "llama-linear": replace(
            llama, keys={"rope.scaling.type": "linear", "rope.scaling.factor": 4.0}),
        "llama-yarn": replace(llama, keys=yarn(4.0, 32)),
        "qwen2": qwen2,
        "qwen2-yarn": replace(qwen2, tied=False, keys=yarn(4.0, 32)),
        "qwen3": qwen3,
        "qwen3-yarn": replace(qwen3, keys=yarn(4.0, 32)),
        "gemma3": gemma3,
        "gemma3-linear": replace(
            gemma3, keys={**gemma3.keys, "rope.scaling.type": "linear",
                          "rope.scaling.factor": 8.0, "final_logit_softcapping": 3.0}),
        "gemma3-pattern": replace(
            gemma3, blocks=4, keys={
                **gemma3.keys, "attention.sliding_window_pattern": [True, False, False, True]}),
        "smollm3": smollm3,
        "smollm3-yarn": replace(smollm3, keys=yarn(2.0, 32)),
        "granite": granite,
        "granite-unturned": replace(
            granite, keys={**granite.keys, "rope.scaling.finetuned": False}),
        "olmo2": olmo2,
        "olmo2-window": replace(
            olmo2, blocks=5, keys={
                **yarn(4.0, 32), "attention.sliding_window": 8,
                "attention.sliding_window_pattern": windows(5, 4)}),
        "minicpm": minicpm,
        "minicpm-long": replace(
            minicpm, keys={**minicpm.keys, "rope.scaling.type": "longrope",
                           "rope.scaling.original_context_length": 256},
            tables={"rope_factors_short": [1, 1.1, 1.2, 1.3], "rope_factors_long": [1, 2, 3, 4]}),
        "phi3": phi3,
        "phi3-plain": replace(
            phi3, rotated=16, tied=True, tables={},
            keys={"rope.scaling.original_context_length": 1024, "attention.sliding_window": 64}),
    }


def widened(shape):
    """The same model with rows of 256 columns and more."""
    heads, group = (8, 2) if shape.head_width * shape.heads == shape.width else (4, 2)
    head_width = 256 // heads if heads == 8 else 128
    rotated = head_width * (shape.rotated or shape.head_width) // shape.head_width
    pairs = rotated // 2
    tables = {}
    for name, table in shape.tables.items():
        places = np.linspace(0, len(table) - 1, pairs)
        tables[name] = np.interp(places, range(len(table)), table).tolist()
    if "rope_freqs" in tables:
        tables["rope_freqs"] = llama3_factors(pairs, shape.base)
    return replace(
        shape, width=256, inner=256, heads=heads, key_value_heads=group, head_width=head_width,
        rotated=rotated, tables=tables, blocks=shape.blocks if shape.blocks > 3 else 2)


def shapes(width):
    """The models by name, narrow or wide."""
    found = narrow_shapes()
    return found if width == "narrow" else {name: widened(shape) for name, shape in found.items()}


# Vocabularies.

PAIRS = (
    "Ġ t|Ġ a|i n|h e|Ġ Ġ|r e|o n|e r|Ġt he|a t|Ġ s|Ġ o|e n|Ġ c|e s|Ġ w|n d|i t|o r|i s|a l|Ġ p|"
    "in g|Ġ f|a n|e d|Ġ b|o u|a r|Ġ in|Ġo f|Ġ m|Ġa nd|i c|Ġ d|Ġt o|ĠĠ ĠĠ|l e|r o|l o|he l"
).split("|")


def byte_characters():
    """The character that stands for each byte in byte-level BPE: itself where it prints."""
    printing = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(0x100, 0x200))
    return [chr(byte) if byte in printing else chr(next(others)) for byte in range(256)]


def byte_pair_keys(pre):
    tokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"] + byte_characters()
    tokens += [pair.replace(" ", "") for pair in PAIRS]
    return {
        "model": "gpt2", "pre": pre, "tokens": tokens,
        "token_type": [3] * 3 + [1] * (len(tokens) - 3), "merges": PAIRS,
        "bos_token_id": 1, "eos_token_id": 2, "padding_token_id": 0, "add_bos_token": False,
    }


def sentence_piece_keys():
    pieces = [pair.replace(" ", "").replace("Ġ", "▁") for pair in PAIRS]
    return {
        "model": "llama", "pre": "default",
        "tokens": ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)] + pieces,
        "token_type": [2, 3, 3] + [6] * 256 + [1] * len(pieces),
        "scores": [0.0] * 259 + [-float(place) for place in range(len(pieces))],
        "bos_token_id": 1, "eos_token_id": 2, "unknown_token_id": 0, "add_bos_token": True,
        "add_space_prefix": False,
    }


def vocabulary(shape):
    """The `tokenizer.ggml.` keys: 300 tokens in any case."""
    return sentence_piece_keys() if shape.pre == "default" else byte_pair_keys(shape.pre)


# Metadata and tensors.


def metadata(shape):
    """The keys of the architecture, without its name before them."""
    keys = {
        "context_length": shape.context, "embedding_length": shape.width,
        "block_count": shape.blocks, "feed_forward_length": shape.inner,
        "attention.head_count": shape.heads, "attention.head_count_kv": shape.key_value_heads,
        "attention.layer_norm_rms_epsilon": shape.epsilon, "rope.freq_base": shape.base,
    }
    if shape.says_head_width:
        keys["attention.key_length"] = keys["attention.value_length"] = shape.head_width
    if shape.says_rotated:
        keys["rope.dimension_count"] = shape.rotated or shape.head_width
        keys["vocab_size"] = 300
    return {**keys, **shape.keys}


def normal(name, *shape):
    """Seeded normal numbers for a tensor."""
    return np.random.default_rng([SEED, zlib.crc32(name.encode())]).standard_normal(
        shape, dtype=np.float32)


def gain(name, size):
    """A norm's gain: near 1, never 1."""
    return np.clip(1 + 0.3 * normal(name, size), 0.25, 2)


def attention_matrices(shape):
    """Name, rows, columns and gain of each matrix of the attention."""
    queries = shape.heads * shape.head_width
    keys = shape.key_value_heads * shape.head_width
    output = [("attn_output", shape.width, queries, 1.5)]
    if shape.fused:
        return [("attn_qkv", queries + 2 * keys, shape.width, 1.3)] + output
    return [("attn_q", queries, shape.width, 1.5), ("attn_k", keys, shape.width, 1.2),
            ("attn_v", keys, shape.width, 1.2)] + output


def feed_forward_matrices(shape):
    """Name, rows, columns and gain of each matrix of the feed-forward."""
    down = [("ffn_down", shape.width, shape.inner, 1.5)]
    if shape.fused:
        return [("ffn_up", 2 * shape.inner, shape.width, 1.2)] + down
    return [("ffn_gate", shape.inner, shape.width, 1.2),
            ("ffn_up", shape.inner, shape.width, 1.2)] + down


def norms(shape):
    """Name and size of each norm of a block."""
    found = []
    if shape.before:
        found += [("attn_norm", shape.width), ("ffn_norm", shape.width)]
    if shape.after:
        found += [("post_attention_norm", shape.width), ("post_ffw_norm", shape.width)]
    if shape.head_norms:
        whole = shape.head_norms == "row"
        found += [("attn_q_norm", shape.head_width * (shape.heads if whole else 1)),
                  ("attn_k_norm", shape.head_width * (shape.key_value_heads if whole else 1))]
    return found


def tensors(shape, size):
    """The tensors of a model: name, float32 numbers, and whether they are a matrix."""
    head = shape.head_gain * 2 / math.sqrt(shape.width)
    yield "token_embd.weight", head * normal("token_embd", size, shape.width), True
    for name, table in shape.tables.items():
        yield f"{name}.weight", np.array(table, dtype=np.float32), False
    for block in range(shape.blocks):
        for name, width in norms(shape):
            place = f"blk.{block}.{name}"
            strength = shape.after_gain if name.startswith("post_") else 1
            yield f"{place}.weight", strength * gain(place, width), False
        matrices = attention_matrices(shape) + feed_forward_matrices(shape)
        for name, rows, columns, strength in matrices:
            place = f"blk.{block}.{name}"
            numbers = strength / math.sqrt(columns) * normal(place, rows, columns)
            yield f"{place}.weight", numbers, True
            if name in shape.biases:
                yield f"{place}.bias", 0.4 * normal(f"{place}.bias", rows), False
    yield "output_norm.weight", gain("output_norm", shape.width), False
    if not shape.tied:
        yield "output.weight", head * normal("output", size, shape.width), True


# Files.


def blocks_of(array, kind):
    """A matrix as a tensor type lays it down."""
    if kind in BY_GGML:
        return llama_oracle.ggml_quantize(array, int(gguf.GGMLQuantizationType[kind]))
    return quants.quantize(array, gguf.GGMLQuantizationType[kind])


def numbers_of(array, kind):
    """The float32 numbers that are left of a matrix in a tensor type."""
    return quants.dequantize(blocks_of(array, kind), gguf.GGMLQuantizationType[kind])


def add(writer, name, value):
    """Writes a key with the type that its value asks for."""
    if isinstance(value, bool):
        writer.add_bool(name, value)
    elif isinstance(value, str):
        writer.add_string(name, value)
    elif isinstance(value, int):
        writer.add_uint32(name, value)
    elif isinstance(value, float):
        writer.add_float32(name, value)
    else:
        writer.add_array(name, value)


def write(path, shape, kind, exact=False):
    """Writes a model; with `exact`, what the type left of its numbers, but as float32."""
    keys = vocabulary(shape)
    writer = gguf.GGUFWriter(path, shape.family)
    # Not the family's name: where "phi3" is in it, llama.cpp asks for some tokens of Phi-3.
    writer.add_name("Tiny")
    for key, value in metadata(shape).items():
        add(writer, f"{shape.family}.{key}", value)
    for key, value in keys.items():
        add(writer, f"tokenizer.ggml.{key}", value)
    for tensor, numbers, is_matrix in tensors(shape, len(keys["tokens"])):
        if not is_matrix:
            writer.add_tensor(tensor, numbers)
        elif exact or kind == "F32":
            writer.add_tensor(tensor, numbers_of(numbers, kind))
        else:
            writer.add_tensor(
                tensor, blocks_of(numbers, kind), raw_dtype=gguf.GGMLQuantizationType[kind])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    parser = argparse.ArgumentParser(description="Writes tiny random models of each family.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--width", choices=["narrow", "wide"], default="narrow")
    parser.add_argument("--types", default="F16", help="commas between; or `all`")
    parser.add_argument("--only", help="names of models, commas between")
    arguments = parser.parse_args()
    kinds = TYPES if arguments.types == "all" else arguments.types.split(",")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name, shape in shapes(arguments.width).items():
        if arguments.only and name not in arguments.only.split(","):
            continue
        for kind in kinds:
            path = arguments.folder / f"{name}-{kind}.gguf"
            write(path, shape, kind)
            print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
