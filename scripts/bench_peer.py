#!/usr/bin/env python3
"""Fathom against llama.cpp on the same file, the same machine, the same number of threads.

Run by `make bench-peer`, which installs llama-cpp-python (built for this machine) in a throw-away
environment. The two take turns (A B A B); each turn is one warm-up and one measured run per test,
as llama-bench does it: no sampling on either side beyond what the engine's own loop needs. Printed
are medians and the median of the ratios of neighbouring turns, as Markdown; --markdown FILE and
--json FILE write the same and every sample to files. FATHOM_SIMD chooses Fathom's kernels;
llama.cpp always uses what its build found on the machine.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

import llama_cpp


def tests(depths):
    """(name, prompt tokens, generated tokens, depth) of each test."""
    yield "pp512", 512, 0, 0
    for depth in depths:
        yield "tg128" if depth == 0 else f"tg128 @ d{depth}", 0, 128, depth


class Peer:
    """llama.cpp through its C interface, so that Python costs next to nothing."""

    def __init__(self, path, threads, capacity):
        # The callback must outlive the library's use of it.
        self.silence = llama_cpp.llama_log_callback(lambda *_: None)
        llama_cpp.llama_log_set(self.silence, None)
        llama_cpp.llama_backend_init()
        self.model = llama_cpp.llama_model_load_from_file(
            path.encode(), llama_cpp.llama_model_default_params()
        )
        if not self.model:
            sys.exit(f"llama.cpp cannot load {path}")
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = capacity
        params.n_batch = 512
        params.n_ubatch = 512
        params.n_threads = threads
        params.n_threads_batch = threads
        self.context = llama_cpp.llama_init_from_model(self.model, params)
        self.vocabulary = llama_cpp.llama_vocab_n_tokens(
            llama_cpp.llama_model_get_vocab(self.model)
        )
        self.batch = llama_cpp.llama_batch_init(512, 0, 1)

    def decode(self, first, count):
        """One pass over `count` tokens from position `first` on, logits of the last."""
        self.batch.n_tokens = count
        for i in range(count):
            self.batch.token[i] = ((first + i) * 7919 + 31) % self.vocabulary
            self.batch.pos[i] = first + i
            self.batch.n_seq_id[i] = 1
            self.batch.seq_id[i][0] = 0
            self.batch.logits[i] = i == count - 1
        if llama_cpp.llama_decode(self.context, self.batch) != 0:
            sys.exit("llama_decode failed")
        llama_cpp.llama_synchronize(self.context)

    def read(self, first, count):
        for start in range(first, first + count, 512):
            self.decode(start, min(512, first + count - start))

    def run(self, prompt, generated, depth):
        """Seconds for a test."""
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self.context), True)
        self.read(0, depth)
        begin = time.perf_counter()
        if prompt:
            self.read(depth, prompt)
        for i in range(generated):
            self.decode(depth + prompt + i, 1)
        return time.perf_counter() - begin

    def rate(self, prompt, generated, depth):
        self.run(min(prompt, 32), min(generated, 8), 0)
        return (prompt + generated) / self.run(prompt, generated, depth)


def ours(binary, model, threads, prompt, generated, depth):
    """Tokens per second as `fathom bench` measures them."""
    command = [binary, "bench", "-m", model, "-t", str(threads), "-r", "1", "-o", "json"]
    command += ["-p", str(prompt), "-n", str(generated), "-d", str(depth)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)[0]


def table(report):
    """The report as Markdown."""
    lines = [
        "| test | Fathom t/s | llama.cpp t/s | ratio (median) | min … max |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for test in report["tests"]:
        ratios = test["ratios"]
        lines.append(
            f"| {test['test']} | {statistics.median(test['fathom_ts']):.1f} "
            f"| {statistics.median(test['llama_cpp_ts']):.1f} "
            f"| {statistics.median(ratios):.2f} | {min(ratios):.2f} … {max(ratios):.2f} |"
        )
    lines += [
        "",
        f"{report['cpu']}, {report['threads']} threads; {report['model']}; Fathom "
        f"{report['fathom']} ({report['simd']}); llama-cpp-python {report['llama_cpp_python']} "
        f"built for this machine ({report['llama_cpp_simd']}); {report['turns']} turns each, in turn.",
    ]
    return "\n".join(lines) + "\n"


def peer_simd():
    """The instruction sets that llama.cpp says it uses, of those that matter here."""
    info = llama_cpp.llama_print_system_info().decode()
    found = [part.split("=")[0].split(":")[-1].strip() for part in info.split("|") if "= 1" in part]
    wanted = ("AVX2", "AVX_VNNI", "AVX512", "AVX512_VNNI", "NEON", "DOTPROD", "MATMUL_INT8")
    return " ".join(name for name in wanted if name in found) or "?"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fathom", default=".build/release/fathom")
    parser.add_argument("--model", required=True)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--depths", default="0,1024,4096")
    parser.add_argument("--json", help="also write the report with every sample to this file")
    parser.add_argument("--markdown", help="also write the table to this file")
    arguments = parser.parse_args()
    depths = [int(depth) for depth in arguments.depths.split(",")]
    peer = Peer(arguments.model, arguments.threads, max(depths) + 1024)
    report = {"tests": []}
    for name, prompt, generated, depth in tests(depths):
        a, b, row = [], [], None
        for _ in range(arguments.turns):
            row = ours(
                arguments.fathom, arguments.model, arguments.threads, prompt, generated, depth
            )
            a.append(row["median_ts"])
            b.append(peer.rate(prompt, generated, depth))
        ratios = [x / y for x, y in zip(a, b)]
        report["tests"].append(
            {"test": name, "fathom_ts": a, "llama_cpp_ts": b, "ratios": ratios,
             "ratio": statistics.median(ratios)}
        )
        report.update(
            {"cpu": row["cpu_info"], "threads": arguments.threads, "simd": row["simd"],
             "model": row["model_filename"], "fathom": row["build_commit"],
             "turns": arguments.turns, "llama_cpp_python": llama_cpp.__version__,
             "llama_cpp_simd": peer_simd()}
        )
        print(f"{name}: {statistics.median(ratios):.2f} x", file=sys.stderr)
    text = table(report)
    print(text, end="")
    if arguments.markdown:
        with open(arguments.markdown, "w", encoding="utf-8") as file:
            file.write(text)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)


if __name__ == "__main__":
    main()
