#!/usr/bin/env python3
"""Checks what `fathom export` wrote with other people's programs.

    check_export.py pruned.gguf                       needs what llama_oracle.py needs
    check_export.py folder --gguf pruned.gguf         needs safetensors, transformers, torch

Fathom answers some prompts greedily with the GGUF, raw where llama.cpp reads it. The other program reads the same prompt and the same
answer, and has to choose the same token at every place, or one that is nearly as probable: the two
round differently, so near ties may fall either way (--tolerance, in nats). Where no such tie was
broken, the greedy texts are the same, and it says so. A folder must also hold the tensors that its
config.json promises. Exits 1 on any difference.
"""

import argparse
import json
import os
import subprocess
import sys

import numpy as np

PROMPTS = [
    "What is the capital of France?",
    "What is the capital of Australia?",
    "How many days are in a week?",
    "Write one sentence about the sea.",
    "Name three colours.",
]


def answer(options, prompt):
    """The ids of Fathom's greedy answer."""
    command = [options.fathom, "run", "-m", options.gguf, "--temp", "0", "--json"]
    command += ["--raw"] if options.path == options.gguf else []
    command += ["-n", str(options.tokens), "-p", prompt]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    records = [json.loads(line) for line in result.stdout.splitlines()]
    return [r["id"] for r in records if r["type"] == "token" and r["phase"] == "gen"]


def compare(name, prompt, ids, logits, options):
    """Whether `logits` [len(ids), vocabulary] choose `ids`, near ties aside."""
    ids = np.array(ids)
    gaps = logits.max(axis=1) - logits[np.arange(len(ids)), ids]
    broken = int((gaps > 0).sum())
    fits = bool((gaps <= options.tolerance).all())
    verdict = "same text" if broken == 0 else f"{broken} ties, widest {gaps.max():.3f} nats"
    print(f"{'ok' if fits else 'DIFFERENT'}  {name}  {prompt!r}: {len(ids)} tokens, {verdict}")
    return fits


def check_gguf(options):
    from llama_oracle import Model

    results = []
    with Model(options.gguf) as model, model.context(1024) as context:
        print(f"llama.cpp loads {options.gguf}: {model.size} tokens in the vocabulary")
        for prompt in PROMPTS:
            start = model.tokens(prompt, bos=model.adds_bos)
            ids = answer(options, prompt)
            context.clear()
            logits = np.array(context.logits(start + ids[:-1]))[len(start) - 1 :]
            results.append(compare("llama.cpp", prompt, ids, logits, options))
    return all(results)


def check_folder(options):
    from safetensors import safe_open

    with open(os.path.join(options.path, "config.json")) as file:
        config = json.load(file)
    with safe_open(os.path.join(options.path, "model.safetensors"), "np") as file:
        names = set(file.keys())
        shape = file.get_slice("model.embed_tokens.weight").get_shape()
    found = {int(name.split(".")[2]) for name in names if name.startswith("model.layers.")}
    print(f"safetensors loads {options.path}: {len(names)} tensors, {len(found)} blocks")
    if found != set(range(config["num_hidden_layers"])) or shape != [
        config["vocab_size"],
        config["hidden_size"],
    ]:
        print("DIFFERENT  the tensors are not those that config.json promises")
        return False
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError:
        print("transformers or torch is not installed: the model itself was not run")
        return True
    if not options.gguf:
        sys.exit("name the same model as a GGUF with --gguf")
    tokenizer = AutoTokenizer.from_pretrained(options.path)
    model = AutoModelForCausalLM.from_pretrained(options.path, dtype=torch.float32)
    results = []
    for prompt in PROMPTS:
        text = tokenizer.apply_chat_template(
            [{"role": "user", "content": prompt}], add_generation_prompt=True, tokenize=False
        )
        start = tokenizer(text, add_special_tokens=False)["input_ids"]
        ids = answer(options, prompt)
        with torch.no_grad():
            logits = model(torch.tensor([start + ids[:-1]])).logits[0].numpy()
        results.append(compare("transformers", prompt, ids, logits[len(start) - 1 :], options))
    return all(results)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("path", help="a GGUF file or a folder that fathom export wrote")
    parser.add_argument("--fathom", default=".build/release/fathom")
    parser.add_argument("--gguf", help="the same model as a GGUF, for a folder")
    parser.add_argument("--tokens", type=int, default=24)
    parser.add_argument("--tolerance", type=float, default=0.5)
    options = parser.parse_args()
    if os.path.isdir(options.path):
        sys.exit(0 if check_folder(options) else 1)
    options.gguf = options.path
    sys.exit(0 if check_gguf(options) else 1)


if __name__ == "__main__":
    main()
