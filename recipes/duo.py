#!/usr/bin/env python3
"""Duo-LLM: a small feed-forward beside each big one, and routers (arXiv 2410.10846), for a frozen model.

First values: the neurons of the big one that do most, with a down-projection fitted to its output. Then
steps through random routing: each text draws a share, each position that decides a token of the answer and
each block a choice, and the loss is the divergence from the whole model. Then routers: every block says
P · big + (1 − P) · small with P = sigmoid(τ · score), τ grows from 1 to 8, and a budget pulls the mean of P
to a share. Last, points: what share ran big at which offset of the scores, and how far from the whole model
that was. The paper trains such models from scratch; this adds them to one that is there.
"""

import torch
from torch import nn
from torch.nn import functional

from course import Course, options, whole
from fathom_adapters import RecipeError, write_adapter
from passes import divergence, last_state, over_rows


class Duo(nn.Module):
    """Stands in for a block's feed-forward. `choice` says what each position takes, and is set before the
    pass: nothing (big), a mask of small ones, a temperature (mixed), or an offset of scores (routed)."""

    def __init__(self, big, width, inner):
        super().__init__()
        self.big = big
        self.ffn_gate = nn.Parameter(torch.zeros(inner, width))
        self.ffn_up = nn.Parameter(torch.zeros(inner, width))
        self.ffn_down = nn.Parameter(torch.zeros(width, inner))
        self.bias = nn.Parameter(torch.zeros(width))
        self.router = nn.Parameter(torch.zeros(width))
        self.router_bias = nn.Parameter(torch.zeros(1))
        self.choice, self.decides, self.said = None, None, None

    def units(self, x):
        return functional.silu(functional.linear(x, self.ffn_gate)) * functional.linear(x, self.ffn_up)

    def small(self, x):
        return functional.linear(self.units(x.float()), self.ffn_down) + self.bias

    def score(self, x):
        """What the router says, as Fathom rounds it."""
        score = (x.float() * self.router).sum(-1) + self.router_bias
        return score if self.training_routers() else ((score * 100).round() / 100).clamp(-100, 100)

    def training_routers(self):
        return isinstance(self.choice, tuple) and self.choice[0] == "mixed"

    def forward(self, x):
        big = self.big(x)
        if self.choice is None:
            return big
        kind, value = self.choice
        if kind == "sums":
            value(self, x, big)
            return big
        small = self.small(x).to(big.dtype)
        if kind == "mask":
            # Routers get a gradient of nothing: processes wait for one of every parameter.
            small = small + 0.0 * (self.router.sum() + self.router_bias.sum()).to(big.dtype)
            return torch.where(value[..., None], small, big)
        score = self.score(x)
        self.said = score
        if kind == "routed":
            return torch.where(((score <= value) & self.decides)[..., None], small, big)
        share = torch.sigmoid(value * score)
        self.said = share
        mixed = share[..., None] * big + (1 - share[..., None]) * small
        return torch.where(self.decides[..., None], mixed.to(big.dtype), big)


class DuoModel(nn.Module):
    """A frozen model with small feed-forwards in it."""

    def __init__(self, model, inner):
        super().__init__()
        self.model = model
        for block in model.model.layers:
            block.mlp = Duo(block.mlp, model.config.hidden_size, inner)

    @property
    def parts(self):
        return [block.mlp for block in self.model.model.layers]

    def rows(self, batch, choices):
        for part, choice in zip(self.parts, choices):
            part.choice, part.decides = choice, batch["decides"]
        stream = last_state(self.model, batch["tokens"])
        return self.model.model.norm(stream[batch["decides"]])

    def forward(self, batch, mode, shares=(0.05, 0.5), heat=1.0, share=0.7, offset=0.0, weight=30.0,
                look=None):
        head, count = self.model.lm_head, len(self.parts)
        if mode == "read":
            return {"loss": self.rows(batch, [("sums", look)] * count).sum()}
        with torch.no_grad():
            plain = self.rows(batch, [None] * count)
        if mode == "small":
            # One share of small ones for each text, one draw for each position and block.
            few = torch.empty(len(batch["tokens"]), 1, device=plain.device).uniform_(*shares)
            choices = [("mask", (torch.rand(batch["tokens"].shape, device=plain.device) < few)
                        & batch["decides"]) for _ in range(count)]
        else:
            choices = [("mixed", heat) if mode == "mixed" else ("routed", offset)] * count
        own = self.rows(batch, choices)
        far = over_rows(lambda a, b: divergence(head(a), head(b)).sum(), plain, own)
        sums = {"KL": far}
        if mode == "mixed":
            mean = torch.stack([part.said[batch["decides"]].mean() for part in self.parts]).mean()
            sums["share"] = mean.detach() * len(plain)
            far = far + weight * (mean - share) ** 2 * len(plain)
        elif mode == "routed":
            scores = torch.stack([part.said[batch["decides"]] for part in self.parts])
            sums["big"] = (scores > offset).float().sum() / count
            sums["same"] = over_rows(
                lambda a, b: (head(a).argmax(-1) == head(b).argmax(-1)).float().sum(), plain, own)
            # How many scores lie in each step of 0.01: offsets are read off it.
            sums["scores"] = torch.histc(scores.float(), 20001, -100.005, 100.005)
        return {"loss": far, **sums}


