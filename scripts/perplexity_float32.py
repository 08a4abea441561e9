#!/usr/bin/env python3
"""Perplexity of a LLaMA-architecture GGUF model in plain float32: an independent check of `fathom eval`.

Weights are dequantised, activations stay float32, attention is causal and whole. Needs NumPy; token
ids come from `fathom tokenize --json`. Prints JSON: for each window the summed loss of its second
half (llama-perplexity's convention), in nats.

    fathom tokenize --json --no-parse-special < wiki.test.raw > ids.json
    python3 scripts/perplexity_float32.py MODEL.gguf ids.json --chunks 20
"""

import argparse
import json
import struct
import sys

import numpy as np

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
BLOCKS = {0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 8: (32, 34)}


class Model:
    """The metadata and tensors of a GGUF file."""

    def __init__(self, path):
        self.data = np.memmap(path, dtype=np.uint8, mode="r")
        self.place = 8
        tensor_count, key_count = self.unpack("QQ")
        self.keys = {}
        for _ in range(key_count):
            name = self.text()
            self.keys[name] = self.value(*self.unpack("I"))
        directory = []
        for _ in range(tensor_count):
            name = self.text()
            (rank,) = self.unpack("I")
            shape = self.unpack("Q" * rank)
            kind, offset = self.unpack("IQ")
            directory.append((name, shape, kind, offset))
        alignment = self.keys.get("general.alignment", 32)
        start = -(-self.place // alignment) * alignment
        self.tensors = {name: (shape, kind, start + offset) for name, shape, kind, offset in directory}

    def unpack(self, layout):
        size = struct.calcsize("<" + layout)
        values = struct.unpack("<" + layout, self.data[self.place : self.place + size].tobytes())
        self.place += size
        return values

    def text(self):
        (length,) = self.unpack("Q")
        self.place += length
        return self.data[self.place - length : self.place].tobytes().decode("utf-8", "replace")

    def value(self, kind):
        if kind == 8:
            return self.text()
        if kind == 9:
            (element,) = self.unpack("I")
            (count,) = self.unpack("Q")
            return [self.value(element) for _ in range(count)]
        return self.unpack(SCALARS[kind])[0]

    def tensor(self, name):
        """The numbers of a tensor as float32, [rows, row length] or [length]."""
        shape, kind, offset = self.tensors[name]
        if kind not in BLOCKS:
            sys.exit(f"{name}: tensor type {kind} is not covered by this script")
        size, width = BLOCKS[kind]
        count = int(np.prod(shape)) // size
        raw = np.asarray(self.data[offset : offset + count * width]).reshape(count, width)

        def half(at):
            return raw[:, at : at + 2].copy().view(np.float16).astype(np.float32)

        if kind == 0:
            numbers = raw.copy().view(np.float32)
        elif kind == 1:
            numbers = half(0)
        elif kind == 8:
            numbers = half(0) * raw[:, 2:].view(np.int8).astype(np.float32)
        else:
            codes = raw[:, width - 16 :]
            codes = np.concatenate([codes & 15, codes >> 4], axis=1).astype(np.float32)
            numbers = half(0) * (codes - 8) if kind == 2 else half(0) * codes + half(2)
        return numbers.reshape(shape[::-1])


class Pass:
    """A float32 forward pass."""

    def __init__(self, model):
        def key(name):
            return model.keys["llama." + name]

        self.heads = key("attention.head_count")
        self.shared = key("attention.head_count_kv")
        self.epsilon = key("attention.layer_norm_rms_epsilon")
        self.base = model.keys.get("llama.rope.freq_base", 10000.0)
        self.weights = {name: model.tensor(name) for name in model.tensors}
        self.blocks = key("block_count")

    def normed(self, x, name):
        scale = 1 / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + np.float32(self.epsilon))
        return x * scale * self.weights[name]

    def rotated(self, x):
        """RoPE over adjacent pairs; x is [positions, heads, width]."""
        count, _, width = x.shape
        frequencies = self.base ** (-np.arange(0, width, 2, dtype=np.float64) / width)
        angles = np.arange(count)[:, None] * frequencies
        cos, sin = (f(angles).astype(np.float32)[:, None, :] for f in (np.cos, np.sin))
        a, b = x[..., 0::2], x[..., 1::2]
        return np.stack([a * cos - b * sin, a * sin + b * cos], axis=-1).reshape(x.shape)

    def losses(self, ids, first):
        """-ln p of the tokens after positions first..., each given all before it."""
        w = self.weights
        x = w["token_embd.weight"][ids]
        count = len(ids)
        mask = np.triu(np.full((count, count), -np.inf, np.float32), 1)
        for block in range(self.blocks):
            name = f"blk.{block}."
            n = self.normed(x, name + "attn_norm.weight")
            q = self.rotated((n @ w[name + "attn_q.weight"].T).reshape(count, self.heads, -1))
            k = self.rotated((n @ w[name + "attn_k.weight"].T).reshape(count, self.shared, -1))
            v = (n @ w[name + "attn_v.weight"].T).reshape(count, self.shared, -1)
            k, v = (np.repeat(t, self.heads // self.shared, axis=1) for t in (k, v))
            scores = np.einsum("ihd,jhd->hij", q, k) / np.float32(np.sqrt(q.shape[-1])) + mask
            scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
            scores /= scores.sum(axis=-1, keepdims=True)
            mixed = np.einsum("hij,jhd->ihd", scores, v).reshape(count, -1)
            x = x + mixed @ w[name + "attn_output.weight"].T
            n = self.normed(x, name + "ffn_norm.weight")
            gate = n @ w[name + "ffn_gate.weight"].T
            x = x + (gate / (1 + np.exp(-gate)) * (n @ w[name + "ffn_up.weight"].T)) @ w[
                name + "ffn_down.weight"
            ].T
        head = w.get("output.weight", w["token_embd.weight"])
        logits = self.normed(x[first:-1], "output_norm.weight") @ head.T
        top = logits.max(axis=-1, keepdims=True)
        normalizer = top[:, 0] + np.log(np.exp(logits - top, dtype=np.float64).sum(axis=-1))
        return normalizer - logits[np.arange(len(logits)), ids[first + 1 :]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("ids")
    parser.add_argument("--ctx", type=int, default=512)
    parser.add_argument("--chunks", type=int, default=20)
    options = parser.parse_args()
    model = Model(options.model)
    if model.keys.get("tokenizer.ggml.add_bos_token"):
        sys.exit("the model's texts begin with BOS; this script knows only models without")
    ids = np.array(json.load(open(options.ids))["ids"])
    forward = Pass(model)
    sums = []
    for chunk in range(min(options.chunks, len(ids) // options.ctx)):
        window = ids[chunk * options.ctx : (chunk + 1) * options.ctx]
        sums.append(float(forward.losses(window, options.ctx // 2).sum()))
        scored = len(sums) * (options.ctx - options.ctx // 2 - 1)
        print(f"[{chunk + 1}] {np.exp(sum(sums) / scored):.4f}", file=sys.stderr)
    print(json.dumps({"ctx": options.ctx, "losses": [round(s, 5) for s in sums]}))


if __name__ == "__main__":
    main()
