#!/usr/bin/env python3
"""Recomputes every figure that Fathom shows of an answer, from the saved record alone.

    recompute.py FILE               every answer of the file
    recompute.py FILE --answer 2    that one
    recompute.py FILE --tokens      a line for each token as well, as the depth panel has them

FILE is what `/save` or `fathom run --json` wrote: JSON Lines, explained in docs/EVENTS.md. For each answer
come its tag, the `Stats:` and `Check:` lines of plain mode and of `fathom run`, the lines of `/stats` and of
the panel, as they stand just before the next answer begins, and the meters of cache and context. They are
the program's own words, character by character; tests compare them. Nothing here is the program's code: who
doubts a figure reads below how it comes about, and needs nothing but Python.

The figures, each of one answer, from its own records:

tokens         `token` records with the phase `gen`: the text, and the mark of its end.
tok/s          tokens behind the first, over the time from the first token to the end, less plain passes
               made beside the text (`time.beside`). The first token comes out of the prompt's own pass.
prompt tok/s   `timings.prompt_n` over `timings.prompt_ms`.
pace           what plain passes would have taken for these tokens, over what they took: the mean of
               `time.plain` times tok/s. Needs 5 plain passes. Its interval: see `Answer.pace`.
weights read   `cost.bytes` that were read, over `cost.bytes.full`, what the dense model reads for the same
               tokens; with what was filled after the last token (`end.fill`).
arithmetic     `cost.macs` of all tokens, rejected drafts and `end.fill` included, over `cost.macs_full`.
wrong drafts   `k_drafted` less `k_accepted`, over all rounds (`draft` records).
mean depth     `exit.layers` on average: blocks executed for the decision. p50 and p90: the depth at which, or
               before which, that share of the tokens was decided.
agreement      tokens that the whole model takes too, by the marks of the `check` record; in records from
               before there were checks, by `agree` of `probe` records. In brackets the exact 95 % interval of
               Clopper and Pearson: the shares under which so many, or so few, are no rarer than 2.5 %.
tokens a pass  tokens behind the first, over passes: a `draft` record is one, a token without `spec` another.
feed-forwards  `s` in the depth lines of tokens whose `exit` has `scores`, of all blocks that ran for them.
reach          `attn` of the newest token; the map shows the first positions and the window of `made`.
lens           `settled` of `probe` records on average.

Exits 1 with a line where the file cannot be read or is no record.
"""

from __future__ import annotations

import argparse
import json
import math
import struct
import sys
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace

# Who drafts, in the order of reports: and whether they run the model itself.
DRAFTERS = {
    "exit": True, "skip": True, "small": True, "ngram": False, "learned": False, "recycle": False, "trigram": False,
    "lookahead": False, "jacobi": False, "noise": False, "tr-jacobi": False,
}
AUTOMATIC = ("exit", "ngram", "recycle", "trigram", "lookahead", "jacobi")

# Plain passes below which nothing is said of the pace.
LEAST_PASSES = 5
# The steps by which the window of `sirllm` moves on.
RENEWAL = 256


class Bad(Exception):
    """What is wrong with the input, for a person."""


# --- Numbers as people read them


def fixed(value, digits):
    """`value` with `digits` digits behind the point, rounded correctly; what rounds to zero has no sign."""
    if not math.isfinite(value):
        return "–"
    text = f"{value:.{digits}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def percent(share, digits=0):
    return fixed(share * 100, digits) + "%"


def probability(value):
    """`.91`, `1.0` or `.00`."""
    text = fixed(value, 2)
    return text[1:] if text.startswith("0.") else text[:3]


def size(count):
    """Bytes as `3.1 MiB`."""
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return fixed(value, 0 if unit == "B" else 1) + " " + unit
        value /= 1024
    return fixed(value, 1) + " TiB"


def single(value):
    """A number of the record that the program holds in 32 bits; `"nan"` and `"inf"` are numbers too."""
    try:
        return struct.unpack("f", struct.pack("f", float(value)))[0]
    except OverflowError:
        return math.copysign(math.inf, value)


def shortest(value):
    """The fewest digits that read back as the same number of 32 bits: `0.8`, `1.0`."""
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if single(text) == value:
            return repr(float(text))
    return repr(value)


def over(a, b):
    """a / b, also where b is zero."""
    a, b = float(a), float(b)
    if b:
        return a / b
    return math.copysign(math.inf, a) if a else math.nan


def mean(values):
    return over(sum(values), len(values))


def visible(text, kept="\n\t"):
    """The text as a terminal may show it: control characters as pictures, hidden ones by their numbers."""
    shown = []
    for character in text.replace("\r\n", "\n") if kept else text:
        code = ord(character)
        if character in kept or character in "\u200c\u200d":
            shown.append(character)
        elif code < 0x20 or code == 0x7F:
            shown.append(chr(0x2421 if code == 0x7F else 0x2400 + code))
        elif unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp"):
            shown.append(f"<U+{code:04X}>")
        else:
            shown.append(character)
    return "".join(shown)


# --- Intervals


def at_least(k, n, p):
    """P(X >= k) for X of the binomial distribution (n, p), 0 < p < 1: the sum of its terms."""
    return math.fsum(
        math.exp(
            math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1)
            + i * math.log(p) + (n - i) * math.log1p(-p))
        for i in range(k, n + 1))


