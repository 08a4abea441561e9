"""A plain float64 pass of the families of architectures, written after the papers' formulas.

It reads float32 GGUF files and shares no code with llama.cpp: where the two agree, both are right.
It also gives the numbers that llama.cpp's CPU cannot: there GELU is a table of half-precision
values, here only if asked for.
"""

import math

import gguf
import numpy as np

SPLIT_PAIRS = {"qwen2", "qwen3", "gemma3", "olmo2", "phi3"}


class File:
    """The keys and the float64 tensors of a file whose tensors are float32."""

    def __init__(self, path):
        reader = gguf.GGUFReader(path)
        self.keys = {name: entry.contents() for name, entry in reader.fields.items()}
        self.family = self.keys["general.architecture"]
        self.tensors = {
            tensor.name.removesuffix(".weight"): np.array(tensor.data, dtype=np.float64)
            for tensor in reader.tensors}

    def __call__(self, name, default=None):
        return self.keys.get(f"{self.family}.{name}", default)

    def get(self, name):
        return self.tensors.get(name)

    def project(self, name, rows):
        """Rows through a matrix, plus its bias if it has one."""
        product = rows @ self.tensors[name].T
        bias = self.tensors.get(f"{name}.bias")
        return product if bias is None else product + bias


def norm(rows, weight, epsilon):
    return rows / np.sqrt((rows**2).mean(axis=-1, keepdims=True) + epsilon) * weight


def silu(rows):
    return rows / (1 + np.exp(-rows))


def gelu(rows):
    return rows / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (rows + 0.044715 * rows**3)))


def soft_max(rows):
    rows = np.exp(rows - rows.max(axis=-1, keepdims=True))
    return rows / rows.sum(axis=-1, keepdims=True)


