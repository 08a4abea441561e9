"""Adapters of the recipes in the real program: its probabilities are those of PyTorch.

    make test-recipes                  or: python -m pytest recipes

A tiny random model is trained for a few steps by each recipe, at a rate that changes it much. The program
loads what was written and answers greedily; PyTorch reads the same tokens, with what it trained, and has to
give the twenty most probable tokens the same logarithms. FATHOM names the program, FATHOM_MODEL a
real model; without it the default model is taken, where it is there.
"""

import json
import os
import pathlib
import subprocess
import sys

import pytest

try:
    import gguf
    import numpy as np
    import peft  # noqa: F401
    import torch
    import transformers  # noqa: F401
except ImportError as missing:
    pytest.skip(f"{missing.name} is missing: pip install -r recipes/requirements.txt", allow_module_level=True)

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import course as courses
import duo
import exits
import heal
import lite
import msn
from fathom_adapters import Base
from passes import states, with_lora
from texts import Text, tokenizer_of

ROOT = pathlib.Path(__file__).parent.parent
PROGRAM = os.environ.get("FATHOM", ROOT / ".build/release/fathom")

# Mean differences of logarithms. Weights are float32 on both sides, but Fathom keeps keys and values in
# eight bits: that is what a plain model without adapter differs by (measured: 0.03 on the tiny one).
SAME = 0.06
# Q4_1 and Q8_0 weights: Fathom rounds activations to eight bits too, here they are float32.
ROUNDED = 0.15
# What training has to change at least, so that a test can tell: an adapter that is not loaded, or loaded
# in a wrong order of rows, is as far away as that.
CHANGED = 5 * SAME
# Without attention in between, the same products in another order.
EXACT = 0.02

# Beside other work one thread is faster than two that wait for each other.
torch.set_num_threads(1)

TEMPLATE = ("{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] "
            "+ '<|im_end|>\n'}}{% endfor %}{% if add_generation_prompt %}{{'<|im_start|>assistant\n'}}{% endif %}")
PROMPT = "The quick brown fox reads 42 books. It says"
ROWS = [{"instruction": f"Say {word} twice.", "input": "", "output": f"{word} and {word}, that is all of it."}
        for word in ("apple", "river", "stone", "cloud", "seven", "music", "paper", "light")]


