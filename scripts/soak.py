#!/usr/bin/env python3
"""Talks to one chat for a long time, and looks whether memory, open files, database and time a turn stay flat.

    scripts/soak.py [--program .build/release/fathom] [--minutes 120] [--tokens 24]

The conversation is in lines of text, with the default model; it is cleared every 40 turns, as a person begins anew.
Prints a line every 100 turns, and at the end how the last tenth of the turns compares with the second: the exit code
is 1 where memory grew by over a tenth, handles by over three, or a turn's time by over a quarter.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

PROMPTS = ["Say a word.", "Name a colour.", "What is the capital of Norway?", "Count to five.", "Tell me about the sea."]


def figures(process, folder):
    """Resident megabytes, open files and bytes of the database."""
    with open(f"/proc/{process.pid}/status") as file:
        resident = next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024
    size = sum(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder) if name.startswith("sessions"))
    return resident, len(os.listdir(f"/proc/{process.pid}/fd")), size


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=".build/release/fathom")
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--tokens", type=int, default=24)
    options = parser.parse_args()
    model = subprocess.run([options.program, "show", "--path"], capture_output=True, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory(prefix="fathom-soak-") as home:
        environment = dict(os.environ, XDG_DATA_HOME=home, XDG_STATE_HOME=home, XDG_CONFIG_HOME=home)
        process = subprocess.Popen(
            [options.program, "chat", "--plain", "-m", model, "-n", str(options.tokens), "--temp", "0.7"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
        turns = []

        def say(line, until):
            process.stdin.write((line + "\n").encode())
            process.stdin.flush()
            while True:
                answer = process.stdout.readline()
                if not answer:
                    sys.exit(f"the program ended with {process.wait()}")
                if until in answer:
                    return

        end = time.monotonic() + 60 * options.minutes
        print("turn  seconds  MB resident  files  database kB", flush=True)
        while time.monotonic() < end:
            begin = time.monotonic()
            say(PROMPTS[len(turns) % len(PROMPTS)], b"Stats:")
            seconds = time.monotonic() - begin
            turns.append((seconds, *figures(process, home + "/fathom")))
            if len(turns) % 40 == 0:
                process.stdin.write(b"/clear\n")
            if len(turns) % 100 == 0:
                resident, files, size = turns[-1][1:]
                middle = statistics.median(turn[0] for turn in turns[-100:])
                print(f"{len(turns):5} {middle:8.3f} {resident:12.1f} {files:6} {size / 1000:12.0f}", flush=True)
        process.stdin.write(b"/quit\n")
        process.stdin.close()
        process.wait(30)
        tenth = max(1, len(turns) // 10)

        def middle(part, column):
            return statistics.median(turn[column] for turn in part)

        early, late = turns[tenth:2 * tenth], turns[-tenth:]
        tokens = len(turns) * options.tokens
        print(f"{len(turns)} turns, at most {tokens} tokens, {turns[-1][3] / tokens:.0f} bytes of database a token at least")
        steady = True
        for name, column, limit in [("seconds a turn", 0, 1.25), ("MB resident", 1, 1.1), ("open files", 2, None)]:
            before, after = middle(early, column), middle(late, column)
            is_flat = after <= before + 3 if limit is None else after <= before * limit
            steady = steady and is_flat
            print(f"{'PASS' if is_flat else 'FAIL'} {name}: {before:.3f} in the second tenth, {after:.3f} in the last")
        sys.exit(0 if steady and process.returncode == 0 else 1)


if __name__ == "__main__":
    main()
