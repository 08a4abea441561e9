"""The way of a training: options, steps over processes, checkpoints.

Works on a CPU, on one GPU and on many: Accelerate says which (`accelerate launch`). Under FSDP2
frozen and trained parameters are both cut into shards, and only trained ones are ever gathered.
"""

import argparse
import contextlib
import math
import os
import random
import shlex
import sys

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed

from fathom_adapters import Base, Recipe, RecipeError
from texts import batch_of, texts_of, tokenizer_of


def options(description, output, steps, rate, form="F16"):
    """The options that all recipes have."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    add = parser.add_argument
    add("--model", required=True, metavar="FILE", help="the GGUF file that the adapter is for")
    add("--weights", metavar="FOLDER", help="the same model as a checkpoint of transformers, to train "
        "on; else the file's own weights, dequantised")
    add("--tokenizer", metavar="FOLDER", help="a tokenizer of transformers; else the file's own")
    add("--data", required=True, nargs="+", metavar="FILE", help="JSON Lines: messages, Alpaca's "
        "fields or text")
    add("--data-note", default="", help="the data's licence in words")
    add("--license", default="", help="the adapter's licence, as an SPDX expression")
    add("-o", "--output", default=output, metavar="FILE", help="the adapter that is written")
    add("--name", help="what people call it; else the model's name and the recipe's")
    add("--type", default=form, choices=["F16", "F32", "Q8_0", "Q4_1"], help="how matrices are stored")
    add("--steps", type=int, default=steps, help="optimiser steps")
    add("--rate", type=float, default=rate, help="the greatest learning rate")
    add("--batch", type=int, default=4, help="texts of a process at once")
    add("--accumulate", type=int, default=1, help="such batches in a step")
    add("--length", type=int, default=512, help="the greatest length of a text, in tokens")
    add("--held-out", type=float, default=0.03, help="the share of prompts that is kept for measuring")
    add("--held-out-limit", type=int, default=64, help="texts that are measured at most")
    add("--seed", type=int, default=0, help="decides first values, order and draws")
    add("--bf16", action="store_true", help="weights in bfloat16; what is trained stays float32")
    add("--gradient-checkpointing", action="store_true", help="less memory, a third more work")
    add("--work", metavar="FOLDER", help="the folder of the checkpoint; else OUTPUT.work")
    add("--save-every", type=int, default=100, help="steps from one checkpoint to the next")
    return parser


def add_lora_options(parser):
    """The options of a LoRA."""
    parser.add_argument("--rank", type=int, default=16, help="the rank of the changes")
    parser.add_argument("--alpha", type=float, help="a change is alpha / rank times its product; else "
                        "twice the rank")


def block_list(text):
    """Numbers as 3,5-7 from the command line."""
    ranges = [part.split("-") for part in text.split(",") if part]
    return sorted({n for r in ranges for n in range(int(r[0]), int(r[-1]) + 1)})


# The course.

class Course:
    """One run of a recipe: model, texts, steps, checkpoints."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.accelerator = Accelerator()
        set_seed(arguments.seed)
        self.base = Base(arguments.model)
        tokenizer = tokenizer_of(self.base, arguments.tokenizer or arguments.weights)
        self.trained, self.kept = texts_of(
            arguments.data, tokenizer, arguments.length, arguments.held_out, arguments.seed)
        self.kept = self.kept[:arguments.held_out_limit]
        self.model = self.base.load(
            torch.bfloat16 if arguments.bf16 else torch.float32, arguments.weights)
        self.model.requires_grad_(False)
        self.step, self.notes, self.positions = 0, {}, 0

    def say(self, words):
        """A line, once for all processes."""
        if self.accelerator.is_main_process:
            print(words, flush=True)

    def begin(self, module, groups, recipe):
        """Takes the module whose `forward(batch, **how)` gives a dict of sums, `loss` among them, and its
        trained parameters as pairs of parameters and a factor of the rate. Goes on from a checkpoint."""
        deciding = {name: value for name, value in vars(self.arguments).items() if name not in
                    ("output", "work", "name", "license", "data_note", "type", "save_every")}
        self.recipe = f"{recipe}, {deciding}"
        if self.arguments.gradient_checkpointing:
            self.model.gradient_checkpointing_enable({"use_reentrant": False})
            self.model.train()  # only so are blocks recomputed; there is no dropout
        module._no_split_modules = self.model._no_split_modules
        self.factors = [factor for _, factor in groups]
        optimizer = torch.optim.AdamW(
            [{"params": list(parameters)} for parameters, _ in groups], lr=0.0, betas=(0.9, 0.95),
            weight_decay=0.0)
        self.module, self.optimizer = self.accelerator.prepare(module, optimizer)
        self.named = {name: parameter for name, parameter in
                      self.accelerator.unwrap_model(self.module).named_parameters()
                      if parameter.requires_grad}
        self.resume()

    def call(self, texts, how, tokens=None, weights=None):
        """The module's sums for texts."""
        batch = {name: value.to(self.accelerator.device) for name, value in
                 batch_of(texts, tokens, weights).items()}
        kind = self.accelerator.device.type
        with torch.autocast(kind, torch.bfloat16, enabled=self.arguments.bf16):
            return self.module(batch, **how)

    def item(self, number):
        """The text of a number: every epoch has an order of its own."""
        epoch, place = divmod(number, len(self.trained))
        order = list(range(len(self.trained)))
        random.Random(f"{self.arguments.seed} {epoch}").shuffle(order)
        return self.trained[order[place]]

    def train(self, how=lambda step: {}, noise=None, watch=None):
        """The steps. `how` says a step's words to the module, `noise` makes a text's tokens, and `watch`
        hears of each step and may end the training by answering False."""
        arguments, accelerator = self.arguments, self.accelerator
        processes, own = accelerator.num_processes, accelerator.process_index
        many = arguments.batch * processes * arguments.accumulate
        while self.step < arguments.steps:
            numbers = range(self.step * many, (self.step + 1) * many)
            texts = [self.item(number) for number in numbers]
            count = sum(sum(text.learnt[1:]) for text in texts)
            self.positions += count
            for group, factor in zip(self.optimizer.param_groups, self.factors):
                group["lr"] = self.rate() * (factor(self.step) if callable(factor) else factor)
            sums = {}
            for part in range(arguments.accumulate):
                first = (part * processes + own) * arguments.batch
                chosen = texts[first:first + arguments.batch]
                tokens = [noise(text, number) for text, number in
                          zip(chosen, numbers[first:])] if noise else None
                is_last = part == arguments.accumulate - 1
                waits = contextlib.nullcontext() if is_last else accelerator.no_sync(self.module)
                with waits:
                    torch.manual_seed(hash((arguments.seed, numbers[first], own)) % 2**63)
                    values = self.call(chosen, how(self.step), tokens)
                    # Processes' gradients are averaged: together this is the mean over all positions.
                    accelerator.backward(values["loss"] * processes / max(1, count))
                for name, value in values.items():
                    sums[name] = sums.get(name, 0) + value.detach() * processes / max(1, count)
            accelerator.clip_grad_norm_(list(self.named.values()), 1.0)
            self.optimizer.step()
            self.optimizer.zero_grad()
            self.step += 1
            shown = accelerator.reduce({name: value.float() for name, value in sums.items()
                                        if value.ndim == 0}, "mean")
            self.say(f"step {self.step}/{arguments.steps}  " + "  ".join(
                f"{name} {value.item():.4f}" for name, value in shown.items()))
            goes_on = watch is None or watch(self.step)
            if not goes_on or self.step % arguments.save_every == 0 or self.step == arguments.steps:
                self.save()
            if not goes_on:
                return

    def rate(self):
        """Warm-up over 3 % of the steps, then a cosine to a tenth."""
        done, warm = (self.step + 1) / self.arguments.steps, 0.03
        if done < warm:
            return self.arguments.rate * done / warm
        share = (done - warm) / (1 - warm)
        return self.arguments.rate * (0.55 + 0.45 * math.cos(math.pi * share))

    @torch.no_grad()
    def measure(self, how):
        """The module's sums over held-out texts, over all processes, and `positions`."""
        processes, own, size = (
            self.accelerator.num_processes, self.accelerator.process_index, self.arguments.batch)
        totals = {}
        for first in range(0, len(self.kept), size * processes):
            # Every process calls the module equally often, as shards need: what is missing weighs 0.
            places = [first + own * size + index for index in range(size)]
            texts = [self.kept[min(place, len(self.kept) - 1)] for place in places]
            weights = [place < len(self.kept) for place in places]
            values = self.call(texts, how, weights=weights)
            counts = [sum(text.learnt[1:]) for text, weighs in zip(texts, weights) if weighs]
            values["positions"] = torch.tensor(float(sum(counts)), device=self.accelerator.device)
            for name, value in values.items():
                totals[name] = totals.get(name, 0) + value.float()
        return {name: value.cpu() for name, value in self.accelerator.reduce(totals, "sum").items()}

    # Checkpoints hold what is trained, whole: they may be resumed with another number of processes.

    def values(self):
        """The trained parameters by name, whole, on the CPU. All processes have to ask."""
        return {name: whole(parameter).float().cpu() for name, parameter in self.named.items()}

    def set_values(self, values):
        """Takes back what `values` gave."""
        with torch.no_grad():
            for name, parameter in self.named.items():
                parameter.copy_(as_that_of(parameter, values[name]))

    @property
    def checkpoint(self):
        folder = self.arguments.work or f"{self.arguments.output}.work"
        return os.path.join(folder, "checkpoint.pt")

    def save(self):
        """Writes the checkpoint."""
        states = self.optimizer.state
        kept = {name: {key: whole(value).cpu() for key, value in states[parameter].items()}
                for name, parameter in self.named.items() if parameter in states}
        state = {"recipe": self.recipe, "step": self.step, "positions": self.positions,
                 "notes": self.notes, "values": self.values(), "optimizer": kept}
        if self.accelerator.is_main_process:
            os.makedirs(os.path.dirname(self.checkpoint), exist_ok=True)
            torch.save(state, self.checkpoint + ".partial")
            os.replace(self.checkpoint + ".partial", self.checkpoint)

    def resume(self):
        """Goes on from the checkpoint, if there is one of the same recipe."""
        if not os.path.exists(self.checkpoint):
            return
        state = torch.load(self.checkpoint, map_location="cpu", weights_only=True)
        if state["recipe"] != self.recipe:
            raise RecipeError(
                f"{self.checkpoint} belongs to other options. Repeat those, give another --work, or "
                "remove it.")
        self.step, self.positions, self.notes = state["step"], state["positions"], state["notes"]
        self.set_values(state["values"])
        for name, parameter in self.named.items():
            for key, value in state["optimizer"].get(name, {}).items():
                own = value if key == "step" else as_that_of(parameter, value)
                self.optimizer.optimizer.state[parameter][key] = own
        self.say(f"goes on behind step {self.step}")

    def description(self, word, noise=""):
        """What the adapter says of its making."""
        arguments = self.arguments
        return Recipe(
            name=arguments.name or f"{self.base.name} {word}", license=arguments.license,
            command=shlex.join([os.path.basename(sys.argv[0]), *sys.argv[1:]]), steps=self.step,
            positions=self.positions, seed=arguments.seed, noise=noise, note=arguments.data_note,
            files=arguments.data)


def whole(tensor):
    """A tensor that may be cut over processes, put together."""
    tensor = tensor.detach()
    return tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor


def as_that_of(parameter, value):
    """A whole tensor, cut as the parameter is."""
    value = value.to(parameter.device, parameter.dtype)
    if not hasattr(parameter, "device_mesh"):
        return value
    from torch.distributed.tensor import distribute_tensor
    return distribute_tensor(value, parameter.device_mesh, parameter.placements)
