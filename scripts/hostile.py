#!/usr/bin/env python3
"""Does to the program what machines and people do: kills it at random moments, fills its disk, makes writing
fail, stops it, takes memory, descriptors and stack away; and looks what is left.

    scripts/hostile.py [--program .build/release/fathom] [--kills 5] [--only WORD] [--pull]

Prints PASS or FAIL, a line for each kind; the exit code is 1 where something failed. Needs a C compiler for the
shim that lets writes fail, and root for small and read-only disks; what cannot be tried is said. --pull also kills
`fathom pull`, which fetches the default model each time.
"""
import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import pty
import random
import resource
import select
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import termios
import time

# How a program ends that crashed: SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV.
CRASHES = {128 + n for n in (4, 5, 6, 7, 8, 11)} | {-n for n in (4, 5, 6, 7, 8, 11)}
FOREIGN = ["ErrorDomain", "Optional(", "Fatal error", "Swift.", "The operation could not be completed"]

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <sys/types.h>
#include <sys/uio.h>
// Writing below $HOSTILE_FOLDER fails after $HOSTILE_BYTES; the clock of the day goes $HOSTILE_CLOCK seconds wrong.
static long left = -1;
static int is_hostile(int fd) {
  const char *folder = getenv("HOSTILE_FOLDER");
  if (!folder) return 0;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0) return 0;
  path[n] = 0;
  return strncmp(path, folder, strlen(folder)) == 0;
}
static int fails(int fd, size_t count) {
  if (!is_hostile(fd)) return 0;
  if (left < 0) left = atol(getenv("HOSTILE_BYTES") ? getenv("HOSTILE_BYTES") : "0");
  left -= (long)count;
  if (left >= 0) return 0;
  left = 0;
  errno = EIO;
  return 1;
}
ssize_t write(int fd, const void *p, size_t n) {
  static ssize_t (*real)(int, const void *, size_t);
  if (!real) real = dlsym(RTLD_NEXT, "write");
  return fails(fd, n) ? -1 : real(fd, p, n);
}
ssize_t pwrite64(int fd, const void *p, size_t n, off_t o) {
  static ssize_t (*real)(int, const void *, size_t, off_t);
  if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
  return fails(fd, n) ? -1 : real(fd, p, n, o);
}
int fsync(int fd) {
  static int (*real)(int);
  if (!real) real = dlsym(RTLD_NEXT, "fsync");
  return fails(fd, 0) && left == 0 ? -1 : real(fd);
}
int clock_gettime(clockid_t clock, struct timespec *t) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(clock, t);
  const char *shift = getenv("HOSTILE_CLOCK");
  if (shift && clock == CLOCK_REALTIME && result == 0) {
    // It goes wrong after two seconds, while the program runs.
    static time_t begin;
    if (!begin) begin = t->tv_sec;
    if (t->tv_sec - begin >= 2) t->tv_sec += atol(shift);
  }
  return result;
}
"""


class Run:
    """What a run left."""

    def __init__(self, status, output, errors):
        self.status, self.output, self.errors = status, output, errors

    def trouble(self):
        """What no run may have; None where there is nothing."""
        if self.status in CRASHES:
            return f"crashed ({self.status}): {self.errors[-300:]}"
        word = next((w for w in FOREIGN if w in self.errors), None)
        return word and f"says {word}: {self.errors[-300:]}"


class Bench:
    """The program, a model, and a place to work in."""

    def __init__(self, program, folder):
        self.program = os.path.abspath(program)
        self.folder = folder
        self.model = self.call(["show", "--path"], home=False).output.strip()
        self.failures = 0

    def environment(self, home=True, **more):
        variables = dict(os.environ, **more)
        if home:
            for name in ("DATA", "STATE", "CONFIG"):
                variables[f"XDG_{name}_HOME"] = self.path("home")
        return variables

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, arguments, text="", home=True, limits=None, **more):
        with open(self.path("input"), "w") as file:
            file.write(text)
        return subprocess.Popen(
            [self.program] + arguments, stdin=open(self.path("input")), cwd=self.folder,
            stdout=open(self.path("output"), "wb"), stderr=open(self.path("errors"), "wb"),
            env=self.environment(home, **more), preexec_fn=limits)

    def left(self, process):
        def text(name):
            with open(self.path(name), "rb") as file:
                return file.read().decode("utf-8", "replace")
        return Run(process.returncode, text("output"), text("errors"))

    def call(self, arguments, text="", home=True, limits=None, timeout=300, **more):
        process = self.start(arguments, text, home, limits, **more)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return Run(124, "", f"still running after {timeout} s")
        return self.left(process)

    def say(self, name, trouble, note=""):
        if trouble:
            self.failures += 1
        words = trouble or note
        print(("FAIL " if trouble else "PASS ") + name + (f": {words}" if words else ""), flush=True)

    def clear(self, *keep):
        for name in os.listdir(self.folder):
            if name in keep:
                continue
            path = self.path(name)
            shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.remove(path)


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def whole_lines(path):
    """The JSON objects of a file, every line of which must be one."""
    with open(path, "rb") as file:
        data = file.read()
    if data and not data.endswith(b"\n"):
        raise ValueError(f"{os.path.basename(path)} ends within a line")
    return [json.loads(line) for line in data.splitlines()]


# Kills. Each kind: arguments, input, what must hold after a kill, and what must hold at the end.


class Kind:
    text = ""
    keep = ()

    def __init__(self, bench):
        self.bench = bench

    def prepare(self):
        pass

    def after_kill(self, run):
        pass

    def result(self):
        """What an undisturbed run leaves, to be compared."""
        return None

    def resume(self):
        return self.bench.call(self.arguments, self.text)


class Save(Kind):
    name = "/save"
    resumes = False

    @property
    def arguments(self):
        return ["chat", "--plain", "-m", self.bench.model, "-n", "12", "--temp", "0"]

    text = "".join(f"Say the word {n}.\n/save {'' if n == 1 else '--force '}talk.jsonl\n" for n in range(1, 7)) + "/quit\n"

    def after_kill(self, run):
        path = self.bench.path("talk.jsonl")
        if "Saved " in run.output and not os.path.exists(path):
            raise ValueError("a save was acknowledged and is not there")
        if os.path.exists(path):
            records = whole_lines(path)
            said = [int(line.split()[1]) for line in run.output.splitlines() if line.startswith("Saved ")]
            if said and len(records) < said[-1]:
                raise ValueError(f"{said[-1]} records were acknowledged, {len(records)} are there")
        database = self.bench.path("home/fathom/sessions.sqlite")
        if os.path.exists(database):
            with contextlib.closing(sqlite3.connect(database)) as connection:
                answer = connection.execute("PRAGMA integrity_check").fetchone()
            if answer != ("ok",):
                raise ValueError(f"integrity_check: {answer}")


class Prune(Kind):
    name = "prune"
    keep = ("text.txt",)

    def prepare(self):
        with open(self.bench.path("text.txt"), "w") as file:
            file.write("The sea was calm, and the keeper of the lighthouse looked at the stars. " * 60)

    @property
    def arguments(self):
        return ["prune", "-m", self.bench.model, "--calibration", "text.txt", "--sequences", "2", "--length", "64",
                "--blocks", "3", "-o", "manifest.json"]

    def after_kill(self, run):
        if os.path.exists(self.bench.path("manifest.json")):
            with open(self.bench.path("manifest.json")) as file:
                json.load(file)

    def result(self):
        with open(self.bench.path("manifest.json")) as file:
            return json.load(file)["steps"]


class Answers(Kind):
    name = "tune answers"
    keep = ("prompts.jsonl",)

    def prepare(self):
        with open(self.bench.path("prompts.jsonl"), "w") as file:
            for number in range(24):
                file.write(json.dumps({"prompt": f"Tell me about the number {number}."}) + "\n")

    @property
    def arguments(self):
        return ["tune", "answers", "-m", self.bench.model, "--data", "prompts.jsonl", "-o", "own.jsonl", "-n", "12"]

    def result(self):
        return sorted(json.dumps(row) for row in whole_lines(self.bench.path("own.jsonl")))

    def resume(self):
        return self.bench.call(self.arguments)


class Exits(Answers):
    name = "tune exits"
    keep = ("own.jsonl",)

    def prepare(self):
        Answers.prepare(self)
        self.bench.call(Answers(self.bench).arguments)

    @property
    def arguments(self):
        return ["tune", "exits", "-m", self.bench.model, "--data", "own.jsonl", "--work", "work", "-o", "exits.gguf",
                "--exits", "20", "--module", "lowrank:4", "--shortlist", "64", "--draws", "16", "--batch", "256",
                "--steps", "8"]

    def after_kill(self, run):
        if os.path.exists(self.bench.path("exits.gguf")):
            shown = self.bench.call(["show", "exits.gguf"])
            if shown.status != 0:
                raise ValueError(f"half an adapter: {shown.errors}")

    def result(self):
        return digest(self.bench.path("exits.gguf"))

    def resume(self):
        # The adapter holds the command that made it, so this has to be the same.
        done = os.path.exists(self.bench.path("exits.gguf"))
        return Run(0, "", "") if done else self.bench.call(self.arguments)


class Calibrate(Exits):
    name = "calibrate"
    keep = ("own.jsonl",)

    @property
    def arguments(self):
        return ["calibrate", "-m", self.bench.model, "--adapter", "none", "--exits", "20,25", "--data", "own.jsonl",
                "--answered", "--risk", "0.5", "--timed", "0", "-o", "certificate.json"]

    def after_kill(self, run):
        if os.path.exists(self.bench.path("certificate.json")):
            with open(self.bench.path("certificate.json")) as file:
                json.load(file)

    def result(self):
        with open(self.bench.path("certificate.json")) as file:
            return json.load(file)

    def resume(self):
        return self.bench.call(self.arguments + ["--force"])


class Export(Kind):
    name = "export"

    @property
    def arguments(self):
        return ["export", "-m", self.bench.model, "--prune-blocks", "3-5", "-o", "small.gguf"]

    def after_kill(self, run):
        if os.path.exists(self.bench.path("small.gguf")):
            shown = self.bench.call(["show", "small.gguf"])
            if shown.status != 0:
                raise ValueError(f"half a model: {shown.errors}")

    def result(self):
        return digest(self.bench.path("small.gguf"))

    def resume(self):
        return self.bench.call(self.arguments + ["--force"])


class Pull(Kind):
    name = "pull"
    arguments = ["pull"]

    def after_kill(self, run):
        folder = self.bench.path("home/fathom/models")
        names = os.listdir(folder) if os.path.isdir(folder) else []
        for name in names:
            if not name.startswith(".") and digest(os.path.join(folder, name)) != digest(self.bench.model):
                raise ValueError(f"{name} is not the model")

    def result(self):
        folder = self.bench.path("home/fathom/models")
        return {name: digest(os.path.join(folder, name)) for name in os.listdir(folder)}


def kills(bench, kind, rounds, generator):
    """Kills a command at random moments of its run; then it goes on to the same end."""
    bench.clear()
    kind = kind(bench)
    kind.prepare()
    begin = time.monotonic()
    whole = bench.call(kind.arguments, kind.text)
    span = time.monotonic() - begin
    if whole.status != 0:
        return bench.say(f"kill -9 in {kind.name}", f"the undisturbed run ends with {whole.status}: {whole.errors[-300:]}")
    expected = kind.result()
    killed = 0
    for number in range(rounds):
        bench.clear(*kind.keep)
        # Some are killed more than once before they come to their end.
        for _ in range(1 + number % 2):
            process = bench.start(kind.arguments, kind.text)
            try:
                process.wait(generator.uniform(0, span))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                killed += 1
            process.wait()
            try:
                kind.after_kill(bench.left(process))
            except (ValueError, json.JSONDecodeError) as error:
                return bench.say(f"kill -9 in {kind.name}", f"round {number}: {error}")
            if getattr(kind, "resumes", True) is False:
                break
        if expected is None:
            continue
        last = kind.resume()
        trouble = last.trouble() or (last.status != 0 and f"the last run ends with {last.status}: {last.errors[-300:]}")
        if not trouble and kind.result() != expected:
            trouble = "what came of it is not what an undisturbed run leaves"
        if trouble:
            return bench.say(f"kill -9 in {kind.name}", f"round {number}: {trouble}")
    bench.say(f"kill -9 in {kind.name}", None, f"{killed} kills in {rounds} rounds")


# Disks, limits, signals, clocks.


@contextlib.contextmanager
def mounted(bench, options):
    """A small disk; yields its path, or None where it cannot be had."""
    path = bench.path("disk")
    os.makedirs(path, exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", path], capture_output=True)
    if done.returncode != 0:
        yield None
        return
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", path], check=False)


def writers(bench, folder):
    """Commands that write into `folder`, with what they are told."""
    model = bench.model
    record = bench.path("talk.jsonl")
    return [
        (["export", "-m", model, "--prune-blocks", "3", "-o", f"{folder}/small.gguf"], ""),
        (["prune", "-m", model, "--calibration", bench.path("text.txt"), "--sequences", "2", "--length", "64",
          "--blocks", "1", "-o", f"{folder}/m.json"], ""),
        (["replay", "--svg", f"{folder}/picture.svg", record], ""),
        (["bench", "-m", model, "-p", "8", "-n", "0", "-r", "1", "--json", f"{folder}/b.json"], ""),
        (["tune", "answers", "-m", model, "--data", bench.path("prompts.jsonl"), "-o", f"{folder}/own.jsonl", "-n", "4",
          "--limit", "3"], ""),
        (["chat", "--plain", "-m", model, "-n", "4"], f"hi\n/save {folder}/s.jsonl\n/quit\n"),
    ]


def prepare_writers(bench):
    bench.clear()
    Prune(bench).prepare()
    Answers(bench).prepare()
    bench.call(["chat", "--plain", "-m", bench.model, "-n", "4"], "hi\n/save talk.jsonl\n/quit\n")


def refusals(bench, name, folder, words, **more):
    """Every command that cannot write there says so, with a remedy, and does not crash."""
    for arguments, text in writers(bench, folder):
        run = bench.call(arguments, text, **more)
        said = run.errors + run.output
        trouble = run.trouble()
        if not trouble and arguments[0] != "chat" and run.status == 0:
            trouble = "ends with 0"
        if not trouble and not any(word in said for word in words):
            trouble = f"says nothing of it: {said[-300:]!r}"
        if not trouble and not any(word in said for word in ("Free some space", "Name a", "Check", "Name another")):
            trouble = f"names no remedy: {said[-300:]!r}"
        if trouble:
            return bench.say(f"{name}: {arguments[0]}", trouble)
    bench.say(name, None, "export, prune, replay --svg, bench --json, tune answers, /save")


def disks(bench):
    prepare_writers(bench)
    with mounted(bench, "size=4k") as disk:
        if disk:
            with open(disk + "/ballast", "wb") as file:
                with contextlib.suppress(OSError):
                    file.write(b"x" * 65536)
            refusals(bench, "full disk", disk, ["No space left"])
            run = bench.call(["chat", "--plain", "-m", bench.model, "-n", "4"], "hi\n/quit\n", home=False,
                             XDG_DATA_HOME=disk, XDG_STATE_HOME=disk)
            said = run.errors + run.output
            lacks = "free some space" not in said.lower() and f"no word of it: {said[-300:]!r}"
            bench.say("full disk: the conversation goes on and says that it is not kept", run.trouble() or lacks)
        else:
            print("SKIP small disks: they need root")
    with mounted(bench, "ro") as disk:
        if disk:
            refusals(bench, "read-only disk", disk, ["Read-only file system"])
    shim = bench.path("shim.so")
    done = subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", shim, "-x", "c", "-", "-ldl"], input=SHIM.encode())
    if done.returncode != 0:
        print("SKIP writes that fail and a wrong clock: there is no C compiler")
        return
    os.makedirs(bench.path("bad"), exist_ok=True)
    refusals(bench, "input/output error", bench.path("bad"), ["Input/output error"], LD_PRELOAD=shim,
             HOSTILE_FOLDER=bench.path("bad"))
    for shift in (-7 * 86400, 30 * 365 * 86400):
        run = bench.call(["chat", "--plain", "-m", bench.model, "-n", "100"], "Tell a story.\nAnd another.\n/stats\n/quit\n",
                         LD_PRELOAD=shim, HOSTILE_CLOCK=str(shift))
        bench.say(f"the clock goes {shift // 86400} days wrong", run.trouble() or (run.status and run.errors[-300:]))


def limits(bench):
    prepare_writers(bench)
    run = ["run", "-m", bench.model, "-p", "Tell a story.", "-n", "60", "--temp", "0"]
    plain = bench.call(run)
    for megabytes in (64, 128, 200, 256, 320, 400, 512, 768, 1024, 4096):
        def less(bytes=megabytes << 20):
            resource.setrlimit(resource.RLIMIT_AS, (bytes, bytes))
        result = bench.call(run, limits=less)
        trouble = result.trouble()
        if not trouble and result.status == 0 and result.output != plain.output:
            trouble = "another text"
        if not trouble and result.status != 0 and not result.errors.strip():
            trouble = f"ends with {result.status} and no word"
        last = (result.errors.strip().splitlines() or [""])[-1]
        bench.say(f"ulimit -v {megabytes} MB", trouble, f"rc {result.status}: {last[:120]}")
    for count in (4, 6, 8, 10, 12, 16, 24, 32):
        def fewer(count=count):
            resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))
        for name, arguments, text in [("run", run, ""), ("chat", ["chat", "--plain", "-m", bench.model, "-n", "4"], "hi\n/quit\n")]:
            result = bench.call(arguments, text, limits=fewer)
            trouble = result.trouble()
            if not trouble and result.status != 0 and not result.errors.strip():
                trouble = f"ends with {result.status} and no word"
            last = (result.errors.strip().splitlines() or [""])[-1]
            bench.say(f"ulimit -n {count}, {name}", trouble, f"rc {result.status}: {last[:120]}")
    for kilobytes in (128, 256, 1024):
        def small(bytes=kilobytes << 10):
            resource.setrlimit(resource.RLIMIT_STACK, (bytes, bytes))
        result = bench.call(run, limits=small)
        bench.say(f"ulimit -s {kilobytes}", result.trouble() or (result.output != plain.output and "another text"))
    process = bench.start(run)
    for _ in range(20):
        time.sleep(0.05)
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.05)
        process.send_signal(signal.SIGCONT)
    process.wait()
    bench.say("SIGSTOP and SIGCONT", bench.left(process).output != plain.output and "another text")


def terminals(bench):
    """A terminal that takes no output: whoever reads it has stopped."""
    bench.clear()
    for number in (signal.SIGTERM, signal.SIGHUP):
        child, terminal = pty.fork()
        if child == 0:
            os.environ.update(bench.environment(), TERM="xterm-256color")
            os.execv(bench.program, [bench.program, "chat", "-m", bench.model, "--temp", "0.8"])
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
        begin = time.monotonic()
        while time.monotonic() < begin + 8:
            if select.select([terminal], [], [], 0.2)[0]:
                os.read(terminal, 65536)
        os.write(terminal, b"Write a very long story of a lighthouse.\r")
        time.sleep(8)
        os.kill(child, number)
        begin, status = time.monotonic(), None
        while status is None and time.monotonic() < begin + 30:
            done, code = os.waitpid(child, os.WNOHANG)
            status = code if done else None
            time.sleep(0.1)
        if status is None:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        os.close(terminal)
        seconds = f"{time.monotonic() - begin:.1f} s"
        ended = status is not None and number in (os.WTERMSIG(status), os.WEXITSTATUS(status) - 128)
        bench.say(f"{signal.Signals(number).name} and a terminal that takes no output",
                  None if ended else f"status {status} after {seconds}", seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=".build/release/fathom")
    parser.add_argument("--kills", type=int, default=5, help="rounds of kills of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="kills, disks, limits, terminals, or the name of a kind")
    parser.add_argument("--pull", action="store_true", help="kill fathom pull as well")
    options = parser.parse_args()
    generator = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="fathom-hostile-") as folder:
        bench = Bench(options.program, os.path.realpath(folder))
        for kind in [Save, Prune, Answers, Exits, Calibrate, Export] + ([Pull] if options.pull else []):
            if options.only in ("", "kills", kind.name):
                kills(bench, kind, options.kills, generator)
        if options.only in ("", "disks"):
            disks(bench)
        if options.only in ("", "limits"):
            limits(bench)
        if options.only in ("", "terminals"):
            terminals(bench)
    sys.exit(1 if bench.failures else 0)


if __name__ == "__main__":
    main()
