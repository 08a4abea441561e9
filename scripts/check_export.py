#!/usr/bin/env python3
"""Checks what `fathom export` wrote with other people's programs.

    check_export.py --fathom .build/release/fathom pruned.gguf     needs llama-cpp-python
    check_export.py --fathom .build/release/fathom folder          needs safetensors; transformers and
                                                                   torch are used where they are

A GGUF must load in llama.cpp and give the greedy text that Fathom gives for the same file. A folder
must hold the tensors that its config.json promises; where transformers is installed, the model must
load there and give the same greedy text as the GGUF named with --gguf. Exits 1 on any difference.
"""

import argparse
import json
import os
import subprocess
import sys

PROMPTS = [
    "What is the capital of France?",
    "Count from one to ten.",
    "Write one sentence about the sea.",
]


def fathom_answer(options, model, prompt):
    command = [options.fathom, "run", "-m", model, "--temp", "0", "-n", str(options.tokens)]
    result = subprocess.run(command + ["-p", prompt], capture_output=True, text=True, check=True)
    return result.stdout.rstrip("\n")


def compare(name, prompt, ours, theirs):
    same = ours.strip() == theirs.strip()
    common = len(os.path.commonprefix([ours.strip(), theirs.strip()]))
    print(f"{'same' if same else 'DIFFERENT'}  {name}  {prompt!r}: {ours.strip()[:70]!r}")
    if not same:
        print(f"    after {common} characters: {ours.strip()[common:common + 40]!r}")
        print(f"    against                   {theirs.strip()[common:common + 40]!r}")
    return same


def check_gguf(options):
    from llama_cpp import Llama

    model = Llama(options.path, n_ctx=512, n_threads=2, verbose=False)
    print(f"llama.cpp loads {options.path}: block_count {model.metadata['llama.block_count']}")
    results = []
    for prompt in PROMPTS:
        ours = fathom_answer(options, options.path, prompt)
        answer = model.create_chat_completion(
            [{"role": "user", "content": prompt}], temperature=0, max_tokens=options.tokens
        )
        theirs = answer["choices"][0]["message"]["content"]
        results.append(compare("llama.cpp", prompt, ours, theirs))
    return all(results)


def check_folder(options):
    from safetensors import safe_open

    with open(os.path.join(options.path, "config.json")) as file:
        config = json.load(file)
    layers = config["num_hidden_layers"]
    with safe_open(os.path.join(options.path, "model.safetensors"), "np") as file:
        names = set(file.keys())
        shape = file.get_slice("model.embed_tokens.weight").get_shape()
    found = {int(name.split(".")[2]) for name in names if name.startswith("model.layers.")}
    fits = found == set(range(layers)) and shape == [config["vocab_size"], config["hidden_size"]]
    print(f"safetensors loads {options.path}: {len(names)} tensors, layers {sorted(found)[-1] + 1}")
    if not fits:
        print(f"DIFFERENT  config.json promises {layers} layers and {config['vocab_size']} tokens")
        return False
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError:
        print("transformers or torch is not installed: the model itself was not run")
        return True
    tokenizer = AutoTokenizer.from_pretrained(options.path)
    model = AutoModelForCausalLM.from_pretrained(options.path, torch_dtype=torch.float32)
    results = []
    for prompt in PROMPTS:
        ids = tokenizer.apply_chat_template(
            [{"role": "user", "content": prompt}], add_generation_prompt=True, return_tensors="pt"
        )
        ids = ids if hasattr(ids, "shape") else ids["input_ids"]
        with torch.no_grad():
            output = model.generate(ids, do_sample=False, max_new_tokens=options.tokens)
        theirs = tokenizer.decode(output[0, ids.shape[1] :], skip_special_tokens=True)
        if options.gguf:
            ours = fathom_answer(options, options.gguf, prompt)
            results.append(compare("transformers", prompt, ours, theirs))
        else:
            print(f"transformers  {prompt!r}: {theirs[:70]!r}")
    return all(results)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("path", help="a GGUF file or a folder that fathom export wrote")
    parser.add_argument("--fathom", default=".build/release/fathom")
    parser.add_argument("--gguf", help="the same model as a GGUF, for a folder")
    parser.add_argument("--tokens", type=int, default=24)
    options = parser.parse_args()
    check = check_folder if os.path.isdir(options.path) else check_gguf
    sys.exit(0 if check(options) else 1)


if __name__ == "__main__":
    main()
