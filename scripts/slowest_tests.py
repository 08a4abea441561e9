#!/usr/bin/env python3
"""Passes the output of `swift test` on and names the ten slowest tests before its closing line.

    set -o pipefail
    swift test ... 2>&1 | scripts/slowest_tests.py

The closing line, and what comes behind it, stays last. Whether the tests passed is the pipe's own
status: this program always succeeds.
"""

import re
import sys

COUNT = 10
SUITE = re.compile(r'^\S+ Suite "?(.+?)"? started\.$')
TEST = re.compile(
    r'^\S+ Test (?!run with |case passing )"?(.+?)"?(?: with \d+ test cases?)? (?:passed|failed) after ([\d.]+) seconds'
)
CLOSING = re.compile(r"^\S+ Test run with \d+ tests?\b")


def main() -> None:
    suite, times, closing = "", [], []
    for line in sys.stdin:
        if closing or CLOSING.match(line):
            closing.append(line)
            continue
        print(line, end="", flush=True)
        if found := SUITE.match(line.rstrip("\n")):
            suite = found[1]
        elif found := TEST.match(line):
            times.append((float(found[2]), suite, found[1]))
    times.sort(key=lambda test: -test[0])
    if times:
        print(f"The slowest of {len(times)} tests, in seconds:")
    for seconds, suite, name in times[:COUNT]:
        print(f"{seconds:9.2f}  {suite}: {name}")
    print("".join(closing), end="", flush=True)


main()
