#!/usr/bin/env python3
"""Fathom beside llama.cpp and ik_llama.cpp: same machine, same threads, in turn.

Run by `make bench-peer`, which installs both in throw-away environments. Each contender reads the same file
and its own best four-bit file: Q4_1 for Fathom, Q4_0 for the others, which repack that. llama.cpp and
ik_llama.cpp run with and without flash attention; per test the faster of the two counts. A turn is one
warm-up and one measured run per contender, as llama-bench does it: no sampling beyond what an engine's own
loop needs. The last test is a chat answer as shipped: Fathom with its drafts, llama.cpp with its prompt
lookup and without, whichever is faster. Printed are medians and the medians of ratios within a turn;
--text FILE adds the perplexity of each file, as Fathom computes it. --markdown and --json write the same
and every sample to files. FATHOM_SIMD chooses Fathom's kernels.
"""

import argparse
import importlib.util
import json
import os
import signal
import statistics
import subprocess
import sys
import time

QUESTIONS = [
    "What is the capital of Australia, and what is it known for?",
    "Write a short story about a fox that finds a lamp.",
    "Explain in simple words why the sky is blue.",
]
CHAT_TOKENS = 128


# The peers, each in a process and an environment of its own: `bench_peer.py --serve ENGINE ...`.


def load(engine):
    """The C interface of an engine, with what differs between the two."""
    if engine == "ik":
        from ik_llama_cpp import _ctypes_api as api

        return api, api.llama_kv_cache_clear
    try:
        import ctypes

        import llama_cpp as api

        api.silence = api.llama_log_callback(lambda *_: None)  # must outlive its use
        api.llama_log_set(api.silence, ctypes.c_void_p(0))
    except ModuleNotFoundError:
        # The wheel of llama_oracle.py: minutes faster to have, built for AVX2.
        from llama_cpp_py_sync import _cffi_bindings
        from llama_oracle import LIBRARY

        ffi = _cffi_bindings.get_ffi()
        api = ffi.dlopen(str(LIBRARY))
        Peer.silence = ffi.callback("ggml_log_callback", lambda *_: None)
        api.llama_log_set(Peer.silence, ffi.NULL)
    return api, lambda context: api.llama_memory_clear(api.llama_get_memory(context), True)


def has_chat():
    """Whether llama.cpp is here with its Python loop for chats."""
    return importlib.util.find_spec("llama_cpp") is not None


class Peer:
    """An engine through its C interface, so that Python costs next to nothing."""

    def __init__(self, engine, path, threads, capacity, flash):
        self.api, self.clear = load(engine)
        api = self.api
        api.llama_backend_init()
        model = api.llama_model_default_params()
        params = api.llama_context_default_params()
        if engine == "ik":
            model.repack_tensors = True
            model.use_mmap = False
            params.flash_attn = flash
        else:
            params.flash_attn_type = 1 if flash else 0
        self.model = api.llama_model_load_from_file(path.encode(), model)
        if not self.model:
            sys.exit(f"{engine} cannot load {path}")
        params.n_ctx = capacity
        params.n_batch = params.n_ubatch = 512
        params.n_threads = params.n_threads_batch = threads
        self.context = api.llama_init_from_model(self.model, params)
        vocabulary = api.llama_model_get_vocab(self.model)
        self.count = api.llama_vocab_n_tokens(vocabulary)
        self.batch = api.llama_batch_init(512, 0, 1)

    def decode(self, tokens, first):
        """One pass over tokens from position `first` on, logits of the last."""
        self.batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            self.batch.token[i] = token
            self.batch.pos[i] = first + i
            self.batch.n_seq_id[i] = 1
            self.batch.seq_id[i][0] = 0
            self.batch.logits[i] = i == len(tokens) - 1
        if self.api.llama_decode(self.context, self.batch) != 0:
            sys.exit("llama_decode failed")
        # Logits are there once they are asked for.
        return self.api.llama_get_logits_ith(self.context, len(tokens) - 1)

    def read(self, first, count):
        for start in range(first, first + count, 512):
            end = min(start + 512, first + count)
            self.decode([(i * 7919 + 31) % self.count for i in range(start, end)], start)

    def run(self, prompt, generated, depth):
        """Seconds for a test."""
        self.clear(self.context)
        self.read(0, depth)
        begin = time.perf_counter()
        if prompt:
            self.read(depth, prompt)
        for i in range(generated):
            self.read(depth + prompt + i, 1)
        return time.perf_counter() - begin

    def rate(self, prompt, generated, depth):
        self.run(min(prompt, 32), min(generated, 8), 0)
        return (prompt + generated) / self.run(prompt, generated, depth)


