#!/usr/bin/env python3
"""Writes the tiny models of family_models.py and their logits, checked with llama.cpp.

    family_logits.py FOLDER --golden              the few of the tests
    family_logits.py FOLDER [--width narrow|wide] [--types F32,Q4_K,...] [--only NAME,...]

For each model NAME-TYPE.gguf, and NAME-TYPE.f32, the logits after each of 64 tokens as
little-endian float32, row by row; families.json lists them. llama.cpp rounds activations to the
precision of the weights and GELU to halves, so these logits are those of family_reference.py, in
float64. llama.cpp reads the same numbers as a float32 file; `difference` is the largest between its
logits and those of the float64 pass with GELU in halves. With --golden that is all; without,
NAME-TYPE.typed.f32 has the logits that llama.cpp gives for the typed file itself,
NAME-TYPE.exact.f32 those for the float32 file, and families.json the mean divergence of the typed
from the first (KL, nats a token).

A model with long and short rotary factors is read twice: llama.cpp chooses between them by the
size of the context.
"""

import argparse
import json
import pathlib
import tempfile

import numpy as np

import family_models
import family_reference
import llama_oracle

# The golden files of the tests: each family once, then what a family does at times, then a type.
GOLDEN = [
    *((name, "F16") for name in (
        "llama", "qwen2", "qwen3", "gemma3", "smollm3", "granite", "olmo2", "minicpm", "phi3",
        "qwen2-yarn", "gemma3-linear")),
    ("qwen3", "Q8_0"),
]
TOKENS = [1] + [(7 * place * place + 13 * place + 5) % 300 for place in range(1, 64)]


def log_softmax(logits):
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def divergence(whole, other):
    """The mean Kullback-Leibler divergence of the second from the first, in nats a token."""
    whole, other = log_softmax(whole), log_softmax(other)
    return float((np.exp(whole) * (whole - other)).sum(axis=-1).mean())


def logits(path, size):
    """llama.cpp's logits after each token, in a context of `size` positions."""
    with llama_oracle.Model(path) as model, model.context(size) as context:
        return context.logits(TOKENS)


def contexts(shape):
    """The sizes of context to read a model in, by what the files' names say of it."""
    if "rope_factors_long" in shape.tables:
        return {"": 256, "-long": 512}
    return {"": 256}


def record(folder, name, shape, kind, golden):
    """Writes the files of a model and gives their entries in the list."""
    model = folder / f"{name}-{kind}.gguf"
    family_models.write(model, shape, kind)
    with tempfile.TemporaryDirectory() as temporary:
        exact = pathlib.Path(temporary) / "exact.gguf"
        family_models.write(exact, shape, kind, exact=True)
        for suffix, size in contexts(shape).items():
            whole = logits(exact, size)
            checked = family_reference.logits(exact, TOKENS, size)
            rounded = family_reference.logits(exact, TOKENS, size, halves_gelu=True)
            entry = {
                "name": name + suffix, "family": shape.family, "type": kind, "model": model.name,
                "logits": f"{name}{suffix}-{kind}.f32", "rows": len(TOKENS),
                "columns": whole.shape[1], "context": size,
                "spread": round(float(whole.std(axis=-1).mean()), 3),
                "difference": float(f"{np.abs(whole - rounded).max():.2g}"),
            }
            checked.astype("<f4").tofile(folder / entry["logits"])
            if not golden:
                whole.astype("<f4").tofile(folder / f"{name}{suffix}-{kind}.exact.f32")
                typed = logits(model, size)
                entry["typed_logits"] = f"{name}{suffix}-{kind}.typed.f32"
                typed.astype("<f4").tofile(folder / entry["typed_logits"])
                entry["typed_divergence"] = float(f"{divergence(checked, typed):.3g}")
            yield entry


def chosen(arguments):
    """The models to write, as pairs of name and type."""
    if arguments.golden:
        return GOLDEN
    kinds = family_models.TYPES if arguments.types == "all" else arguments.types.split(",")
    names = arguments.only.split(",") if arguments.only else family_models.narrow_shapes()
    return [(name, kind) for name in names for kind in kinds]


def main():
    parser = argparse.ArgumentParser(description="Writes tiny models and their logits.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--width", choices=["narrow", "wide"], default="narrow")
    parser.add_argument("--types", default="F16", help="commas between; or `all`")
    parser.add_argument("--only", help="names of models, commas between")
    parser.add_argument("--golden", action="store_true", help="the few that the tests have")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    shapes = family_models.shapes(arguments.width)
    entries = []
    for name, kind in chosen(arguments):
        for entry in record(arguments.folder, name, shapes[name], kind, arguments.golden):
            entries.append(entry)
            print(json.dumps(entry), flush=True)
    listed = {"tokens": TOKENS, "models": entries}
    (arguments.folder / "families.json").write_text(json.dumps(listed, indent=1) + "\n")


if __name__ == "__main__":
    main()
