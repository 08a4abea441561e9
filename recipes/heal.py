#!/usr/bin/env python3
"""Healing after pruning: the blocks that stay learn to say what the whole model says.

Some blocks run no more (`fathom prune` chooses them). A LoRA of the projections of all others is trained
on the divergence from the whole model, which is the same model with every block and without the LoRA. The
adapter is for the pruned model: load it together with the blocks left out.
"""

import json

import torch
from torch import nn

from course import Course, add_lora_options, block_list, options
from fathom_adapters import RecipeError, write_adapter
from passes import divergence, last_state, over_rows, set_lora, with_lora


class Heal(nn.Module):
    """KL(whole model ‖ pruned model with its LoRA)."""

    def __init__(self, model, removed):
        super().__init__()
        self.model, self.removed = model, removed

    def rows(self, batch, removed):
        stream = last_state(self.model, batch["tokens"], removed)
        return self.model.model.norm(stream[batch["decides"]])

    def forward(self, batch, healed=True):
        with torch.no_grad():
            set_lora(self.model, False)
            whole = self.rows(batch, ())
            if not healed:
                pruned = self.rows(batch, self.removed)
            set_lora(self.model, True)
        if healed:
            pruned = self.rows(batch, self.removed)
        head = self.model.lm_head
        return {"loss": over_rows(lambda a, b: divergence(head(a), head(b)).sum(), whole, pruned)}


def parse():
    parser = options(__doc__, "heal.gguf", steps=500, rate=2e-4)
    add_lora_options(parser)
    parser.add_argument("--prune-blocks", help="the blocks that are left out, as 10,20-22")
    parser.add_argument("--pruned", metavar="FILE", help="or a manifest of fathom prune")
    parser.add_argument("--blocks", type=int, help="how many blocks of the manifest are left out")
    return parser.parse_args()


def removed_blocks(arguments, count):
    """The blocks that the command line or the manifest names."""
    if arguments.pruned:
        with open(arguments.pruned, encoding="utf-8") as file:
            steps = json.load(file)["steps"][:arguments.blocks]
        removed = sorted(step["block"] for step in steps)
    else:
        removed = block_list(arguments.prune_blocks or "")
    if not removed or removed[-1] >= count or len(removed) >= count:
        raise RecipeError(f"Name blocks of 0 to {count - 1} with --prune-blocks or --pruned.")
    return removed


def main():
    arguments = parse()
    course = Course(arguments)
    removed = removed_blocks(arguments, course.base.blocks)
    alpha = arguments.alpha or 2 * arguments.rank
    heal = Heal(with_lora(course.model, arguments.rank, alpha, removed), removed)
    trained = [parameter for parameter in heal.parameters() if parameter.requires_grad]
    course.begin(heal, [(trained, 1.0)], f"heal {removed}")
    course.train()
    far = []
    for healed in (False, True):
        sums = course.measure({"healed": healed})
        far.append((sums["loss"] / sums["positions"]).item())
    course.say(f"KL from the whole model on held-out texts: {far[0]:.4f} -> {far[1]:.4f} nats")
    tensors = course.base.lora_tensors(course.values())
    if course.accelerator.is_main_process:
        write_adapter(
            arguments.output, course.base, "lora",
            course.description(f"healed without {','.join(map(str, removed))}"), tensors,
            arguments.type, alpha)
        course.say(f"wrote {arguments.output}: load it with --prune-blocks "
                   f"{','.join(map(str, removed))}")


if __name__ == "__main__":
    main()