@torch.no_grad()
def set_first_values(duo, course, texts, ridge=1e-3):
    """Neurons with the greatest mean |activation| · ‖down column‖, and a down-projection and a bias by
    ridge regression on what the big feed-forward says. Every process reads the same texts."""
    sums = {}

    def activity(part, x, big):
        units = part.big.act_fn(part.big.gate_proj(x)) * part.big.up_proj(x)
        sums[part] = sums.get(part, 0) + units[part.decides].float().abs().sum(0)

    def moments(part, x, big):
        units = part.units(x[part.decides].float())
        f = torch.cat([units, torch.ones_like(units[:, :1])], 1).double()
        own = f.T @ f, f.T @ big[part.decides].double()
        sums[part] = [a + b for a, b in zip(sums[part], own)] if part in sums else list(own)

    def read(look, write):
        sums.clear()
        for first in range(0, len(texts), course.arguments.batch):
            course.call(texts[first:first + course.arguments.batch], {"mode": "read", "look": look})
        values = course.values()
        for part, said in sums.items():
            block = next(index for index, other in enumerate(duo.parts) if other is part)
            for name, value in write(part, said).items():
                key = next(key for key in values if f"layers.{block}.mlp.{name}" in key)
                values[key] = value.float().cpu()
        course.set_values(values)

    def neurons(part, activities):
        power = activities * whole(part.big.down_proj.weight).float().norm(dim=0)
        best = power.topk(len(part.ffn_gate)).indices.sort().values
        return {"ffn_gate": whole(part.big.gate_proj.weight)[best],
                "ffn_up": whole(part.big.up_proj.weight)[best]}

    def fit(part, said):
        features, targets = said
        features = features + ridge * torch.diag(features.diag() + 1e-9)
        found = torch.linalg.solve(features, targets)
        return {"ffn_down": found[:-1].T, "bias": found[-1]}

    read(activity, neurons)
    read(moments, fit)


def points(course, count=11):
    """Shares, offsets, agreements and divergences on held-out positions, by ascending share."""
    scores = course.measure({"mode": "routed", "offset": -1000.0})["scores"].double()
    below = scores.cumsum(0) / scores.sum()
    # Divided as scores are: the same bits.
    steps = torch.arange(-10000, 10001).float() / 100
    rows = []
    for index in range(count):
        small = 1 - index / (count - 1)
        offset = -100.01 if small == 0 else steps[int((below >= small - 1e-12).nonzero()[0])].item()
        sums = course.measure({"mode": "routed", "offset": offset})
        row = [(sums[name] / sums["positions"]).item() for name in ("big", "same", "KL")]
        if not rows or (row[0] > rows[-1][0] and offset < rows[-1][1]):
            rows.append([min(1.0, row[0]), offset, min(1.0, row[1]), row[2]])
        course.say(f"{row[0]:6.1%} big: agrees {row[1]:.4f}, KL {row[2]:.4f} nats")
    return rows


def parse():
    parser = options(__doc__, "duo.gguf", steps=400, rate=3e-4, form="Q8_0")
    add = parser.add_argument
    add("--inner", type=int, default=96, help="units of each small feed-forward, a multiple of 32")
    add("--share", default="0.05,0.5", help="the share of small ones in a text is drawn from these two")
    add("--router-steps", type=int, default=100, help="how many of the steps train routers, the last")
    add("--router-share", type=float, default=0.7, help="the mean share of big ones that they hold")
    add("--router-rate", type=float, default=2e-3, help="the greatest learning rate of routers")
    add("--first-texts", type=int, default=64, help="texts that first values are fitted to")
    return parser.parse_args()


def main():
    arguments = parse()
    if arguments.inner % 32 or not 0 <= arguments.router_steps <= arguments.steps:
        raise RecipeError("--inner is a multiple of 32, and --router-steps are some of --steps.")
    course = Course(arguments)
    duo = DuoModel(course.model, arguments.inner)
    routers = [p for part in duo.parts for p in (part.router, part.router_bias)]
    small = [p for part in duo.parts for p in (part.ffn_gate, part.ffn_up, part.ffn_down, part.bias)]
    turn = arguments.steps - arguments.router_steps
    fast = arguments.router_rate / arguments.rate
    course.begin(duo, [(small, lambda step: float(step < turn)), (routers, lambda step: fast * (step >= turn))],
                 "duo")
    if course.step == 0:
        set_first_values(duo, course, course.trained[:arguments.first_texts])

    def how(step):
        if step < turn:
            return {"mode": "small", "shares": tuple(map(float, arguments.share.split(",")))}
        heat = 8.0 ** ((step - turn) / max(1, arguments.router_steps - 1))
        return {"mode": "mixed", "heat": heat, "share": arguments.router_share}

    course.train(how)
    rows = points(course)
    if len(rows) < 2:
        raise RecipeError("The routers say the same of everything: train them for more --router-steps.")
    values = course.values()
    if course.accelerator.is_main_process:
        names = {"router": "router.weight", "router_bias": "router.bias", "bias": "bias"}
        tensors = {}
        for name, value in values.items():
            block, last = name.split("layers.")[1].split(".")[0], name.split(".")[-1]
            tensors[f"duo.{block}.{names.get(last, last + '.weight')}"] = value
        keys = ("shares", "offsets", "agreement", "divergence")
        write_adapter(
            arguments.output, course.base, "fathom.duo", course.description("duo"), tensors,
            arguments.type, counts=[("fathom.duo.inner", arguments.inner), ("fathom.duo.rank", 0)],
            lists=[(f"fathom.duo.{key}", list(column)) for key, column in zip(keys, zip(*rows))])
        course.say(f"wrote {arguments.output}")


if __name__ == "__main__":
    main()
