"""Cuts texts into words with the pre-tokenizers' own regular expressions.

Reads tokenizer.jsonl beside it and writes words.jsonl: one object a line, the text and its words for
each name. Needs the package `regex`, which knows Unicode categories.
"""

import json
import pathlib

import regex

CONTRACTIONS = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (
    CONTRACTIONS
    + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,DIGITS}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# Words of capitals and then small letters, marks with either, and what follows them.
CAPITALS, SMALL = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
CASED = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{CAPITALS}*{SMALL}+AFTER|[^\r\n\p{{L}}\p{{N}}]?{CAPITALS}+{SMALL}*AFTER"
    r"|\p{N}{1,DIGITS}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
PASSES = {
    "gpt-2": [GPT2],
    "smollm": [r"\p{N}", GPT2],
    "llama-bpe": [LLAMA3.replace("DIGITS", "3")],
    "qwen2": [LLAMA3.replace("{1,DIGITS}", "")],
    "gpt-4o": [CASED.replace("AFTER", CONTRACTIONS + "?").replace("DIGITS", "3")],
    "tekken": [CASED.replace("AFTER", "").replace("{1,DIGITS}", "")],
    "minicpm5": [r"\p{N}{1,3}", LLAMA3.replace("{1,DIGITS}", "+")],
    "falcon": [r"[\p{P}\$\+<=>\^~\|`]+", GPT2, r"[0-9][0-9][0-9]"],
    "default": [r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", r"[0-9][0-9][0-9]"],
}
EXTRA = [
    "I'M sure it'S WE'LL 'Tis they'Re 'x 'r 've'",
    "  two\n\n three \r\n\r\n  four   \n",
    "12345678 \u0661\u0662\u0663\u0664\u0665 \u216b \u00bd\u00b2",
    "a\u0085b\u00a0c\u2003d\u200be\u3000f",
    "!!!\n\n\nabc ...\r\nx",
    "\t\tfoo\t bar \t",
    "don't ''s 's",
    "x\u0301y \u0301z",
    "  ",
    " ",
    "\n",
    "\r\n",
    "1a2b3 ",
    "$100+20=<5>|~^`",
    "tabs\tand\x0bvt\x0cff",
    "HelloWorld iPhone's HTTPServer's ABCdefGHI don'T WE'LLgo",
    "na\u00efve \u00c9COLE \u00c9cole \u01c5ep \u02b0x \u00aa\u00ba",
    "cafe\u0301s \u0301a A\u0301B \u0928\u092e\u0938\u094d\u0924\u0947 \u0645\u064f\u062d",
    "\u4f60\u597dWorld\u4e16\u754cabc \u3053\u3093\u306b\u3061\u306f \ud55c\uad6d\uc5b4's",
    "http://a.b/c/d//\n/etc/ \n\n//x",
    "\u0391\u03b2\u0393 \u0434\u0416\u0438 \u1e9e\u00df \U0001d400\U0001d41a",
]


def words(text, expressions):
    pieces = [text]
    for expression in expressions:
        finer = []
        for piece in pieces:
            end = 0
            for match in regex.finditer(expression, piece):
                finer += [piece[end : match.start()], match.group()]
                end = match.end()
            finer.append(piece[end:])
        pieces = [piece for piece in finer if piece]
    return pieces


here = pathlib.Path(__file__).parent
texts = [json.loads(line)["text"] for line in (here / "tokenizer.jsonl").open()] + EXTRA
with (here / "words.jsonl").open("w") as out:
    for text in texts:
        row = {"text": text, "words": {name: words(text, p) for name, p in PASSES.items()}}
        out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