def chat_rate(path, threads, drafts, flash):
    """Tokens per second of the answers to QUESTIONS by llama.cpp's own loop."""
    from llama_cpp import Llama
    from llama_cpp.llama_speculative import LlamaPromptLookupDecoding

    model = Llama(
        path, n_ctx=2048, n_threads=threads, n_threads_batch=threads, flash_attn=flash, verbose=False,
        draft_model=LlamaPromptLookupDecoding(num_pred_tokens=2) if drafts else None,
    )

    def answer(question):
        pieces = model.create_chat_completion(
            [{"role": "user", "content": question}], temperature=0, max_tokens=CHAT_TOKENS, stream=True
        )
        times = []
        for piece in pieces:
            if piece["choices"][0]["delta"].get("content"):
                times.append(time.perf_counter())
        return len(times) - 1, times[-1] - times[0]

    while True:
        answer(QUESTIONS[0])
        counts = [answer(question) for question in QUESTIONS]
        yield sum(count for count, _ in counts) / sum(seconds for _, seconds in counts)


def serve(engine, path, threads, capacity, flash, mode):
    """Answers requests on the standard input, one JSON line each, until it ends."""
    peer = chats = None
    if mode == "tests":
        peer = Peer(engine, path, threads, capacity, flash)
    else:
        chats = chat_rate(path, threads, mode == "lookup", flash)
    # What libraries print does not belong in the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        rate = peer.rate(*request) if peer else next(chats)
        print(json.dumps(rate), file=answers, flush=True)


class Contender:
    """A peer's process; None as a program stands for Fathom's own."""

    def __init__(self, arguments, engine, path, flash=True, mode="tests"):
        self.name = {"fathom": "Fathom", "llama": "llama.cpp", "ik": "ik_llama.cpp"}[engine]
        self.engine, self.path, self.arguments, self.mode = engine, path, arguments, mode
        self.process = None
        if engine != "fathom":
            python = arguments.ik if engine == "ik" else sys.executable
            command = [python, os.path.abspath(__file__), "--serve", engine, "--model", path]
            command += ["--threads", str(arguments.threads), "--mode", mode]
            command += ["--capacity", str(max(arguments.depth_list + [4096]) + 1024)]
            command += ["--flash"] if flash else []
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                stderr=subprocess.DEVNULL,
            )
            self.process.stdout.readline()  # it has loaded
            self.process.send_signal(signal.SIGSTOP)

    def rate(self, prompt, generated, depth):
        """Tokens per second of a test, or of chat answers."""
        if self.process:
            self.process.send_signal(signal.SIGCONT)
            self.process.stdin.write(json.dumps([prompt, generated, depth]) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
            if not line:
                sys.exit(f"{self.name} ended on {self.path}")
            # Threads that wait for work in a loop would slow down whose turn it is.
            self.process.send_signal(signal.SIGSTOP)
            return json.loads(line)
        if self.mode != "tests":
            return self.fathom_chat_rate()
        command = [self.arguments.fathom, "bench", "-m", self.path, "-r", "1", "-o", "json"]
        command += ["-t", str(self.arguments.threads), "-p", str(prompt), "-n", str(generated)]
        command += ["-d", str(depth)]
        row = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)[0]
        self.arguments.row = row
        return row["median_ts"]

    def fathom_chat_rate(self):
        count = seconds = 0
        for question in QUESTIONS:
            command = [self.arguments.fathom, "run", "--json", "-m", self.path, "-p", question]
            command += ["-n", str(CHAT_TOKENS), "-t", str(self.arguments.threads)]
            lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            timings = [json.loads(line) for line in lines.splitlines()][-1]["timings"]
            count += timings["predicted_n"]
            seconds += timings["predicted_ms"] / 1000
        return count / seconds

    def close(self):
        if self.process:
            self.process.send_signal(signal.SIGCONT)
            self.process.stdin.close()
            self.process.wait()


def tests(arguments):
    """(name, prompt tokens, generated tokens, depth) of each test."""
    for prompt in arguments.prompts.split(","):
        yield f"pp{prompt}", int(prompt), 0, 0
    for depth in arguments.depth_list:
        yield "tg128" if depth == 0 else f"tg128 @ d{depth}", 0, 128, depth


def measure(name, contenders, test, turns):
    """Every contender in turn; for each label the samples of its fastest form."""
    samples = [[] for _ in contenders]
    for _ in range(turns):
        for contender, rates in zip(contenders, samples):
            rates.append(contender.rate(*test))
    best = {}
    for contender, rates in zip(contenders, samples):
        label = f"{contender.name}, {os.path.basename(contender.path)}"
        if label not in best or statistics.median(rates) > statistics.median(best[label]):
            best[label] = rates
    ours = next(rates for label, rates in best.items() if label.startswith("Fathom"))
    results = {}
    for label, rates in best.items():
        ratios = [a / b for a, b in zip(ours, rates)]
        results[label] = {"ts": rates, "ratios": ratios}
        print(
            f"{name}: {label}: {statistics.median(rates):.1f} t/s, Fathom "
            f"{statistics.median(ratios):.2f} x", file=sys.stderr, flush=True,
        )
    return {"test": name, "contenders": results}


