#!/usr/bin/env python3
"""Make Some Noise: a model learns to look past wrong guesses (Wang et al. 2024, arXiv 2406.17404).

In a share of the texts a segment of the answer is replaced, left to right, by tokens drawn from the text
before it; what is to be predicted stays as it was. So the model goes on behind a wrong draft, and more of
its own drafts come true. Text that the model wrote itself teaches best: its answers stay what they are.
A LoRA of every projection is trained. The loss of held-out texts without noise is watched: where it rises
by more than --clean-limit nats, the last state that was good is written.
"""

import random

from torch import nn

from course import Course, add_lora_options, options
from fathom_adapters import RecipeError, write_adapter
from passes import cross_entropy, last_state, with_lora


class Plain(nn.Module):
    """Cross-entropy at full depth."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, batch):
        return {"loss": cross_entropy(self.model, last_state(self.model, batch["tokens"]), batch)}


class Noise:
    """Noise in the inputs: the same for the same seed and number of the text."""

    def __init__(self, lengths, share, seed):
        self.lengths, self.share, self.seed = lengths, share, seed

    def __call__(self, text, number):
        draw = random.Random(f"{self.seed} noise {number}")
        tokens = list(text.tokens)
        length = draw.randint(*self.lengths)
        if draw.random() >= self.share:
            return tokens
        # Within an answer, with a token to predict behind it, and something before it to draw from.
        starts = [start for start in range(1, len(tokens) - length)
                  if all(text.learnt[start:start + length + 1])]
        if starts:
            start = draw.choice(starts)
            for place in range(start, start + length):
                tokens[place] = tokens[draw.randrange(place)]
        return tokens

    def __str__(self):
        low, high = self.lengths
        return f"{low}-{high} tokens in {self.share:g} of the texts"


class Watch:
    """Ends the training where the task without noise is lost."""

    def __init__(self, course, limit, every):
        self.course, self.limit, self.every = course, limit, every
        if "before" not in course.notes:
            course.notes |= {"before": self.loss(), "good": course.values(), "good step": course.step}

    @property
    def step(self):
        """The last step whose state was good."""
        return self.course.notes["good step"]

    def loss(self):
        """The loss of held-out texts without noise, in nats a token."""
        sums = self.course.measure({})
        return (sums["loss"] / sums["positions"]).item()

    def __call__(self, step):
        if step % self.every and step != self.course.arguments.steps:
            return True
        notes, now = self.course.notes, self.loss()
        self.course.say(f"without noise {notes['before']:.4f} -> {now:.4f} nats")
        if now - notes["before"] <= self.limit:
            notes |= {"good": self.course.values(), "good step": step}
            return True
        self.course.say(f"That is too much: back to step {self.step}.")
        self.course.set_values(notes["good"])
        notes["ended"] = True
        return False


def parse():
    parser = options(__doc__, "msn.gguf", steps=1000, rate=2e-4)
    add_lora_options(parser)
    parser.add_argument("--segment", default="1-5", help="tokens of a segment, each length alike")
    parser.add_argument("--noisy", type=float, default=0.5, help="the share of texts with noise")
    parser.add_argument("--paper", action="store_true", help="the paper's: five tokens in every text")
    parser.add_argument("--clean-limit", type=float, default=0.01, help="nats by which the loss without "
                        "noise may rise")
    parser.add_argument("--clean-every", type=int, default=100, help="steps from one look to the next")
    return parser.parse_args()


def main():
    arguments = parse()
    course = Course(arguments)
    lengths = [int(number) for number in arguments.segment.split("-")]
    noise = (Noise((5, 5), 1.0, arguments.seed) if arguments.paper else
             Noise((lengths[0], lengths[-1]), arguments.noisy, arguments.seed))
    alpha = arguments.alpha or 2 * arguments.rank
    plain = Plain(with_lora(course.model, arguments.rank, alpha))
    trained = [parameter for parameter in plain.parameters() if parameter.requires_grad]
    course.begin(plain, [(trained, 1.0)], f"msn {noise}")
    watch = Watch(course, arguments.clean_limit, arguments.clean_every)
    if not course.notes.get("ended"):
        course.train(noise=noise, watch=watch)
    if watch.step == 0:
        raise RecipeError("No state kept the task without noise: nothing is written. Lower --rate, or "
                          "train on text that the model wrote itself.")
    course.step = watch.step
    tensors = course.base.lora_tensors(course.values())
    if course.accelerator.is_main_process:
        write_adapter(
            arguments.output, course.base, "lora", course.description("MSN", str(noise)), tensors,
            arguments.type, alpha)
        course.say(f"wrote {arguments.output}")


if __name__ == "__main__":
    main()