def write_tiny(path, family="llama", seed=1, blocks=4, width=64, heads=4, kv=2, inner=96):
    """A random model of float32 whose blocks outweigh its embedding."""
    draw = np.random.default_rng(seed)
    alphabet = [chr(c) for c in (*range(33, 127), *range(161, 173), *range(174, 256), *range(256, 324))]
    merges = ["t h", "Ġ t", "i n", "Ġt h", "a n"]
    control = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    pieces = control + alphabet + [merge.replace(" ", "") for merge in merges]
    writer = gguf.GGUFWriter(path, family)
    writer.add_name(f"tiny {family}")
    writer.add_block_count(blocks)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv)
    writer.add_context_length(512)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(pieces))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm" if family == "llama" else "qwen2")
    writer.add_token_list(pieces)
    writer.add_token_types([3] * len(control) + [1] * (len(pieces) - len(control)))
    writer.add_token_merges(merges)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)

    def add(name, rows, columns=None, gain=1.0):
        shape = (rows,) if columns is None else (rows, columns)
        values = (draw.uniform(0.5, 1.5, shape) if columns is None and name.endswith("weight")
                  else draw.normal(0, gain / np.sqrt(columns or 10), shape))
        writer.add_tensor(name, values.astype(np.float32))

    add("token_embd.weight", len(pieces), width, 3)
    add("output_norm.weight", width)
    part = width // heads
    for block in range(blocks):
        place = f"blk.{block}."
        for name, rows, columns in (
                ("attn_q", width, width), ("attn_k", kv * part, width), ("attn_v", kv * part, width),
                ("attn_output", width, width), ("ffn_gate", inner, width), ("ffn_up", inner, width),
                ("ffn_down", width, inner)):
            add(place + name + ".weight", rows, columns)
            if family == "qwen2" and name in ("attn_q", "attn_k", "attn_v"):
                add(place + name + ".bias", rows)
        for name in ("attn_norm", "ffn_norm"):
            add(place + name + ".weight", width)
        if family == "qwen3":
            for name in ("attn_q_norm", "attn_k_norm"):
                add(place + name + ".weight", part)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_float32(source, path):
    """The file with its tensors dequantised: the same model in float32."""
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(path, reader.fields["general.architecture"].contents())
    for name, entry in reader.fields.items():
        if name.startswith("GGUF.") or name in ("general.architecture", "general.file_type"):
            continue
        kinds = entry.types
        writer.add_key_value(
            name, entry.contents(), kinds[0], sub_type=kinds[-1] if len(kinds) > 1 else None)
    for tensor in reader.tensors:
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        writer.add_tensor(tensor.name, np.ascontiguousarray(values, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def fathom(*words):
    """What the program says."""
    ran = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


class Answer:
    """What the program answers, token by token. Records before `first` are left out of comparisons."""

    def __init__(self, model, *options, first=0):
        read = subprocess.run([PROGRAM, "tokenize", "-m", model, "--json"], input=PROMPT, text=True,
                              capture_output=True, check=True)
        self.prompt = json.loads(read.stdout)["ids"]
        plain = [part for name in ("--adapter", "--draft-head", "--duo") if name not in options
                 for part in (name, "none")]
        lines = fathom("run", "-m", model, "--raw", "--json", "--top-logprobs", 20, "--draft", "off",
                       "-n", 12, "-p", PROMPT, *plain, *options)
        records = [record for record in map(json.loads, lines.splitlines()) if record["type"] == "token"]
        self.tokens = torch.tensor([self.prompt + [record["id"] for record in records]])
        # By the position behind which each token stands.
        self.records = list(enumerate(records, len(self.prompt) - 1))[first:]
        assert len(self.records) > 3

    def difference(self, logits):
        """The mean difference of logarithms: `logits` [positions, vocabulary] stand behind each token."""
        own = logits.float().log_softmax(-1)
        tops = [(place, top) for place, record in self.records for top in record["top_logprobs"]]
        return sum(abs(own[place, top["id"]].item() - top["logprob"]) for place, top in tops) / len(tops)


@torch.no_grad()
def logits(model, tokens, skipped=()):
    """PyTorch's logits behind each token, full depth."""
    *_, last = states(model, tokens, skipped)
    return model.lm_head(model.model.norm(last))[0]


def train(recipe, folder, model, *words, monkeypatch):
    """Runs a recipe in this process; answers the adapter and the trained values."""
    data, output = folder / "rows.jsonl", folder / f"{recipe.__name__}.gguf"
    data.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    monkeypatch.setattr(sys, "argv", [
        f"{recipe.__name__}.py", "--model", str(model), "--data", str(data), "-o", str(output), "--type",
        "F32", "--batch", "2", "--length", "64", "--held-out-limit", "2", "--license", "MIT", *words])
    recipe.main()
    state = torch.load(f"{output}.work/checkpoint.pt", weights_only=True)
    return output, state["values"]


def module_with(module, values):
    """The module with trained values, as it came out of the training."""
    unknown = module.load_state_dict(values, strict=False).unexpected_keys
    assert not unknown and values
    return module.eval()


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    return write_tiny(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


@pytest.fixture(scope="session")
def default():
    """The default model's file."""
    path = os.environ.get("FATHOM_MODEL") or subprocess.run(
        [PROGRAM, "show", "--path"], capture_output=True, text=True).stdout.strip()
    if not path or not os.path.exists(path):
        pytest.skip("the default model is not here: fathom pull")
    return path


@pytest.fixture(scope="session")
def default32(default, tmp_path_factory):
    """The default model dequantised."""
    return write_float32(default, tmp_path_factory.mktemp("default") / "default-F32.gguf")


@pytest.fixture(params=["tiny", "default32"])
def model(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("family", ["llama", "qwen2", "qwen3"])
def test_a_file_is_the_same_model_in_pytorch(family, tmp_path):
    path = write_tiny(tmp_path / "tiny.gguf", family)
    answer = Answer(path)
    assert answer.difference(logits(Base(path).load(), answer.tokens)) < SAME


def test_the_default_model_is_the_same_in_pytorch(default, default32):
    model = Base(default).load()
    same, rounded = Answer(default32), Answer(default)
    assert same.difference(logits(model, same.tokens)) < SAME
    assert rounded.difference(logits(model, rounded.tokens)) < ROUNDED


def test_texts_have_the_programs_tokens(default):
    text = "In 1984, it's \"naïve\":\n\n  x = 10**3 # 😀\n<|im_end|>  end"
    own = subprocess.run([PROGRAM, "tokenize", "-m", default, "--json"], input=text, capture_output=True,
                         text=True, check=True).stdout
    assert tokenizer_of(Base(default)).encode(text, add_special_tokens=False) == json.loads(own)["ids"]


@pytest.mark.parametrize("recipe, words, skipped", [
    (lite, ["--rank", "4"], ()), (msn, ["--clean-limit", "inf", "--paper"], ()),
    (heal, ["--prune-blocks", "1,2"], (1, 2))])
def test_a_lora_is_the_same_model_in_the_program(recipe, words, skipped, model, tmp_path, monkeypatch):
    adapter, values = train(recipe, tmp_path, model, "--steps", "3", "--rate", "0.02", *words,
                            monkeypatch=monkeypatch)
    base = Base(model)
    pruned = ["--prune-blocks", ",".join(map(str, skipped))] if skipped else []
    answer = Answer(model, "--adapter", adapter, *pruned)
    before = logits(base.load(), answer.tokens, skipped)
    rank = 4 if recipe is lite else 16
    own = with_lora(base.load(), rank, None, skipped)
    module_with(torch.nn.ModuleDict({"model": own}), values)
    assert answer.difference(logits(own, answer.tokens, skipped)) < SAME
    assert answer.difference(before) > CHANGED, "the training changed too little to tell"


@pytest.mark.parametrize("form", ["none", "linear", "lowrank:8", "mlp:32", "mlp:32+linear"])
def test_an_exit_says_the_same_in_the_program(form, tiny, tmp_path, monkeypatch):
    check_exit(form, tiny, 2, tmp_path, monkeypatch)


def test_an_exit_of_the_default_model_says_the_same_in_the_program(default32, tmp_path, monkeypatch):
    check_exit("mlp:64+linear", default32, 20, tmp_path, monkeypatch)


def check_exit(form, model, depth, tmp_path, monkeypatch):
    # A norm alone has to move far to be seen.
    rate = "0.3" if form == "none" else "0.02"
    adapter, values = train(exits, tmp_path, model, "--steps", "4", "--rate", rate, "--exits", str(depth),
                            "--module", form, "--shortlist", "64", monkeypatch=monkeypatch)
    # Full depth decides the first token of an answer.
    answer = Answer(model, "--adapter", adapter, "--exit-policy", f"fixed {depth}", "--mode", "approximate",
                    first=1)
    module = module_with(exits.Exits(Base(model).load(), {depth: form}), values)
    with torch.no_grad():
        stream = list(states(module.model, answer.tokens))[depth - 1][0]
        own = module.model.lm_head(module.exits[0](stream)[0])
        lens = module.model.lm_head(module.model.model.norm(stream))
    assert all(set(record["depth"][depth:]) == {"."} for _, record in answer.records)
    assert answer.difference(own) < SAME
    assert answer.difference(lens) > CHANGED, "the training changed too little to tell"


def test_a_gate_says_the_same_in_the_program(tiny, tmp_path, monkeypatch):
    adapter, values = train(exits, tmp_path, tiny, "--steps", "6", "--rate", "0.02", "--exits", "2",
                            "--module", "mlp:32", monkeypatch=monkeypatch)
    answer = Answer(tiny, "--adapter", adapter, "--exit-policy", "top1 0.001 at 2 gate 0.0001", "--mode",
                    "approximate", first=1)
    module = module_with(exits.Exits(Base(tiny).load(), {2: "mlp:32"}), values)
    with torch.no_grad():
        gates = module.exits[0](list(states(module.model, answer.tokens))[1][0])[1].sigmoid()
    said = [(gates[place].item(), gate["value"]) for place, record in answer.records
            for gate in record["exit"]["gates"]]
    assert said and max(abs(own - other) for own, other in said) < EXACT
    assert max(other for _, other in said) - min(other for _, other in said) > 3 * EXACT


def test_exits_of_lite_say_the_same_in_the_program(tiny, tmp_path, monkeypatch):
    adapter, values = train(lite, tmp_path, tiny, "--steps", "3", "--rate", "0.02", "--exits", "2,3",
                            monkeypatch=monkeypatch)
    answer = Answer(tiny, "--adapter", adapter, "--exit-policy", "fixed 2", "--mode", "approximate", first=1)
    own = with_lora(Base(tiny).load(), 16, None)
    module_with(torch.nn.ModuleDict({"model": own}), values)
    with torch.no_grad():
        stream = list(states(own, answer.tokens))[1]
        assert answer.difference(own.lm_head(own.model.norm(stream))[0]) < SAME


@pytest.mark.parametrize("budget", ["0%", "50%"])
def test_small_feed_forwards_say_the_same_in_the_program(budget, model, tmp_path, monkeypatch):
    adapter, values = train(duo, tmp_path, model, "--steps", "6", "--router-steps", "3", "--inner", "32",
                            "--rate", "0.005", "--router-rate", "0.02", monkeypatch=monkeypatch)
    answer = Answer(model, "--duo", adapter, "--budget", budget, first=1)
    module = module_with(duo.DuoModel(Base(model).load(), 32), values)
    rows = len(answer.prompt)
    small, routed = torch.zeros(2, answer.tokens.shape[1], len(module.parts), dtype=torch.bool)
    for place, record in answer.records:
        small[place] = torch.tensor([mark == "s" for mark in record["depth"]])
    assert small[rows:-1].any() and (budget == "0%") == bool(small[rows:-1].all())
    for index, part in enumerate(module.parts):
        part.choice = ("mask", small[None, :, index])
    assert answer.difference(logits(module.model, answer.tokens)) < SAME
    assert answer.difference(logits(Base(model).load(), answer.tokens)) > CHANGED
    # What the routers said on the way that the program went.
    scores = {}
    for index, part in enumerate(module.parts):
        part.big.register_forward_pre_hook(
            lambda _, x, index=index, part=part: scores.update({index: part.score(x[0])[0]}))
    logits(module.model, answer.tokens)
    said = [(scores[index][place].item(), score) for place, record in answer.records
            for index, score in enumerate(record["exit"]["scores"])]
    assert said and sum(abs(own - other) for own, other in said) / len(said) < EXACT
    assert max(own for own, _ in said) - min(own for own, _ in said) > 5 * EXACT


@pytest.mark.parametrize("recipe, words", [
    (lite, []), (msn, ["--clean-every", "1", "--clean-limit", "inf"]), (heal, ["--prune-blocks", "1"]),
    (exits, ["--exits", "2", "--module", "mlp:32"]), (duo, ["--inner", "32", "--router-steps", "2"])])
def test_a_stopped_training_goes_on_where_it_was(recipe, words, tiny, tmp_path, monkeypatch):
    words = ["--steps", "4", "--rate", "0.02", "--save-every", "2", "--accumulate", "2", *words]
    (tmp_path / "whole").mkdir()
    (tmp_path / "parts").mkdir()
    whole, _ = train(recipe, tmp_path / "whole", tiny, *words, monkeypatch=monkeypatch)
    save, data = courses.Course.save, tmp_path / "parts"

    def stop(course):
        save(course)
        raise InterruptedError

    with monkeypatch.context() as patch:
        patch.setattr(courses.Course, "save", stop)
        with pytest.raises(InterruptedError):
            train(recipe, data, tiny, *words, monkeypatch=patch)
    # The checkpoint knows its texts by name.
    state = torch.load(data / f"{recipe.__name__}.gguf.work/checkpoint.pt", weights_only=True)
    assert state["step"] == 2
    parts, _ = train(recipe, data, tiny, *words, monkeypatch=monkeypatch)
    first, second = (
        {tensor.name: np.array(tensor.data) for tensor in gguf.GGUFReader(path).tensors}
        for path in (whole, parts))
    assert first.keys() == second.keys()
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_noise_stays_in_answers_and_comes_from_before():
    text = Text(list(range(100, 140)), [False] * 10 + [True] * 30)
    changed = 0
    for number in range(200):
        noisy = msn.Noise((1, 5), 0.5, seed=3)(text, number)
        places = [place for place, (old, new) in enumerate(zip(text.tokens, noisy)) if old != new]
        changed += bool(places)
        assert len(places) <= 5 and all(10 <= place < 39 for place in places)
        assert all(noisy[place] in text.tokens[:place] for place in places)
        assert not places or places == list(range(places[0], places[-1] + 1))
    assert 60 < changed < 140


def test_a_file_of_another_family_is_refused(tmp_path):
    path = tmp_path / "other.gguf"
    writer = gguf.GGUFWriter(path, "gemma3")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(SystemExit, match="gemma3"):
        Base(path)