def clopper_pearson(k, n):
    """The exact 95 % interval of a share, after `k` of `n`.

    Below its lower end k or more are rarer than 2.5 %; above its upper end k or fewer are.
    """

    def turn(is_true):
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (low, middle) if is_true(middle) else (middle, high)
        return (low + high) / 2

    lower = turn(lambda p: at_least(k, n, p) >= 0.025) if k > 0 else 0.0
    # k or fewer successes are n - k or more failures.
    upper = turn(lambda p: at_least(n - k, n, 1 - p) <= 0.025) if k < n else 1.0
    return lower, upper


def students_t(freedom):
    """The 0.975 quantile of Student's t, to 0.005 from 4 degrees of freedom on."""
    n = max(1, freedom)
    return 1.96 + 2.372 / n + 2.84 / n**2 + 2.6 / n**3


# --- What an answer is made with


def block_list(blocks):
    """`3,7-9`."""
    runs = []
    for block in sorted(blocks):
        if runs and runs[-1][1] + 1 == block:
            runs[-1][1] = block
        else:
            runs.append([block, block])
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in runs) or "none"


@dataclass(frozen=True)
class Exit:
    """When a token may leave early. A point has depth, threshold and gate; a fixed depth has no measure."""

    measure: str | None
    points: tuple

    @staticmethod
    def read(fields):
        """The setting; None for off."""
        if "fixed" in fields:
            return Exit(None, ((fields["fixed"]["depth"], None, None),))
        if "confidence" not in fields:
            return None
        points = tuple(
            (p["depth"], single(p["threshold"]), None if p.get("gate") is None else single(p["gate"]))
            for p in fields["confidence"]["points"])
        return Exit(fields["confidence"]["measure"], points)

    def words(self, sign, pairing, number):
        """`top1 0.9 at 10,20`, or `top1 10:0.95,20:0.8 gate 0.3`."""
        points = sorted(self.points, key=lambda point: point[0])
        gates = [gate or 0.0 for _, _, gate in points]
        shown = gates[:1] if len(set(gates)) == 1 else gates
        suffix = " gate " + "/".join(map(number, shown)) if any(gates) else ""
        if len({threshold for _, threshold, _ in points}) == 1:
            depths = ",".join(str(depth) for depth, _, _ in points)
            return f"{self.measure}{sign}{number(points[0][1])} at {depths}{suffix}"
        pairs = ",".join(f"{depth}{pairing}{number(least)}" for depth, least, _ in points)
        return f"{self.measure} {pairs}{suffix}"

    @property
    def notation(self):
        """As people type it."""
        if self.measure is None:
            return f"fixed {self.points[0][0]}"
        return self.words(" ", ":", shortest) if self.points else "off"

    @property
    def label(self):
        """As the title has it."""
        if self.measure is None:
            return f"at {self.points[0][0]}"
        return self.words(">", ">", probability) if self.points else self.measure


@dataclass(frozen=True)
class Reach:
    """Which past positions attention sees. Numbers that a technique does not use are zero."""

    technique: str = "full"
    window: int = 0
    sinks: int = 0
    distance: str = "capped"
    lookups: int = 0
    memory: int = 0

    @staticmethod
    def read(fields):
        technique = fields["technique"]
        if technique == "full":
            return Reach()
        return Reach(
            technique, fields.get("window", 2048),
            fields.get("sinks", 0) if technique != "sliding" else 0,
            fields.get("distance", "capped") if technique != "sirllm" else "capped",
            fields.get("lookups", 0) if technique == "lambda" else 0,
            fields.get("memory", 0) if technique == "sirllm" else 0)

    @property
    def is_limited(self):
        return self.technique != "full"

    @property
    def notation(self):
        words = [f"{self.technique} {self.window}"]
        if self.technique != "sliding":
            words.append(f"sinks {self.sinks}")
        if self.distance == "cache-index":
            words.append(self.distance)
        if self.lookups > 0:
            words.append(f"lookups {self.lookups}")
        if self.technique == "sirllm":
            words.append(f"memory {self.memory}")
        return " ".join(words)

    def first_of_window(self, position):
        """The first position that the row at `position` sees at its true distance."""
        first = max(0, position + 1 - max(1, self.window))
        return first // RENEWAL * RENEWAL if self.technique == "sirllm" else first


