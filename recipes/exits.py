#!/usr/bin/env python3
"""Exit modules on a frozen model: between the stream after some blocks and the model's own head.

As `fathom tune exits` makes them (docs/ADAPTERS.md): a module learns the distribution of full depth (KL),
and its gate learns whether the exit's most probable token is full depth's. The trunk runs forward only and
stays as it is, bit for bit.
"""

import math
from collections import Counter

import torch
from torch import nn
from torch.nn import functional

from course import Course, options
from fathom_adapters import RecipeError, write_adapter
from passes import divergence, over_rows, states


class Exit(nn.Module):
    """A module: `none`, `linear`, `lowrank:R`, `mlp:F` or `mlp:F+linear`. It begins as the logit lens."""

    def __init__(self, form, norm, epsilon):
        super().__init__()
        kind, _, inner = form.partition(":")
        width = len(norm)
        self.epsilon, self.kind = epsilon, kind
        self.output_norm = nn.Parameter(norm.clone())
        self.input_norm = nn.Parameter(torch.ones(width))
        self.gate = nn.Parameter(torch.zeros(width))
        self.gate_bias = nn.Parameter(torch.zeros(1))
        shapes = {}
        if kind == "linear" or inner.endswith("+linear"):
            shapes["linear"] = (width, width)
        if kind == "lowrank":
            shapes |= {"lora_a": (int(inner), width), "lora_b": (width, int(inner))}
        elif kind == "mlp":
            units = int(inner.removesuffix("+linear"))
            shapes |= {"ffn_gate": (units, width), "ffn_up": (units, width), "ffn_down": (width, units)}
        elif kind not in ("none", "linear"):
            raise RecipeError(f"An exit of the form {form} is not known.")
        self.matrices = nn.ParameterDict()
        for name, shape in shapes.items():
            first = torch.zeros(shape)
            if name in ("lora_a", "ffn_gate", "ffn_up"):
                first.normal_(std=1 / math.sqrt(shape[1]))
            self.matrices[name] = nn.Parameter(first)

    def unit(self, rows):
        """Rows at root mean square 1."""
        rows = rows.float()
        return rows * torch.rsqrt(rows.square().mean(-1, keepdim=True) + self.epsilon)

    def forward(self, stream):
        """What the head reads, and the gate's logit."""
        u, m = self.unit(stream), self.matrices
        n = u * self.input_norm
        h = u
        if "linear" in m:
            h = h + functional.linear(n, m["linear"])
        if "lora_a" in m:
            h = h + functional.linear(functional.linear(n, m["lora_a"]), m["lora_b"])
        if "ffn_gate" in m:
            units = functional.silu(functional.linear(n, m["ffn_gate"])) * functional.linear(n, m["ffn_up"])
            h = h + functional.linear(units, m["ffn_down"])
        # The gate reads what the module reads and does not teach it.
        gate = (n.detach() * self.gate).sum(-1) + self.gate_bias
        return self.unit(h) * self.output_norm, gate

    @staticmethod
    def tensors(values, depth):
        """The tensors of the exit after `depth` blocks in a file, from its trained values by name."""
        names = {"gate": "gate.weight", "gate_bias": "gate.bias", "output_norm": "output_norm.weight",
                 "input_norm": "input_norm.weight", "lora_a": "linear.lora_a", "lora_b": "linear.lora_b"}
        return {f"exit.{depth}.{names.get(name.split('.')[-1], name.split('.')[-1] + '.weight')}": value
                for name, value in values.items()}


