#!/usr/bin/env python3
"""LITE: instruction tuning with losses at exits (Varshney et al. 2023, arXiv 2310.18581).

The mean of cross-entropies after some blocks and after the last, all through the model's own final norm
and head, with equal weights. The paper trains every weight of LLaMA-2 7B on Alpaca, with exits after
8, 12, 16, 20, 24 and 28 of 32 blocks. Here a LoRA of every projection is trained, so that the model's
file stays what it is. Full depth is then the changed model's.
"""

import torch
from torch import nn

from course import Course, add_lora_options, options
from fathom_adapters import write_adapter
from passes import cross_entropy, divergence, last_state, over_rows, set_lora, states, with_lora


def published_exits(blocks):
    """The paper's places in a model of so many blocks: 8, 12, … 28 of 32."""
    return list(range(max(1, blocks // 4), blocks, max(1, blocks // 8)))


class Lite(nn.Module):
    """The joint loss. `exits` are blocks executed before each exit."""

    def __init__(self, model, exits, weights, guard):
        super().__init__()
        self.model, self.exits, self.weights, self.guard = model, exits, weights, guard

    def forward(self, batch, measures=False):
        sums, joint, last = {}, 0.0, len(self.model.model.layers)
        for depth, stream in enumerate(states(self.model, batch["tokens"]), 1):
            if depth in self.exits or depth == last:
                loss = cross_entropy(self.model, stream, batch)
                joint = joint + self.weights[depth] * loss
                sums[f"after {depth}"] = loss
            if measures and depth in self.exits:
                sums[f"rows {depth}"] = self.model.model.norm(stream[batch["decides"]])
        rows = self.model.model.norm(stream[batch["decides"]])
        joint = joint / sum(self.weights.values())
        if measures:
            self.compare(rows, sums)
        elif self.guard:
            joint = joint + self.guard * self.distance(rows, batch)
        return {"loss": joint, **sums}

    def compare(self, rows, sums):
        """Puts agreement with full depth and divergence from it in the place of the rows of exits."""
        head = self.model.lm_head
        for depth in self.exits:
            own = sums.pop(f"rows {depth}")
            sums[f"divergence {depth}"] = over_rows(
                lambda a, b: divergence(head(a), head(b)).sum(), rows, own)
            sums[f"agreement {depth}"] = over_rows(
                lambda a, b: (head(a).argmax(-1) == head(b).argmax(-1)).float().sum(), rows, own)

    def distance(self, rows, batch):
        """How far full depth is from the model as it was."""
        with torch.no_grad():
            set_lora(self.model, False)
            stream = last_state(self.model, batch["tokens"])
            before = self.model.model.norm(stream[batch["decides"]])
            set_lora(self.model, True)
        head = self.model.lm_head
        return over_rows(lambda a, b: divergence(head(a), head(b)).sum(), before, rows)


def parse():
    parser = options(__doc__, "lite.gguf", steps=1200, rate=3e-4)
    add_lora_options(parser)
    parser.add_argument("--exits", help="blocks executed before each exit, as 8,12; else the paper's")
    parser.add_argument("--weights-of-exits", help="a weight for each exit's loss; else 1 each")
    parser.add_argument("--last-weight", type=float, default=1.0, help="the weight of full depth's loss")
    parser.add_argument("--guard", type=float, default=0.0, help="the weight of full depth's divergence "
                        "from the model as it was; the paper has none")
    return parser.parse_args()


def main():
    arguments = parse()
    course = Course(arguments)
    exits = ([int(depth) for depth in arguments.exits.split(",")] if arguments.exits
             else published_exits(course.base.blocks))
    own = (arguments.weights_of_exits or ",".join("1" for _ in exits)).split(",")
    weights = dict(zip(exits, map(float, own), strict=True))
    weights[course.base.blocks] = arguments.last_weight
    alpha = arguments.alpha or 2 * arguments.rank
    lite = Lite(with_lora(course.model, arguments.rank, alpha), exits, weights, arguments.guard)
    trained = [parameter for parameter in lite.parameters() if parameter.requires_grad]
    course.begin(lite, [(trained, 1.0)], f"lite {exits}")
    course.train()
    sums = course.measure({"measures": True})
    agreement, far = ([(sums[f"{what} {depth}"] / sums["positions"]).item() for depth in exits]
                      for what in ("agreement", "divergence"))
    for depth, same, nats in zip(exits, agreement, far):
        course.say(f"after {depth}: agrees with its own full depth {same:.4f}, KL {nats:.4f} nats")
    tensors = course.base.lora_tensors(course.values())
    if course.accelerator.is_main_process:
        norm = course.base.numbers("output_norm.weight")
        tensors |= {f"exit.{depth}.output_norm.weight": norm for depth in exits}
        write_adapter(
            arguments.output, course.base, "lora", course.description("LITE"), tensors,
            arguments.type, alpha, [
                ("fathom.exit.depths", exits), ("fathom.exit.kinds", ["none"] * len(exits)),
                ("fathom.recipe.agreement", agreement), ("fathom.recipe.divergence", far)])
        course.say(f"wrote {arguments.output}")


if __name__ == "__main__":
    main()
