"""Texts to learn from: rows of JSON become tokens, and which of them are learnt.

A row has `messages` (or `conversations`), or Alpaca's `instruction`, `input` and `output`, or `text`.
What the assistant says is learnt, its end of turn too; of a plain text everything.
"""

import gzip
import hashlib
import json
from dataclasses import dataclass

import tokenizers
import torch
import transformers
from tokenizers import decoders, models, pre_tokenizers

from fathom_adapters import RecipeError

_ENDINGS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
_MARKS = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
# How a text is cut before the merges, by the file's tokenizer.ggml.pre.
_PATTERNS = {"llama-bpe": _ENDINGS + r"\p{N}{1,3}" + _MARKS, "qwen2": _ENDINGS + r"\p{N}" + _MARKS}


def tokenizer_of(base, folder=None):
    """The tokenizer in a folder of transformers, or else the one in the model's file."""
    if folder:
        return transformers.AutoTokenizer.from_pretrained(folder)
    kind, pre = base.key("tokenizer.ggml.model"), base.key("tokenizer.ggml.pre", "gpt-2")
    if kind != "gpt2" or pre not in {"gpt-2", "smollm", *_PATTERNS}:
        raise RecipeError(
            f"The tokenizer of {base.path} ({kind}, {pre}) is not read from the file. Give the folder "
            "of the model's own: --tokenizer FOLDER.")
    pieces = base.key("tokenizer.ggml.tokens")
    merges = [tuple(merge.split(" ")) for merge in base.key("tokenizer.ggml.merges")]
    made = tokenizers.Tokenizer(models.BPE({piece: id for id, piece in enumerate(pieces)}, merges))
    if pre in _PATTERNS:
        cut = pre_tokenizers.Split(tokenizers.Regex(_PATTERNS[pre]), "isolated")
        steps = [cut, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    else:
        digits = [pre_tokenizers.Digits(individual_digits=True)] if pre == "smollm" else []
        steps = [*digits, pre_tokenizers.ByteLevel(add_prefix_space=False)]
    made.pre_tokenizer = pre_tokenizers.Sequence(steps)
    made.decoder = decoders.ByteLevel()
    control = [piece for piece, kind in zip(pieces, base.key("tokenizer.ggml.token_type")) if kind == 3]
    made.add_special_tokens(control)
    end = pieces[base.key("tokenizer.ggml.eos_token_id")]
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token=end, extra_special_tokens=control,
        chat_template=base.key("tokenizer.chat_template", ""))


@dataclass
class Text:
    """Tokens, and for each whether it is to be predicted."""

    tokens: list
    learnt: list


def rows_of(path):
    """The rows of a file of JSON Lines, or of one list; .gz too."""
    opened = gzip.open if str(path).endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8") as file:
        whole = file.read()
    try:
        if whole.lstrip().startswith("["):
            return json.loads(whole)
        return [json.loads(line) for line in whole.splitlines() if line.strip()]
    except json.JSONDecodeError as problem:
        raise RecipeError(f"{path} is no JSON Lines: {problem}") from None


def messages_of(row):
    """The messages of a row, or None where it is no conversation."""
    turns = row.get("messages") or row.get("conversations")
    if turns:
        names = {"human": "user", "gpt": "assistant"}
        return [{"role": names.get(t.get("from"), t.get("from")), "content": t["value"]}
                if "from" in t else {"role": t["role"], "content": t["content"]} for t in turns]
    if "instruction" in row and "output" in row:
        request = "\n\n".join(filter(None, [row["instruction"], row.get("input")]))
        return [{"role": "user", "content": request}, {"role": "assistant", "content": row["output"]}]
    return None


def text_of(row, tokenizer, length):
    """The text of a row, at most `length` tokens; None where it teaches nothing."""
    def encode(string):
        return tokenizer.encode(string, add_special_tokens=False)

    def chat(messages, answering):
        return encode(tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=answering))

    messages = messages_of(row)
    if messages is None:
        tokens = encode(row["text"])[:length] if row.get("text") else []
        return Text(tokens, [False] + [True] * (len(tokens) - 1)) if len(tokens) > 1 else None
    if not tokenizer.chat_template:
        raise RecipeError("The model's file has no chat template: give --tokenizer FOLDER, or rows of text.")
    tokens = chat(messages, answering=False)
    learnt = [False] * len(tokens)
    control = set(tokenizer.all_special_ids)
    for index, message in enumerate(messages):
        if message["role"] == "assistant":
            begin = len(chat(messages[:index], answering=True))
            end = len(chat(messages[:index + 1], answering=False))
            last = next((i for i in range(begin, end) if tokens[i] in control), end - 1)
            learnt[begin:last + 1] = [True] * (last + 1 - begin)
    text = Text(tokens[:length], learnt[:length])
    return text if any(text.learnt) else None


def texts_of(paths, tokenizer, length, held_out, seed):
    """Texts to train on, and those that are kept for measuring: chosen by the prompt alone."""
    trained, kept = [], []
    for path in paths:
        for row in rows_of(path):
            text = text_of(row, tokenizer, length)
            if text:
                begin = text.learnt.index(True)
                prompt = text.tokens[:begin if begin > 1 else 32]
                digest = hashlib.sha256(f"{seed} {prompt}".encode()).digest()
                chance = int.from_bytes(digest[:8], "big") / 2**64
                (kept if chance < held_out else trained).append(text)
    if not trained:
        raise RecipeError(f"{', '.join(map(str, paths))}: no row has anything to learn.")
    return trained, kept or trained[:8]


def batch_of(texts, tokens=None, weights=None):
    """Rows of one length: `tokens` [texts, length], and `decides`, true where the next token is learnt.

    `tokens` takes the place of the texts' own, as noise does. A weight of 0 takes a text's part away.
    """
    length = max(len(text.tokens) for text in texts)
    rows = torch.zeros(len(texts), length, dtype=torch.long)
    decides = torch.zeros(len(texts), length, dtype=torch.bool)
    labels = torch.zeros(len(texts), length, dtype=torch.long)
    for index, text in enumerate(texts):
        count = len(text.tokens)
        rows[index, :count] = torch.tensor(tokens[index] if tokens else text.tokens)
        if weights is None or weights[index]:
            labels[index, :count - 1] = torch.tensor(text.tokens[1:])
            decides[index, :count - 1] = torch.tensor(text.learnt[1:])
    return {"tokens": rows, "decides": decides, "labels": labels}