class Exits(nn.Module):
    """A frozen model and its exits; `forms` has the form of each by depth."""

    def __init__(self, model, forms):
        super().__init__()
        self.model, self.depths = model, sorted(forms)
        norm, epsilon = model.model.norm.weight.detach().float(), model.config.rms_norm_eps
        self.exits = nn.ModuleList(Exit(forms[depth], norm, epsilon) for depth in self.depths)

    def forward(self, batch, measures=False):
        with torch.no_grad():
            rows = []
            for depth, stream in enumerate(states(self.model, batch["tokens"]), 1):
                if depth in self.depths:
                    rows.append(stream[batch["decides"]])
            last = self.model.model.norm(stream[batch["decides"]])
        sums, loss = {}, 0.0
        for depth, own, module in zip(self.depths, rows, self.exits):
            made, gate = module(own)
            values = over_rows(self.look, last, made, gate)
            loss = loss + values[0] + values[1]
            sums[f"KL {depth}"] = values[0]
            if measures:
                sums[f"agreement {depth}"], sums[f"gate {depth}"] = values[2], values[1]
        return {"loss": loss, **sums}

    def look(self, last, made, gate):
        """Sums over rows: divergence, the gate's cross-entropy, agreements."""
        whole = self.model.lm_head(last)
        own = self.model.lm_head(made.to(last.dtype))
        same = (whole.argmax(-1) == own.argmax(-1)).float()
        right = functional.binary_cross_entropy_with_logits(gate, same, reduction="sum")
        return torch.stack([divergence(whole, own).sum(), right, same.sum()])


def parse():
    parser = options(__doc__, "exits.gguf", steps=1000, rate=1.5e-3, form="Q8_0")
    parser.add_argument("--exits", help="blocks executed before each exit, as 20,25; else after 2/3 and "
                        "5/6 of the blocks")
    parser.add_argument("--module", default="mlp:512+linear", help="the form of a module, or one for each "
                        "exit: none, linear, lowrank:64, mlp:512 or mlp:512+linear")
    parser.add_argument("--shortlist", type=int, default=4096, help="tokens of the short head: the most "
                        "frequent ones of the data; 0: none")
    return parser.parse_args()


def shortlist(texts, count, vocabulary):
    """The most frequent of the learnt tokens; equally frequent ones in the order of their ids."""
    seen = Counter(token for text in texts for token, learnt in zip(text.tokens, text.learnt) if learnt)
    return sorted(range(vocabulary), key=lambda token: (-seen[token], token))[:count]


def main():
    arguments = parse()
    course = Course(arguments)
    blocks = course.base.blocks
    depths = ([int(depth) for depth in arguments.exits.split(",")] if arguments.exits
              else sorted({max(1, blocks * 2 // 3), max(1, blocks * 5 // 6)}))
    if depths != sorted(set(depths)) or depths[0] < 1 or depths[-1] >= blocks:
        raise RecipeError(f"Exits ascend within 1 to {blocks - 1}.")
    own = arguments.module.split(",")
    forms = dict(zip(depths, own * len(depths) if len(own) == 1 else own, strict=len(own) > 1))
    exits = Exits(course.model, forms)
    gates = [parameter for module in exits.exits for parameter in (module.gate, module.gate_bias)]
    others = [parameter for parameter in exits.exits.parameters()
              if not any(parameter is gate for gate in gates)]
    # Gates are for the modules as they end up: they move fast, and late.
    course.begin(exits, [(others, 1.0), (gates, lambda step: 10.0 * (step >= arguments.steps // 2))],
                 f"exits {forms}")
    course.train()
    sums = course.measure({"measures": True})
    far, agreement = ([(sums[f"{what} {depth}"] / sums["positions"]).item() for depth in depths]
                      for what in ("KL", "agreement"))
    for depth, same, nats in zip(depths, agreement, far):
        course.say(f"after {depth}: agrees with full depth {same:.4f}, KL {nats:.4f} nats")
    values = course.values()
    if course.accelerator.is_main_process:
        tensors = {}
        for index, depth in enumerate(depths):
            tensors |= Exit.tensors(
                {name: value for name, value in values.items() if f"exits.{index}." in name}, depth)
        short = min(arguments.shortlist, course.base.vocabulary)
        write_adapter(
            arguments.output, course.base, "fathom.exits", course.description("exits"), tensors,
            arguments.type, lists=[
                ("fathom.exit.depths", depths),
                ("fathom.exit.kinds", [module.kind for module in exits.exits]),
                ("fathom.recipe.agreement", agreement), ("fathom.recipe.divergence", far),
                ("fathom.shortlist", shortlist(course.trained, short, course.base.vocabulary))])
        course.say(f"wrote {arguments.output}")


if __name__ == "__main__":
    main()
