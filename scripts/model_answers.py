#!/usr/bin/env python3
"""What llama.cpp makes of a real model file: greedy texts, perplexity and token ids, as JSON.

    model_answers.py MODEL.gguf OUT.json --text wiki.test.raw [--windows 20] [--length 512]

Greedy: prompts as they are, no template, BOS where the file asks for it, 64 tokens or as far as an
end of answer; for each token the two highest logits, so that near ties can be told. Perplexity as
llama-perplexity has it: windows of 512 tokens one after the other, or as long as asked for, the
second half of each scored, BOS in the place of a window's first token where the file asks for it.
Needs what llama_oracle.py needs.
"""

import argparse
import hashlib
import json
import math
import pathlib
import random

import numpy as np

import llama_oracle

PROMPTS = [
    "The capital of France is",
    "def fibonacci(n):\n    ",
    "Once upon a time, in a small village by the sea,",
    "Q: What is the boiling point of water in degrees Celsius?\nA:",
    "The three primary colours are",
    "import numpy as np\n\n# Multiply two matrices\n",
    "Die Hauptstadt von Deutschland ist",
    "1, 1, 2, 3, 5, 8, 13,",
]
LENGTH = 64
PIECES = [
    "the", "The", "THE", "iPhone", "HTTPServer", "don't", "I'M", "we'LL", "naïve", "Straße",
    "œuvre", "123", "4567890", "3.14159", "1e-9", "٣٤٥", "½", "Ⅻ", "你好", "世界", "こんにちは",
    "한국어", "привет", "Ελλάδα", "नमस्ते", "ไทย", "مرحبا", "שלום", "é", "e\u0301", "\u0301",
    "ﬁ", "👍", "👍🏽", "👨\u200d👩\u200d👧", "🇩🇪", "☕\ufe0f", "x = y[0];", "if (a && b) {", "}",
    "//", "/*", "\\n", "->", "!=", "...", "???", "-", "—", "“", "”", "$", "€", "#", "@user",
    "https://a.b/c?d=1&e=%20", "\u00a0", "\u3000", "\u200b", "\u0085", "\u2028", "\ufeff",
    "\x00", "\x1f", "\x7f", "<b>", "<0x41>", "▁", "Ġ", "<|im_start|>", "<|endoftext|>",
    "<bos>", "<eos>", "<start_of_turn>", "</s>",
]
SPACES = ["", "", " ", " ", " ", "  ", "   ", "\t", "\n", "\n\n", "\r\n", " \n ", "    ", "\n    "]


def texts():
    """Strings of many kinds: each piece alone and behind a space, and seeded mixtures."""
    chance = random.Random(20)
    found = ["", " ", "  ", "\n", "\t", "\r\n", " " * 17, "\n" * 9, "a" * 60, " a" * 30, "0" * 40]
    for piece in PIECES:
        found += [piece, " " + piece]
    for _ in range(200):
        count = chance.randint(2, 9)
        found.append("".join(chance.choice(PIECES) + chance.choice(SPACES) for _ in range(count)))
    return found


def tokenisation(model):
    """The ids of each text, plain, and with the names of control tokens read as these."""
    return [
        {"text": text, "ids": model.tokens(text), "special": model.tokens(text, special=True)}
        for text in texts()]


def greedy(model, context, prompt):
    """llama.cpp's own continuation of a prompt."""
    context.clear()
    ids = model.tokens(prompt, bos=model.adds_bos)
    logits = context.logits(ids, first=len(ids) - 1)[0]
    answer, steps = [], []
    while True:
        highest = np.argpartition(logits, -2)[-2:]
        best, second = sorted((int(token) for token in highest), key=lambda token: -logits[token])
        answer.append(best)
        steps.append({
            "ids": [best, second], "logits": [round(float(logits[t]), 4) for t in (best, second)]})
        if model.ends(best) or len(answer) == LENGTH:
            break
        logits = context.logits([best])[0]
    text = model.text(answer).decode("utf-8", "replace")
    print(repr(prompt), repr(text), flush=True)
    return {"prompt": prompt, "prompt_ids": ids, "ids": answer, "text": text, "steps": steps}


def losses(logits, ids):
    """The loss of each token under the logits before it, in nats."""
    for row, token in zip(logits, ids):
        row = row.astype(np.float64) - row.max()
        yield math.log(np.exp(row).sum()) - row[token]


def perplexity(model, context, text, windows):
    """The mean loss over the second halves of windows, and the sums of each window."""
    ids = model.tokens(text, bos=model.adds_bos)
    length, half = context.size, context.size // 2
    sums = []
    for start in range(0, length * min(windows, len(ids) // length), length):
        context.clear()
        window = ids[start : start + length]
        if model.adds_bos:
            window[0] = model.bos
        logits = context.logits(window, first=half)
        sums.append(math.fsum(losses(logits[:-1], window[half + 1 :])))
        scored = len(sums) * (length - half - 1)
        print(len(sums), math.exp(math.fsum(sums) / scored), flush=True)
    return {
        "window": length, "windows": len(sums), "tokens_scored": scored, "sums": sums,
        "perplexity": math.exp(math.fsum(sums) / scored), "first_ids": ids[:length],
        "ids_in_text": len(ids),
        "ids_sha256": hashlib.sha256(np.array(ids, dtype="<i4").tobytes()).hexdigest()}


def main():
    parser = argparse.ArgumentParser(description="What llama.cpp makes of a model file.")
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--text", type=pathlib.Path, help="a text to measure perplexity on")
    parser.add_argument("--windows", type=int, default=20)
    parser.add_argument("--length", type=int, default=512, help="tokens in a window")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    with llama_oracle.Model(arguments.model) as model:
        with model.context(arguments.length, arguments.threads, arguments.length) as context:
            found = {
                "model": arguments.model.name, "llama.cpp": "b11549", "adds_bos": model.adds_bos,
                "tokenisation": tokenisation(model),
                "greedy": [greedy(model, context, prompt) for prompt in PROMPTS]}
            arguments.out.write_text(json.dumps(found, indent=1) + "\n")
            if arguments.text:
                text = arguments.text.read_bytes().decode()
                found["perplexity"] = perplexity(model, context, text, arguments.windows)
    arguments.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