def perplexity(arguments, path):
    command = [arguments.fathom, "eval", "-m", path, "-f", arguments.text, "--chunks", "40", "-o", "json"]
    command += ["-t", str(arguments.threads)]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return f"{report[0]['ppl']:.2f} ± {report[0]['ppl_error']:.2f}"


def table(report):
    """The report as Markdown."""
    labels = list(report["tests"][0]["contenders"])
    lines = ["| test | " + " | ".join(f"{label} t/s" for label in labels) + " |"]
    lines.append("| --- |" + " ---: |" * len(labels))
    for test in report["tests"]:
        cells = []
        for label in labels:
            result = test["contenders"].get(label)
            if not result:
                cells.append("")
                continue
            cell = f"{statistics.median(result['ts']):.1f}"
            if not label.startswith("Fathom"):
                ratios = result["ratios"]
                cell += f" ({statistics.median(ratios):.2f} x, {min(ratios):.2f} … {max(ratios):.2f})"
            cells.append(cell)
        lines.append(f"| {test['test']} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "In brackets how many times as fast Fathom is: the median of the ratios within a turn, and their range.",
        "",
    ]
    for name, value in report["perplexity"].items():
        lines.append(f"- Perplexity of {name}: {value}")
    lines.append(
        f"- {report['cpu']}, {report['threads']} threads; Fathom {report['fathom']} ({report['simd']}); "
        f"llama.cpp: {report['llama']}; ik-llama-cpp-python "
        f"{report['ik_llama_cpp_python']}, repacked; {report['turns']} turns each, in turn."
    )
    return "\n".join(lines) + "\n"


def version(python, package):
    code = f"from importlib import metadata; print(metadata.version('{package}'))"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fathom", default=".build/release/fathom")
    parser.add_argument("--ik", help="the Python that has ik-llama-cpp-python")
    parser.add_argument("--model", required=True, help="the file that all read")
    parser.add_argument("--peer-model", help="the file that is best for the peers (Q4_0)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--prompts", default="512,4096")
    parser.add_argument("--depths", default="0,1024,4096")
    parser.add_argument("--text", help="a text whose perplexity with each file is printed")
    parser.add_argument("--json", help="also write the report with every sample to this file")
    parser.add_argument("--markdown", help="also write the table to this file")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--mode", default="tests", help=argparse.SUPPRESS)
    parser.add_argument("--flash", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--capacity", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(
            arguments.serve, arguments.model, arguments.threads, arguments.capacity, arguments.flash,
            arguments.mode,
        )
        return
    arguments.depth_list = [int(depth) for depth in arguments.depths.split(",") if depth]
    files = [arguments.model] + ([arguments.peer_model] if arguments.peer_model else [])

    report = {"tests": [], "perplexity": {}}
    contenders = [Contender(arguments, "fathom", arguments.model)]
    for path in files:
        for flash in (True, False):
            contenders.append(Contender(arguments, "llama", path, flash))
            if arguments.ik:
                contenders.append(Contender(arguments, "ik", path, flash))
    for name, *test in tests(arguments):
        report["tests"].append(measure(name, contenders, test, arguments.turns))
    for contender in contenders:
        contender.close()

    if has_chat():
        contenders = [Contender(arguments, "fathom", arguments.model, mode="chat")]
        for path in files:
            for mode in ("chat", "lookup"):
                contenders.append(Contender(arguments, "llama", path, True, mode))
        report["tests"].append(measure("chat, as shipped", contenders, (0, 0, 0), arguments.turns))
        for contender in contenders:
            contender.close()

    if arguments.text:
        for path in files:
            report["perplexity"][os.path.basename(path)] = perplexity(arguments, path)
    row = arguments.row
    report.update(
        {"cpu": row["cpu_info"], "threads": arguments.threads, "simd": row["simd"],
         "fathom": row["build_commit"], "turns": arguments.turns,
         "llama": "llama-cpp-python " + version(sys.executable, "llama-cpp-python")
         + " built for this machine" if has_chat()
         else "wheel xllamacpp " + version(sys.executable, "xllamacpp"),
         "ik_llama_cpp_python": version(arguments.ik, "ik-llama-cpp-python") if arguments.ik else "-"}
    )
    text = table(report)
    print(text, end="")
    for path, content in ((arguments.markdown, text), (arguments.json, json.dumps(report, indent=1))):
        if path:
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)


if __name__ == "__main__":
    main()