class Rotary:
    """Rotary positions as one block has them."""

    def __init__(self, file, width, context, is_windowed):
        self.is_split = file.family in SPLIT_PAIRS
        self.rotated = file("rope.dimension_count", width)
        base = file("rope.freq_base", 10000.0)
        kind = file("rope.scaling.type", "linear")
        scale = 1 / (file("rope.scaling.factor") or 1)
        original = file("rope.scaling.original_context_length", file("context_length"))
        self.strength = file("rope.scaling.attn_factor", 1.0)
        if is_windowed and file.family == "gemma3":
            base, scale = file("rope.freq_base_swa", 10000.0), 1
        if is_windowed and file.family == "olmo2":
            scale, kind, self.strength = 1, "none", 1.0
        pairs = np.arange(self.rotated // 2)
        self.frequencies = base ** (-2 * pairs / self.rotated)
        self.frequencies = self.frequencies / self.factors(file, context, original)
        if kind == "yarn":
            self.interpolate(scale, base, original, pairs)
        else:
            self.frequencies = self.frequencies * scale

    @staticmethod
    def factors(file, context, original):
        """What divides the frequencies: Llama 3's, or the long or the short ones."""
        if (table := file.get("rope_freqs")) is not None:
            return table
        table = file.get("rope_factors_long" if context > original else "rope_factors_short")
        return 1 if table is None else table

    def interpolate(self, scale, base, original, pairs):
        """YaRN (Peng et al. 2023): slow pairs are interpolated, fast ones are not."""

        def place(turns):
            return self.rotated * math.log(original / (turns * 2 * math.pi)) / (2 * math.log(base))

        low = max(0, math.floor(place(32)))
        high = min(self.rotated - 1, math.ceil(place(1)))
        fast = 1 - np.clip((pairs - low) / max(0.001, high - low), 0, 1)
        self.frequencies = self.frequencies * (scale * (1 - fast) + fast)
        self.strength *= 0.1 * math.log(1 / scale) + 1

    def __call__(self, heads):
        """Turns heads, indexed by position, head and dimension."""
        angles = np.arange(len(heads))[:, None, None] * self.frequencies
        cosine, sine = np.cos(angles) * self.strength, np.sin(angles) * self.strength
        half = self.rotated // 2
        first = slice(0, half) if self.is_split else slice(0, self.rotated, 2)
        second = slice(half, self.rotated) if self.is_split else slice(1, self.rotated, 2)
        turned = heads.copy()
        turned[..., first] = heads[..., first] * cosine - heads[..., second] * sine
        turned[..., second] = heads[..., first] * sine + heads[..., second] * cosine
        return turned


class Pass:
    """One reading of some tokens."""

    def __init__(self, file, context, halves_gelu=False):
        self.file, self.context, self.halves_gelu = file, context, halves_gelu
        self.epsilon = file("attention.layer_norm_rms_epsilon")
        self.heads = file("attention.head_count")
        self.key_heads = file("attention.head_count_kv", self.heads)
        self.width = file("attention.key_length", file("embedding_length") // self.heads)
        self.residual = file("residual_scale", 1.0)

    def norm(self, rows, name):
        """A norm, or the rows themselves where the model has no such norm."""
        weight = self.file.get(name)
        return rows if weight is None else norm(rows, weight, self.epsilon)

    def is_windowed(self, block):
        if not self.file("attention.sliding_window") or self.file.family == "phi3":
            return False
        pattern = self.file("attention.sliding_window_pattern")
        if isinstance(pattern, list):
            return bool(pattern[block])
        return (block + 1) % (pattern or {"gemma3": 6, "olmo2": 4}[self.file.family]) != 0

    def is_turned(self, block):
        """Whether the block has rotary positions."""
        if self.file.family == "smollm3":
            return (block + 1) % 4 != 0
        return self.file.family != "granite" or self.file("rope.scaling.finetuned", True)

    def queries_keys_values(self, rows, block):
        place = f"blk.{block}."
        sizes = np.array([self.heads, self.key_heads, self.key_heads]) * self.width
        if self.file.get(place + "attn_qkv") is not None:
            parts = self.file.project(place + "attn_qkv", rows)
            parts = np.split(parts, np.cumsum(sizes)[:2], axis=-1)
        else:
            parts = [self.file.project(place + f"attn_{part}", rows) for part in "qkv"]
        shaped = []
        for part, name in zip(parts, "qkv"):
            whole = self.file.family == "olmo2"
            if whole and name != "v":
                part = self.norm(part, place + f"attn_{name}_norm")
            part = part.reshape(len(rows), -1, self.width)
            if not whole and name != "v":
                part = self.norm(part, place + f"attn_{name}_norm")
            shaped.append(part)
        return shaped

    def attention(self, rows, block):
        queries, keys, values = self.queries_keys_values(rows, block)
        if self.is_turned(block):
            turn = Rotary(self.file, self.width, self.context, self.is_windowed(block))
            queries, keys = turn(queries), turn(keys)
        group = self.heads // self.key_heads
        keys, values = np.repeat(keys, group, axis=1), np.repeat(values, group, axis=1)
        scale = self.file("attention.scale") or 1 / math.sqrt(self.width)
        scores = np.einsum("ihd,jhd->hij", queries, keys) * scale
        behind = np.arange(len(rows))[:, None] - np.arange(len(rows))[None, :]
        seen = behind >= 0
        if self.is_windowed(block):
            seen &= behind < self.file("attention.sliding_window")
        weights = soft_max(np.where(seen, scores, -np.inf))
        mixed = np.einsum("hij,jhd->ihd", weights, values).reshape(len(rows), -1)
        return self.file.project(f"blk.{block}.attn_output", mixed)

    def feed_forward(self, rows, block):
        place = f"blk.{block}."
        if self.file.get(place + "ffn_gate") is None:
            gate, up = np.split(self.file.project(place + "ffn_up", rows), 2, axis=-1)
        else:
            gate, up = (self.file.project(place + name, rows) for name in ("ffn_gate", "ffn_up"))
        return self.file.project(place + "ffn_down", self.bend(gate) * up)

    def bend(self, gate):
        """The activation."""
        if self.file.family != "gemma3":
            return silu(gate)
        if not self.halves_gelu:
            return gelu(gate)
        halves = gelu(gate.astype(np.float16).astype(np.float32)).astype(np.float16)
        return np.where(np.abs(gate) < 10, halves, np.maximum(gate, 0)).astype(np.float64)

    def run(self, tokens):
        file = self.file
        rows = file.tensors["token_embd"][tokens] * file("embedding_scale", 1.0)
        if file.family == "gemma3":
            rows = rows * math.sqrt(rows.shape[-1])
        for block in range(file("block_count")):
            place = f"blk.{block}."
            added = self.attention(self.norm(rows, place + "attn_norm"), block)
            rows = rows + self.residual * self.norm(added, place + "post_attention_norm")
            added = self.feed_forward(self.norm(rows, place + "ffn_norm"), block)
            rows = rows + self.residual * self.norm(added, place + "post_ffw_norm")
        head = file.tensors.get("output", file.tensors["token_embd"])
        found = self.norm(rows, "output_norm") @ head.T / file("logit_scale", 1.0)
        cap = file("final_logit_softcapping", 0.0)
        return cap * np.tanh(found / cap) if cap else found


def logits(path, tokens, context, halves_gelu=False):
    """The logits after each token, as float64."""
    return Pass(File(path), context, halves_gelu).run(tokens)