@dataclass(frozen=True)
class Policy:
    """The dials."""

    pruned: frozenset
    exit: Exit | None
    mode: str
    draft_length: int
    sources: tuple
    draft_limit: int | None
    timed: bool
    short_head: float | None
    fill: str
    reach: Reach
    budget: float

    @staticmethod
    def read(fields):
        """The dials; those of records that are older than a dial have it at its usual place."""
        draft = fields.get("draft") or {"sources": ["exit"]}
        short_head = fields.get("short_head")
        return Policy(
            frozenset(fields["pruned"]), Exit.read(fields["exit"]), fields["mode"],
            fields["draft_length"], tuple(draft["sources"]), draft.get("limit"),
            bool(draft.get("timed")),
            None if short_head is None else single(short_head), fields.get("fill") or "propagate",
            Reach.read(fields.get("reach") or {"technique": "full"}),
            (fields.get("budget") or {"share": 1})["share"])

    @property
    def has_guesses(self):
        """Whether somebody drafts who runs no pass of the model."""
        return any(not DRAFTERS.get(source, True) for source in self.sources)

    @property
    def takes_exits(self):
        return self.mode == "approximate" and self.exit is not None

    @property
    def may_use_short_head(self):
        return self.short_head is not None and self.short_head < 1

    @property
    def takes_short_head(self):
        return self.mode == "approximate" and self.may_use_short_head

    @property
    def drafts_with_budget(self):
        """Whether small feed-forwards only draft."""
        return self.budget < 1 and "small" in self.sources

    @property
    def takes_budget(self):
        return self.budget < 1 and not self.drafts_with_budget

    @property
    def budget_words(self):
        """`80%`, or `62.5%`."""
        share = round(self.budget * 1000) / 10
        return f"{int(share) if share == int(share) else share}%"

    @property
    def contract(self):
        if self.pruned or self.takes_exits or self.takes_short_head or self.takes_budget:
            return "approximate"
        return "window" if self.reach.is_limited else "identical"

    @property
    def draft_label(self):
        """`auto`, or `4`: None where nobody guesses."""
        if self.sources == ("exit",) and self.draft_limit is None and not self.timed:
            drafts = self.exit is not None and self.mode == "identical"
            return f"draft {self.draft_length}" if drafts else None
        if not self.sources:
            return None
        automatic = "auto-timed" if self.timed else "auto"
        names = automatic if self.sources == AUTOMATIC else ",".join(self.sources)
        return f"draft {names}" + ("" if self.draft_limit is None else f" {self.draft_limit}")


@dataclass(frozen=True)
class Sampler:
    """How tokens are drawn."""

    temperature: float
    top_k: int
    top_p: float
    min_p: float
    repeat_penalty: float
    repeat_last_n: int
    seed: int

    WHOLE = ("top_k", "repeat_last_n", "seed")
    REAL = ("temperature", "top_p", "min_p", "repeat_penalty")

    @staticmethod
    def read(fields):
        return Sampler(
            **{name: int(fields[name]) for name in Sampler.WHOLE},
            **{name: single(fields[name]) for name in Sampler.REAL})

    def changed(self, name, text):
        """With a number as a person typed it; what is no number changes nothing."""
        try:
            if name in Sampler.WHOLE:
                return replace(self, **{name: int(text)})
            return replace(self, **{name: single(text)}) if name in Sampler.REAL else self
        except ValueError:
            return self

    @property
    def words(self):
        penalty = ""
        if self.repeat_penalty != 1:
            penalty = f" repeat-penalty {shortest(self.repeat_penalty)} over {self.repeat_last_n}"
        if self.temperature == 0:
            return f"greedy{penalty}, seed {self.seed}"
        return (
            f"T {shortest(self.temperature)} top-k {self.top_k} top-p {shortest(self.top_p)} "
            f"min-p {shortest(self.min_p)}{penalty}, seed {self.seed}")


@dataclass(frozen=True)
class Adapter:
    """What was trained for the model."""

    name: str
    exits: tuple
    is_built_in: bool
    changes_model: bool

    @staticmethod
    def read(fields):
        if fields is None:
            return None
        return Adapter(
            fields["name"], tuple(fields["exits"]), fields["built_in"],
            fields.get("changes_model") or False)

    @property
    def label(self):
        name = f"changed by {self.name}" if self.changes_model else f"adapter {self.name}"
        return name + (" (built in)" if self.is_built_in else "")


def preset_words(text):
    """A preset's name with why its certificate does not hold; None for off."""
    name, comma, doubts = text.partition(",")
    if not text or name == "off":
        return None
    return f"{name},{doubts}" if comma and doubts else name


@dataclass(frozen=True)
class Settings:
    """What an answer is made with."""

    policy: Policy
    sampler: Sampler
    preset: str | None
    adapter: Adapter | None

    @staticmethod
    def read(fields):
        """`made` of a turn, or what a session begins with."""
        return Settings(
            Policy.read(fields["policy"]), Sampler.read(fields["sampler"]),
            preset_words(fields.get("preset") or "off"), Adapter.read(fields.get("adapter")))

    def after(self, change):
        """With what a `param` record says."""
        if change.get("session"):
            return Settings.read(change["session"])
        new = self
        if change.get("policy"):
            new = replace(new, policy=Policy.read(change["policy"]))
        if change["key"] == "preset":
            new = replace(new, preset=preset_words(change["new"]))
        if change["key"] == "adapter":
            new = replace(new, adapter=Adapter.read(change.get("adapter")))
        return replace(new, sampler=new.sampler.changed(change["key"], change["new"]))

    @property
    def changes_model(self):
        return self.adapter is not None and self.adapter.changes_model

    @property
    def contract(self):
        """What the text is worth beside that of the whole model."""
        return "approximate" if self.changes_model else self.policy.contract

    @property
    def full_depth_is_whole(self):
        return not (self.policy.pruned or self.policy.reach.is_limited or self.changes_model)

    @property
    def tag(self):
        return self.contract.upper()

    @property
    def promise(self):
        """What the tag means: a clause for everything that has to do with it."""
        policy, reach = self.policy, self.policy.reach
        guesses = ["guesses change nothing"] if policy.has_guesses else []
        sinks = f"the first {reach.sinks} and " if reach.sinks > 0 else ""
        sight = f"attention sees {sinks}the last {reach.window} tokens"
        if self.contract == "identical":
            own = ["early exits"] if policy.exit is not None and policy.mode == "identical" else []
            own += ["small feed-forwards"] if policy.drafts_with_budget else []
            if own:
                who = " and ".join(own + (["guesses"] if guesses else []))
                return f"{who} only draft, every block verifies"
            return "every block; guesses are verified" if guesses else "every block, every token"
        if self.contract == "window":
            return "; ".join([sight] + guesses)
        changes = [f"{self.adapter.name} changes the model"] if self.changes_model else []
        if policy.pruned:
            blocks = "block {} is" if len(policy.pruned) == 1 else "blocks {} are"
            changes.append(blocks.format(block_list(policy.pruned)) + " pruned")
        if policy.takes_exits:
            changes.append("exits are taken unverified")
        if policy.takes_short_head:
            changes.append("a short head decides where it is sure")
        if policy.takes_budget:
            changes.append("some feed-forwards are small")
        if reach.is_limited:
            changes.append(sight)
        return "; ".join(changes + guesses)

    @property
    def words(self):
        """Everything that is set: the lines MADE and NEXT."""
        policy = self.policy
        words = [f"preset {self.preset}"] if self.preset else []
        words.append(f"exit {policy.exit.notation if policy.exit else 'off'}")
        if policy.exit is not None or policy.short_head is not None:
            words.append(f"mode {policy.mode}")
        if policy.short_head is not None:
            words.append(f"short head {shortest(policy.short_head)}")
        if policy.contract == "approximate" and (policy.exit is not None or policy.may_use_short_head):
            words.append(f"fill {policy.fill}")
        words.append(policy.draft_label or "draft off")
        if policy.pruned:
            words.append(f"pruned {block_list(policy.pruned)}")
        if policy.reach.is_limited:
            words.append(f"window {policy.reach.notation}")
        if policy.budget < 1:
            words.append(f"budget {policy.budget_words}")
        if self.adapter:
            words.append(self.adapter.label)
        return ", ".join(words + [self.sampler.words])


