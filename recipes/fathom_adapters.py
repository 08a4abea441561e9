"""Files: reads the GGUF of a model for PyTorch, and writes the adapters that Fathom loads for it.

docs/ADAPTERS.md of Fathom has the formats. Matrices are [outputs, inputs] in PyTorch and here; a GGUF
file names the same extents in the other order.
"""

import hashlib
import os
from dataclasses import dataclass, field

import gguf
import numpy as np
import torch
import transformers
from transformers.initialization import no_init_weights

# Families of files and transformers' classes; true where a file's rows of queries and keys have the two
# of a rotary pair side by side.
FAMILIES = {"llama": ("Llama", True), "qwen2": ("Qwen2", False), "qwen3": ("Qwen3", False)}

# The tensors of a block: a file's name and the module of transformers.
PARTS = {
    "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
# The last words of the projections that a LoRA changes.
PROJECTIONS = [name.split(".")[1] for part, name in PARTS.items() if name.endswith("_proj")]


class RecipeError(SystemExit):
    """What is wrong, where, and what to do; it ends the program."""


class Base:
    """The model's GGUF file: what it says, and its weights as a model of transformers."""

    def __init__(self, path):
        self.path = os.fspath(path)
        try:
            self.reader = gguf.GGUFReader(self.path)
        except (OSError, ValueError) as problem:
            raise RecipeError(f"{self.path} is no GGUF file that can be read: {problem}") from None
        self.architecture = self.key("general.architecture")
        if self.architecture not in FAMILIES:
            raise RecipeError(
                f"{self.path} is of the family {self.architecture}; the recipes know "
                f"{', '.join(FAMILIES)}. Use `fathom tune`, which knows what Fathom runs.")
        self.tensors = {tensor.name: tensor for tensor in self.reader.tensors}
        self.name = self.key("general.name", os.path.basename(self.path))
        self.blocks = self.own("block_count")
        self.width = self.own("embedding_length")
        self.heads = self.own("attention.head_count")
        self.key_value_heads = self.own("attention.head_count_kv", self.heads)
        self.head_width = self.own("attention.key_length", self.width // self.heads)
        self.vocabulary = int(self.tensors["token_embd.weight"].shape[1])
        self.pairs_rows = FAMILIES[self.architecture][1]

    def key(self, name, default=None):
        """What the file says under a key."""
        entry = self.reader.fields.get(name)
        if entry is None and default is None:
            raise RecipeError(f"{self.path} has no key {name}. Is the file whole?")
        return default if entry is None else entry.contents()

    def own(self, name, default=None):
        """What the file says under a key of its family."""
        return self.key(f"{self.architecture}.{name}", default)

    def fingerprint(self):
        """SHA-256 of the file: by it Fathom knows for whom an adapter is."""
        with open(self.path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def numbers(self, name):
        """A tensor of the file as float32, dequantised."""
        tensor = self.tensors[name]
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        shape = [int(extent) for extent in reversed(tensor.shape)]
        return torch.from_numpy(np.array(values, dtype=np.float32)).reshape(shape)

    def turned(self, part, rows, to_file):
        """Rows of queries or keys in the other order: transformers pairs the halves of a head for the
        rotation, a file of the family llama neighbours. Other tensors stay as they are."""
        if not self.pairs_rows or part not in ("attn_q", "attn_k"):
            return rows
        heads = self.heads if part == "attn_q" else self.key_value_heads
        pair = (2, self.head_width // 2)
        order = (heads, *(pair if to_file else pair[::-1]), *rows.shape[1:])
        return rows.reshape(order).transpose(1, 2).reshape(rows.shape)

    def config(self):
        """The configuration of transformers that the file's keys amount to."""
        scaling = self.own("rope.scaling.type", "none")
        if scaling not in ("none", "linear"):
            raise RecipeError(
                f"{self.path} scales its rotation by {scaling}, which is not read from a file. Give "
                "the model's checkpoint of transformers: --weights FOLDER.")
        if self.own("rope.dimension_count", self.head_width) != self.head_width:
            raise RecipeError(
                f"{self.path} rotates a part of each head. Give its checkpoint: --weights FOLDER.")
        rope = {"rope_type": "default", "rope_theta": self.own("rope.freq_base", 10000.0)}
        if scaling == "linear":
            rope |= {"rope_type": "linear", "factor": self.own("rope.scaling.factor")}
        kind = getattr(transformers, FAMILIES[self.architecture][0] + "Config")
        return kind(
            vocab_size=self.vocabulary, hidden_size=self.width, num_hidden_layers=self.blocks,
            intermediate_size=self.own("feed_forward_length"), num_attention_heads=self.heads,
            num_key_value_heads=self.key_value_heads, head_dim=self.head_width,
            max_position_embeddings=self.own("context_length"), rope_parameters=rope,
            rms_norm_eps=self.own("attention.layer_norm_rms_epsilon"),
            tie_word_embeddings="output.weight" not in self.tensors,
            attention_bias="blk.0.attn_output.bias" in self.tensors,
            mlp_bias="blk.0.ffn_down.bias" in self.tensors)

    def load(self, dtype=torch.float32, weights=None):
        """The model: from the file, or from the checkpoint of transformers in the folder `weights`,
        which has to be the same model."""
        if weights:
            model = transformers.AutoModelForCausalLM.from_pretrained(weights, dtype=dtype)
            own = self.numbers("output_norm.weight")
            norm = model.model.norm.weight.float().cpu()
            if norm.is_meta or norm.shape != own.shape or len(model.model.layers) != self.blocks:
                raise RecipeError(f"{weights} has another shape than {self.path}.")
            if bool(norm.any()) and not torch.allclose(norm, own, rtol=0.02, atol=0.02):
                raise RecipeError(f"{weights} is another model than {self.path}: its last norm differs.")
            return model.eval()
        with no_init_weights():
            model = transformers.AutoModelForCausalLM.from_config(self.config(), dtype=dtype)
        model.tie_weights()
        left = dict(model.named_parameters())
        with torch.no_grad():
            for name in self.tensors:
                if name == "rope_freqs.weight":
                    model.model.rotary_emb.inv_freq /= self.numbers(name)
                    continue
                target = left.pop(self.module(name), None)
                if target is None:
                    raise RecipeError(f"{self.path} has the tensor {name}, which transformers lacks.")
                target.copy_(self.turned(name.split(".")[-2], self.numbers(name), to_file=False))
        if left:
            raise RecipeError(f"{self.path} lacks tensors: {', '.join(sorted(left))}.")
        return model.eval()

    def module(self, name):
        """The parameter of transformers that a file's tensor is."""
        whole = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
        *place, part, kind = name.split(".")
        if place:
            return f"model.layers.{place[1]}.{PARTS.get(part)}.{kind}"
        return f"{whole.get(part)}.{kind}"

    def lora_tensors(self, values):
        """The tensors of a LoRA under llama.cpp's names, from PEFT's parameters by name."""
        places = {module: part for part, module in PARTS.items()}
        tensors = {}
        for name, value in values.items():
            # As …layers.3.self_attn.q_proj.lora_A.default.weight.
            head, mark, half = name.partition(".lora_")
            if not mark:
                continue
            block, *module = head.split("layers.")[-1].split(".")
            part = places[".".join(module)]
            if half.startswith("B"):
                value = self.turned(part, value, to_file=True)
            tensors[f"blk.{block}.{part}.weight.lora_{half[0].lower()}"] = value
        return tensors


@dataclass
class Recipe:
    """How an adapter was made, and what it says of itself."""

    name: str
    command: str = ""
    steps: int = 0
    positions: int = 0
    seed: int = 0
    noise: str = ""
    license: str = ""
    note: str = ""
    files: list = field(default_factory=list)


# The types of lists: Python's int would become a signed one.
_COUNTS, _REALS, _WORDS = (
    gguf.GGUFValueType.UINT32, gguf.GGUFValueType.FLOAT32, gguf.GGUFValueType.STRING)


def write_adapter(path, base, kind, recipe, tensors, matrices="F16", alpha=None, lists=(), counts=()):
    """Writes the adapter of a kind (`lora`, `fathom.exits`, `fathom.duo`) for the file of `base`.

    `lists` has pairs of a key and a list, `counts` of a key and a number. Matrices are stored as
    `matrices`; where their rows do not fit its blocks of 32, as F16. The file appears whole or not.
    """
    partial = f"{path}.partial"
    writer = gguf.GGUFWriter(partial, base.architecture)
    writer.add_type("adapter")
    writer.add_string("general.name", recipe.name)
    writer.add_string("general.license", recipe.license)
    writer.add_string("adapter.type", kind)
    writer.add_uint32("fathom.adapter.version", 1)
    writer.add_string("fathom.base.sha256", base.fingerprint())
    writer.add_string("fathom.base.name", base.name)
    writer.add_uint32("fathom.base.block_count", base.blocks)
    writer.add_uint32("fathom.base.embedding_length", base.width)
    writer.add_uint32("fathom.base.vocab_size", base.vocabulary)
    writer.add_string("fathom.recipe", recipe.command)
    writer.add_uint64("fathom.recipe.steps", recipe.steps)
    writer.add_uint64("fathom.recipe.positions", recipe.positions)
    writer.add_uint64("fathom.recipe.seed", recipe.seed)
    writer.add_string("fathom.data.note", recipe.note)
    if recipe.noise:
        writer.add_string("fathom.recipe.noise", recipe.noise)
    if alpha is not None:
        writer.add_float32("adapter.lora.alpha", alpha)
    for key, count in counts:
        writer.add_uint32(key, count)
    digests = [hashlib.sha256(open(file, "rb").read()).hexdigest() for file in recipe.files]
    files = [os.path.basename(file) for file in recipe.files]
    for key, values in [*lists, ("fathom.data.files", files), ("fathom.data.sha256", digests)]:
        if values:
            kinds = {int: _COUNTS, float: _REALS, str: _WORDS}
            writer.add_key_value(
                key, list(values), gguf.GGUFValueType.ARRAY, sub_type=kinds[type(values[0])])
    for name, value in tensors.items():
        numbers = np.ascontiguousarray(value.detach().float().cpu().numpy())
        stored = gguf.GGMLQuantizationType.F32
        if numbers.ndim == 2:
            fits = matrices in ("F16", "F32") or numbers.shape[1] % 32 == 0
            stored = gguf.GGMLQuantizationType[matrices if fits else "F16"]
        writer.add_tensor(name, gguf.quants.quantize(numbers, stored), raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.replace(partial, path)