# --- An answer


class Answer:
    """One answer: its records, in their order, and what they add up to.

    Before a session's first answer there are no records, and a figure is `None`.
    """

    def __init__(self, number, turn, settings, session):
        self.number, self.turn, self.settings, self.session = number, turn, settings, session
        # What is set for the next answer, and the newest token of the session, which knows the cache.
        self.next, self.newest = settings, None
        self.records = []
        # Lines that plain mode writes as records come.
        self.printed = []

    def takes(self, record):
        """Whether a record is about this answer."""
        return (
            self.turn is not None and record["type"] in ("token", "draft", "probe", "check", "end")
            and record["turn"] == self.turn["turn"]
            and record.get("answer") == self.turn.get("answer"))

    def add(self, record):
        self.records.append(record)
        if record["type"] == "end":
            self.printed.append(self.sentence)
        if record["type"] == "check" and self.agreement:
            self.printed.append(self.check)

    def of_type(self, kind):
        return [record for record in self.records if record["type"] == kind]

    @property
    def tokens(self):
        """The tokens of the text; drafts that full depth rejected are none of them."""
        return [token for token in self.of_type("token") if token["phase"] == "gen"]

    @property
    def rounds(self):
        return self.of_type("draft")

    @property
    def end(self):
        return next(reversed(self.of_type("end")), None)

    @property
    def blocks(self):
        """Blocks of the model that made it: the marks of its tokens' depth lines."""
        tokens = self.tokens
        return (len(tokens[-1]["depth"]) if tokens else 0) or self.session["model"]["n_layer"]

    # --- Speed

    @property
    def rate(self):
        """Tokens per second behind the first; None before the second."""
        tokens = self.tokens
        if len(tokens) < 2:
            return None
        last = (self.end or tokens[-1])["t_ns"]
        seconds = float(last - tokens[0]["t_ns"]) / 1e9 - self.beside / 1e6
        return (len(tokens) - 1) / seconds if seconds > 0 else None

    @property
    def beside(self):
        """Microseconds of plain passes that were made beside the text."""
        return float(sum(token["time"].get("beside") or 0 for token in self.tokens[1:]))

    @property
    def plain(self):
        """Microseconds of each plain pass."""
        times = (token["time"].get("plain") for token in self.tokens[1:])
        return [float(time) for time in times if time is not None]

    @property
    def pace(self):
        """How many times as fast as plain passes, with its 95 % interval; None below 5 plain passes.

        The value is a ratio of two means: of a plain pass, and of a token of this answer. Its relative
        variance is the sum of theirs: for plain passes the squared standard error of their mean over that
        mean; for the rounds, by how much each differs from what its number of tokens would have it take.
        The interval is symmetric on a logarithmic scale, with Student's t of the plain passes.
        """
        plain, rate = self.plain, self.rate
        if len(plain) < LEAST_PASSES or rate is None:
            return None
        center, count = mean(plain), len(plain)
        variance = sum((time - center) ** 2 for time in plain) / (count - 1)
        relative = over(variance / count, center**2) + self.round_variance
        factor = math.exp(students_t(count - 1) * math.sqrt(relative))
        value = center / 1e6 * rate
        return value, value / factor, value * factor

    @property
    def round_variance(self):
        """The relative variance of the time of all rounds; tokens of one round stand together."""
        rounds, newest = [], None
        for token in self.tokens[1:]:
            number = (token.get("spec") or {}).get("round")
            if number is None or number != newest or not rounds:
                rounds.append([0.0, 0])
            rounds[-1][0] += token["time"]["total"]
            rounds[-1][1] += 1
            newest = number
        total = sum(time for time, _ in rounds)
        tokens = sum(count for _, count in rounds)
        if len(rounds) < 2 or total <= 0:
            return 0.0
        squares = sum((time - count * total / tokens) ** 2 for time, count in rounds)
        return len(rounds) / (len(rounds) - 1) * squares / total**2

    # --- Work

    @property
    def bytes_read(self):
        """Weight bytes by what they were read for, and what the dense model reads; None in old records."""
        counts = [token["cost"]["bytes"] for token in self.tokens if token["cost"].get("bytes")]
        if not counts:
            return None
        total = {part: sum(count[part] for count in counts) for part in counts[0]}
        total["fill"] += sum((end.get("fill") or {}).get("bytes_read", 0) for end in self.of_type("end"))
        return total

    @property
    def macs(self):
        """Multiply-accumulates of everything, also of rejected drafts and of what was filled at the end."""
        done = sum(token["cost"]["macs"] for token in self.of_type("token"))
        return done + sum((end.get("fill") or {}).get("macs", 0) for end in self.of_type("end"))

    @property
    def drafts(self):
        """Tokens that were drafted, and accepted."""
        return sum(r["k_drafted"] for r in self.rounds), sum(r["k_accepted"] for r in self.rounds)

    @property
    def depths(self):
        """How many tokens were decided after how many blocks."""
        return Counter(token["exit"]["layers"] for token in self.tokens)

    def depth_at(self, share):
        """The depth at or below which this share of the tokens was decided; None before the first."""
        passed, depths = 0, self.depths
        for depth in sorted(depths):
            passed += depths[depth]
            if passed >= share * sum(depths.values()):
                return depth
        return None

    @property
    def passes(self):
        """The tokens that each pass decided, and for how many passes drafting still rests."""
        runs, pending, rest = [], 0, 0
        for record in self.records:
            if record["type"] == "draft":
                runs.append(pending)
                pending, rest = 0, record.get("rest") or 0
            elif record["type"] == "token" and record["phase"] == "gen":
                if record.get("spec"):
                    pending += 1
                elif record["i"] > 0:
                    runs.append(1)
                    rest = max(0, rest - 1)
        return runs, rest

    # --- The whole model

    @property
    def agreement(self):
        """(whether the whole model takes the same token, whether the token left early), for each token that
        it was asked about."""
        early = [token["exit"]["reason"] != "full" for token in self.tokens]
        checks = self.of_type("check")
        if checks:
            return list(zip((mark == "=" for mark in checks[-1]["line"]), early))
        # Before there were checks, full depth was asked, which then had to be the whole model.
        is_old = self.turn is not None and self.turn.get("answer") is None
        if not is_old or not self.settings.full_depth_is_whole or self.settings.contract == "identical":
            return []
        return [
            (probe["agree"], 0 <= probe["i"] < len(early) and early[probe["i"]])
            for probe in self.of_type("probe")]

    def agreed(self, early_only=False):
        """`53 of 57: 93.0% [83.0, 98.1]`; None where nothing was asked."""
        marks = [same for same, early in self.agreement if early or not early_only]
        if not marks:
            return None
        same = sum(marks)
        lower, upper = (fixed(end * 100, 1) for end in clopper_pearson(same, len(marks)))
        return f"{same} of {len(marks)}: {percent(over(same, len(marks)), 1)} [{lower}, {upper}]"

    # --- Words for the figures, shared by all places that show them

    @property
    def token_words(self):
        return None if self.turn is None else f"{len(self.tokens)} tokens"

    @property
    def speed_words(self):
        return None if self.rate is None else f"{fixed(self.rate, 1)} tok/s"

    @property
    def prompt_speed_words(self):
        timings = (self.end or {}).get("timings")
        if not timings or not timings["prompt_ms"] > 0:
            return None
        return f"prompt {fixed(float(timings['prompt_n']) * 1000 / timings['prompt_ms'], 1)} tok/s"

    @property
    def pace_words(self):
        if self.pace is None:
            return None
        value, lower, upper = (fixed(number, 2) for number in self.pace)
        return f"{value}x [{lower}, {upper}] as fast as plain ({len(self.plain)} passes)"

    @property
    def yardstick_words(self):
        return f"yardstick {fixed(self.beside / 1e6, 2)} s" if self.beside > 0 else None

    def bytes_share(self, *parts):
        read = self.bytes_read
        if read is None or read["full"] <= 0:
            return None
        return over(sum(read[part] for part in parts), read["full"])

    @property
    def weight_words(self):
        share = self.bytes_share("blocks", "head", "probes", "fill")
        return None if share is None else f"weights read {percent(share)}"

    @property
    def weight_part_words(self):
        shares = [(part, self.bytes_share(part) or 0) for part in ("blocks", "head", "probes", "fill")]
        return " ".join(f"{part} {fixed(share * 100, 1)}" for part, share in shares if share > 0)

    @property
    def arithmetic_words(self):
        full = sum(token["cost"]["macs_full"] for token in self.tokens)
        return f"arithmetic {percent(over(self.macs, full))}" if full > 0 else None

    @property
    def wrong_draft_words(self):
        drafted, accepted = self.drafts
        wrong = drafted - accepted
        return None if wrong <= 0 else f"{wrong} wrong draft" + ("" if wrong == 1 else "s")

    @property
    def depth_words(self):
        if not self.tokens:
            return None
        depth = over(sum(token["exit"]["layers"] for token in self.tokens), len(self.tokens))
        return f"{fixed(depth, 1)}/{self.blocks}"

    @property
    def histogram(self):
        """`6 ######## 7 #### 30 ##`: a mark for each token, or for several."""
        depths = self.depths
        most = max(depths.values())
        bars = (
            f"{depth} " + "#" * (count if most <= 8 else max(1, count * 8 // most))
            for depth, count in sorted(depths.items()))
        return " ".join(bars)

    @property
    def attention(self):
        """`attn` of the newest token, and the positions of the text; None where nothing is out of reach."""
        tokens = self.tokens
        view = tokens[-1].get("attn") if tokens else None
        if not self.settings.policy.reach.is_limited or not view:
            return None
        return view, sum(max(0, min(view[part], 1 << 40)) for part in ("seen", "forgotten"))

    @property
    def budget_words(self):
        """How many feed-forwards ran big where routers were asked; None where none was."""
        routed = [token["depth"] for token in self.tokens if token["exit"].get("scores") is not None]
        ran = sum(mark in "#s!" for line in routed for mark in line)
        if ran == 0 or self.settings.policy.budget >= 1:
            return None
        small = sum(line.count("s") for line in routed)
        return (f"big {percent(1 - over(small, ran))} of {ran} feed-forwards "
                f"(budget {self.settings.policy.budget_words})")

    @property
    def sight_words(self):
        if not self.attention:
            return None
        view, total = self.attention
        sinks = ""
        if view.get("sink") is not None:
            sinks = f", sinks take {percent(single(view['sink']))}"
        return f"sees {view['seen']} of {total} tokens ({percent(over(view['seen'], max(1, total)))}){sinks}"

    @property
    def map_words(self):
        """The text in 40 cells, `#` where the window or the first positions are."""
        if not self.attention:
            return None
        (view, total), reach = self.attention, self.settings.policy.reach
        if view["forgotten"] <= 0 or total <= 0:
            return None
        window = reach.first_of_window(total - 1)
        sinks = max(0, min(reach.sinks, window))
        cells = []
        for cell in range(40):
            first = cell * total // 40
            last = max(first, (cell + 1) * total // 40 - 1)
            cells.append("#" if last >= window or first < sinks else ".")
        return "".join(cells)

    @property
    def draft_words(self):
        drafted, accepted = self.drafts
        if drafted <= 0:
            return None
        return f"{accepted} of {drafted} ({percent(over(accepted, drafted))})"

    @property
    def pass_words(self):
        runs, _ = self.passes
        if not self.settings.policy.has_guesses or not runs:
            return None
        return f"{fixed(over(sum(runs), len(runs)), 2)} tokens a pass"

    @property
    def guess_words(self):
        """`ngram 12/30  recycle 4/20`: guesses that came true, of those that were verified."""
        nodes = [node for record in self.rounds for node in record.get("nodes") or []]
        verified = Counter(node["source"] for node in nodes)
        accepted = Counter(node["source"] for node in nodes if node["accepted"])
        known = [source for source in DRAFTERS if source in verified]
        others = sorted(source for source in verified if source not in DRAFTERS)
        return "  ".join(f"{s} {accepted[s]}/{verified[s]}" for s in known + others) or None

    @property
    def rest_words(self):
        _, rest = self.passes
        if rest <= 0 or self.end:
            return None
        return f"drafting rests for {rest} passes: it did not pay"

    # --- Lines

    @property
    def sentence(self):
        """The line of figures that ends an answer in plain mode and in `fathom run`."""
        depth, drafts = self.depth_words, self.draft_words
        parts = [
            self.token_words, self.speed_words, self.pace_words, self.yardstick_words,
            self.weight_words, self.arithmetic_words, self.wrong_draft_words,
            depth and f"mean depth {depth}", self.budget_words, self.sight_words, drafts and f"drafts accepted {drafts}",
            self.pass_words, f"text {self.settings.contract}",
        ]
        return "Stats: " + ", ".join(part for part in parts if part is not None)

    @property
    def check(self):
        early = self.agreed(early_only=True)
        return f"Check: the whole model takes {self.agreed()}" + (
            f"; of those that left early, {early}" if early else "")

    @property
    def block(self):
        """The labelled lines of the panel."""
        lines = [("TEXT", f"{self.settings.tag}: {self.settings.promise}")]
        if self.agreement:
            lines.append(("AGREE", f"{self.agreed()} as the whole model"))
            if early := self.agreed(early_only=True):
                lines.append(("", f"{early} of those that left early"))
        if self.weight_words:
            lines.append(("BYTES", ": ".join(
                part for part in (self.weight_words, self.weight_part_words) if part)))
        if self.arithmetic_words:
            lines.append(("WORK", joined(self.arithmetic_words, self.wrong_draft_words)))
        load = load_words(self.session) if self.turn is None else None
        lines.append(("SPEED", load or joined(self.speed_words, self.prompt_speed_words, self.token_words)))
        if self.pace_words or self.yardstick_words:
            lines.append(("PACE", joined(self.pace_words, self.yardstick_words)))
        depth, half, most = self.depth_words, self.depth_at(0.5), self.depth_at(0.9)
        spread = None if half is None else f"p50 {half}  p90 {most}"
        lines.append(("DEPTH", joined(depth and f"mean {depth}", spread)))
        if len(self.depths) > 1:
            lines.append(("", self.histogram))
        lines += [("BUDGET", self.budget_words)] if self.budget_words else []
        lines += [("REACH", self.sight_words)] if self.sight_words else []
        lines += [("", self.map_words)] if self.map_words else []
        return lines + self.drafting + self.lens

    @property
    def drafting(self):
        lines = []
        if self.draft_words:
            count = len(self.rounds)
            rounds = "1 round" if count == 1 else f"{count} rounds"
            layers = [r["draft_layers"] for r in self.rounds if r["draft_layers"] > 0]
            depth = f"  from {layers[-1]}/{self.blocks}" if layers else ""
            lines.append(("DRAFT", f"accepted {self.draft_words}  in {rounds}{depth}"))
        if self.pass_words:
            lines.append(("PASS", joined(self.pass_words, self.guess_words)))
        if self.rest_words:
            lines.append(("", self.rest_words))
        return lines

    @property
    def lens(self):
        settled = [probe["settled"] for probe in self.of_type("probe")]
        if not settled:
            return []
        depth = f"{fixed(over(sum(settled), len(settled)), 1)}/{self.blocks}"
        return [("LENS", f"settles at {depth}, mean of {len(settled)} tokens")]

    @property
    def meters(self):
        """How full the cache is, as panel and title say it."""
        room = self.session["ctx_size"]
        used, taken = (self.newest["kv"]["used"], self.newest["kv"]["bytes"]) if self.newest else (0, 0)
        is_limited = self.settings.policy.reach.is_limited
        lines = []
        if self.newest and is_limited:
            lines.append(("CACHE", f"{size(taken)} for a text of {used} positions"))
        elif self.newest:
            lines.append(("CACHE", f"{used} of {room} positions, {size(taken)}"))
        share = over(used, room) if room > 0 else 0.0
        full = "!" if share >= 0.8 else ""
        title = f"{used} tokens" if is_limited else f"ctx {used}/{room} {percent(share)}{full}"
        return lines + [("title", title)]

    @property
    def lines(self):
        """Everything, in the order in which the program writes it."""
        lines = list(self.block)
        if self.turn is not None:
            lines.append(("MADE", self.settings.words))
        if self.turn is None or self.settings != self.next:
            lines.append(("NEXT", self.next.words))
        labelled = [label + " " * max(1, 7 - len(label)) + text for label, text in lines + self.meters]
        return self.printed + labelled

    @property
    def token_lines(self):
        """A line for each token as the depth panel has it: position, text, blocks run, how sure the decision
        was, whether the whole model takes the same, what drafting made of it, and where the lens settled."""
        probes = {}
        for probe in self.of_type("probe"):
            probes.setdefault(probe["i"], probe)
        marks = [mark for record in self.of_type("check")[-1:] for mark in record["line"]]
        lines = []
        for token in self.of_type("token"):
            is_text, place = token["phase"] == "gen", token["i"]
            probe = probes.get(place) if is_text else None
            same = " "
            if is_text and place < len(marks):
                same = "=" if marks[place] == "=" else "~"
            elif probe and self.settings.full_depth_is_whole:
                same = "=" if probe["agree"] else "~"
            ran = sum(mark in "#s!" for mark in token["depth"])
            facts = f"{ran:3}/{len(token['depth'])}".ljust(8)
            facts += f"{probability(certainty(token)):>3} {same} {draft_mark(token):6}"
            facts += f"s{probe['settled']}" if probe else ""
            lines.append(f"{token['pos']:4} {quoted(token)} {token['depth']} {facts}".rstrip())
        return lines


def certainty(token):
    """What its exit measured, or else the token's probability."""
    measured = token["exit"].get("conf")
    if measured is not None:
        return single(measured)
    logarithm = single(token["logprob"])
    return 1.0 if logarithm > 0 else math.exp(logarithm)


def draft_mark(token):
    """`A@12`: accepted, rejected, corrected or bonus, and after how many blocks it was drafted."""
    spec = token.get("spec")
    if not spec:
        return ""
    layers = spec.get("draft_layers")
    return spec["status"][0].upper() + ("" if layers is None else f"@{layers}")


def quoted(token):
    """The token in quotation marks; bytes that are no characters on their own as `<F0 9F>`."""
    try:
        bytes(token["bytes"]).decode("utf-8")
    except UnicodeDecodeError:
        return "<" + " ".join(f"{byte:02X}" for byte in token["bytes"]) + ">"
    return '"' + visible(token["token"], kept="") + '"'


def joined(*parts):
    return "  ".join(part for part in parts if part is not None) or "–"


def load_words(session):
    """`loaded in 0.34 s, of which 0.25 s repacked the weights`; None where the record does not say."""
    load = session.get("load")
    if not load:
        return None
    total = load["open_ms"] + load["tokenizer_ms"] + load["repack_ms"]
    return (
        f"loaded in {fixed(total / 1000, 2)} s, "
        f"of which {fixed(load['repack_ms'] / 1000, 2)} s repacked the weights")


def model_line(session):
    """The line that begins a conversation in plain mode."""
    model, settings = session["model"], Settings.read(session)
    adapter, load = settings.adapter, load_words(session)
    exit = settings.policy.exit.label if settings.policy.exit else "off"
    return (
        f"Model: {model['name'] or model['file']} {model['file_type']}, {model['n_layer']} blocks, "
        f"context {session['ctx_size']}, exit {exit}, text {settings.contract}"
        + (f", {adapter.label}" if adapter else "") + (f"; {load}" if load else ""))


def measure_line(record):
    """What dials do to a text: the perplexity without and with them, and the relative change."""
    full, under = float(record["perplexity_full"]), float(record["perplexity"])
    change = over(under, full) - 1
    note = f" ({record['note']})." if record.get("note") is not None else "."
    return (
        f"{record['summary']}: perplexity {fixed(full, 2)} → {fixed(under, 2)} "
        f"({'' if change < 0 else '+'}{percent(change, 1)}) on {record['tokens']} held-out tokens, "
        f"mean KL {fixed(float(record['divergence']), 3)} nats, the same first choice for "
        f"{percent(float(record['same_top']), 1)}{note}")


# --- The file

# What the figures need of each type, with its type in Python.
NUMBER = (int, float, str)
NEEDED = {
    "session": {
        "model.name": str, "model.file": str, "model.file_type": str, "model.n_layer": int,
        "ctx_size": int, "policy": dict, "sampler": dict},
    "turn": {"turn": int, "role": str},
    "token": {
        "turn": int, "i": int, "pos": int, "t_ns": int, "phase": str, "token": str, "bytes": list,
        "logprob": NUMBER,
        "depth": str, "exit.layers": int, "exit.reason": str, "kv.used": int, "kv.bytes": int,
        "time.total": int, "cost.macs": int, "cost.macs_full": int},
    "draft": {"turn": int, "k_drafted": int, "k_accepted": int, "draft_layers": int},
    "probe": {"turn": int, "i": int, "settled": int, "agree": bool},
    "check": {"turn": int, "line": str},
    "end": {"turn": int, "t_ns": int, "timings.prompt_n": int, "timings.prompt_ms": NUMBER},
    "param": {"key": str, "new": str},
    "measure": {
        "summary": str, "tokens": int, "perplexity_full": NUMBER, "perplexity": NUMBER,
        "divergence": NUMBER, "same_top": NUMBER},
}


def records(path):
    """The records of a file. Empty lines are passed over, and types that nobody here knows."""
    try:
        with open(path, "rb") as file:
            lines = file.read().split(b"\n")
    except OSError as error:
        raise Bad(error.strerror or str(error)) from error
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            if not isinstance(record, dict):
                raise Bad("it is no object")
            check_fields(record)
        except (ValueError, Bad) as error:
            raise Bad(f"line {number} is not a Fathom record: {error}") from error
        if not found and record["type"] != "session":
            raise Bad(f"line {number}: the first record must be the session's")
        found.append(record)
    if not found:
        raise Bad("there is no record in it")
    return found


def check_fields(record):
    """Throws where what the figures need is missing, or is something else."""
    if record.get("v") != 1 or not isinstance(record.get("type"), str):
        raise Bad('it must have a "type", and "v" must be 1')
    for path, kind in NEEDED.get(record["type"], {}).items():
        value = record
        for key in path.split("."):
            if not isinstance(value, dict) or key not in value:
                raise Bad(f'the field "{path}" is missing')
            value = value[key]
        if not isinstance(value, kind):
            raise Bad(f'the field "{path}" has the wrong type')


def answers(stream):
    """Cuts a stream into answers. Each session comes first with what stands before its first answer, as
    number 0; an answer of an old record is numbered by its place."""
    current, session, force, newest = None, None, None, None
    for record in stream:
        kind = record["type"]
        if kind == "session":
            if current:
                yield current
            session, force, newest = record, Settings.read(record), None
            current = Answer(0, None, force, session)
            current.printed.append(model_line(session))
        elif kind == "turn" and record["role"] == "assistant":
            yield current
            made = record.get("made")
            number = record.get("answer") or current.number + 1
            current = Answer(number, record, Settings.read(made) if made else force, session)
            current.newest = newest
        elif kind == "param":
            session, force = record.get("session") or session, force.after(record)
            current.session = session
            if current.turn is None:
                current.settings = force
        elif kind == "measure":
            current.printed.append(measure_line(record))
        if kind == "token":
            current.newest = newest = record
        if current.takes(record):
            current.add(record)
        current.next = force
    yield current


def main():
    parser = argparse.ArgumentParser(
        description="Recomputes every figure that Fathom shows of an answer, from the saved record alone.")
    parser.add_argument("file", help="records, as /save and `fathom run --json` write them")
    parser.add_argument("--answer", type=int, help="only this one; 0 is what stands before the first")
    parser.add_argument("--tokens", action="store_true", help="a line for each token as well")
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8")
    try:
        write(options)
    except Bad as problem:
        sys.exit(f"recompute.py: {options.file}: {problem}")
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        sys.exit(f"recompute.py: {options.file}: a field is missing or has the wrong type: {problem!r}")


def write(options):
    """Writes the answers that were asked for, with an empty line between them."""
    found = 0
    for answer in answers(records(options.file)):
        if options.answer not in (None, answer.number):
            continue
        found += 1
        name = f"Answer {answer.number}, message {answer.turn['turn']}" if answer.turn else "Before answers"
        print(("\n" if found > 1 else "") + f"{name}: {answer.settings.tag}")
        for line in answer.lines + (answer.token_lines if options.tokens else []):
            print(visible(line))
    if not found:
        raise Bad(f"there is no answer {options.answer} in it")


if __name__ == "__main__":
    main()
