# What people do with Fathom, one line each. `make` alone lists it.

PREFIX ?= /usr/local
# For pipefail.
SHELL := /bin/bash
BINARY := .build/release/fathom
# One set of flags for the program and its tests: they share one build.
# Colours off: with them on, a build at a terminal and one without rebuild each other's work.
FLAGS := -c release --explicit-target-dependency-import-check error --no-color-diagnostics

# The C compiler that comes with Swift, for what is compiled without a package.
CLANG = $(shell dirname "$$(readlink -f "$$(command -v swift)")")/clang

# llama.cpp and ik_llama.cpp to measure against, in environments that can be thrown away; the first is built for
# this machine.
PEER := .build/peer
PEER_VERSION := 0.3.36
IK := .build/ik
IK_VERSION := 0.1.5
# Turns of each, and a text whose perplexity stands beside the speed.
PEER_TURNS ?= 5
PEER_TEXT ?=

# Fuzzing: how long each target runs.
FUZZ_SECONDS ?= 60

# The kernels with every check of the C compiler, and how often each is called.
SANITIZED := .build/sanitized
SANITIZE := -O1 -g -fno-omit-frame-pointer -ffp-contract=off -Wall -Wno-psabi \
	-fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all
SHAPE_ROUNDS ?= 300

.PHONY: help setup build model chat test test-quick test-recipes test-kills test-hostile soak test-neon fuzz sanitize lint format docs bench \
	bench-peer bench-kernels bench-growth man install clean

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /make \1: /p' Makefile

setup: ## install or name what the machine lacks
	@bash .ci/setup

build: setup ## build the program
	@echo "Building Fathom: some minutes the first time, seconds when nothing has changed."
	swift build $(FLAGS) --product fathom

model: build ## fetch the default model; does nothing when it is there
	@echo "Fetching the default model, 98 MB, unless it is there."
	$(BINARY) pull

chat: model ## build, fetch the model and talk
	@echo "Starting the chat."
	$(BINARY)

SWIFT := Sources Tests Plugins Package.swift Benchmarks/Package.swift Benchmarks/KernelBenchmarks \
	Fuzz/Package.swift Fuzz/Fuzzer Fuzz/Threads/Package.swift

# One test after another: each has its own crew of threads, and side by side they only get in each
# other's way.
SWIFT_TEST = set -o pipefail; swift test $(FLAGS) --skip-build --disable-xctest --no-parallel 2>&1 | \
	python3 scripts/slowest_tests.py

test: setup lint ## lint, build and run every test
	swift build $(FLAGS) --build-tests
	$(BINARY) pull
	@$(SWIFT_TEST)

test-quick: setup ## build and run the tests that take no model and no more than about two seconds
	swift build $(FLAGS) --build-tests
	@export FATHOM_TESTS=quick; $(SWIFT_TEST)

test-kills: setup ## kill a chat 200 times and look what it kept (takes minutes)
	FATHOM_KILLS=200 swift test $(FLAGS) --disable-xctest --filter LeavingTests

test-hostile: build model ## kill commands, fill disks, take memory and files away, and look what is left (minutes)
	python3 scripts/hostile.py --program $(BINARY) --kills 20

soak: build model ## talk for two hours and look whether memory, files and time stay flat
	python3 scripts/soak.py --program $(BINARY) --minutes 120

# PyTorch for the recipes, in an environment that can be thrown away.
RECIPES_PYTHON ?= $(firstword $(wildcard .build/recipes/bin/python) python3)

test-recipes: model ## train tiny adapters with PyTorch and compare them in the program (minutes)
	@$(RECIPES_PYTHON) -c 'import torch, transformers, peft, accelerate, gguf, pytest' 2>/dev/null || { echo \
		"PyTorch is missing, so the recipes are not tested:" \
		"python3 -m venv .build/recipes && .build/recipes/bin/pip install -r recipes/requirements.txt"; exit 69; }
	$(RECIPES_PYTHON) -m pytest -q recipes

# With the C library of arm64 beside the compiler, and an emulator.
test-neon: ## compare the NEON kernels with the scalar ones under an emulator
	@command -v qemu-aarch64-static >/dev/null && test -d /usr/aarch64-linux-gnu || { echo \
		"apt-get install qemu-user-static gcc-aarch64-linux-gnu libc6-dev-arm64-cross"; exit 69; }
	mkdir -p .build
	$(CLANG) --target=aarch64-linux-gnu --gcc-toolchain=/usr -fuse-ld=/usr/bin/aarch64-linux-gnu-ld \
		-O3 -ffp-contract=off -Wall -Werror -Wno-psabi -static -isystem /usr/aarch64-linux-gnu/include \
		-ISources/CKernels/include Sources/CKernels/*.c scripts/compare_kernels.c -lm -o .build/compare_kernels
	qemu-aarch64-static -cpu max .build/compare_kernels neon scalar 100

fuzz: setup ## hand every reader random bytes, FUZZ_SECONDS each; TARGET=gguf for one
	swift build -c release --package-path Fuzz --scratch-path .build/fuzz --no-color-diagnostics
	@Fuzz/run .build/fuzz/release/Fuzzer $(FUZZ_SECONDS) $(TARGET)

sanitize: setup $(SANITIZED)/shapes ## look for memory errors in the kernels and for races in crew and engine
	$(SANITIZED)/shapes $(SHAPE_ROUNDS)
	FATHOM_TESTS=quick swift test -c release --package-path Fuzz/Threads --scratch-path .build/threads \
		--no-color-diagnostics --disable-xctest --no-parallel

$(SANITIZED)/shapes: $(patsubst %.c,$(SANITIZED)/%.o,$(notdir $(wildcard Sources/CKernels/*.c)) shapes.c)
	$(CLANG) $(SANITIZE) $(if $(filter Linux,$(shell uname)),-fuse-ld=lld) $^ -lm -o $@

$(SANITIZED)/%.o: %.c $(wildcard Sources/CKernels/*.inc Sources/CKernels/*.h Sources/CKernels/include/*.h)
	@mkdir -p $(SANITIZED)
	$(CLANG) $(SANITIZE) -ISources/CKernels -ISources/CKernels/include -c $< -o $@

vpath %.c Sources/CKernels Fuzz/Kernels

lint: ## check the format
	swift format lint -r --strict $(SWIFT)

format: ## put the format right
	swift format -i -r $(SWIFT)

docs: setup ## write docs/COMMANDS.md anew, from the program's own help
	FATHOM_RECORD=1 swift test $(FLAGS) --disable-xctest --filter CommandManualTests

bench: model ## measure tokens per second, loading and memory
	$(BINARY) bench -p 512 -n 128 -d 0,1024,4096 --force --json .build/bench.json \
		--markdown .build/bench.md

bench-peer: model ## measure beside llama.cpp and ik_llama.cpp, with PEER_MODEL=FILE any file (15 minutes more the first time)
	test -x $(PEER)/bin/python || python3 -m venv $(PEER)
	$(PEER)/bin/python -c 'from importlib import metadata; \
		assert metadata.version("llama-cpp-python") == "$(PEER_VERSION)"' 2>/dev/null || \
		CMAKE_ARGS="-DGGML_NATIVE=ON -DLLAVA_BUILD=OFF" \
		$(PEER)/bin/pip install -q llama-cpp-python==$(PEER_VERSION)
	test -x $(IK)/bin/python || python3 -m venv $(IK)
	$(IK)/bin/pip install -q ik-llama-cpp-python==$(IK_VERSION)
	set -e; model="$(PEER_MODEL)"; peers=""; if test -z "$$model"; then \
		model="$$($(BINARY) show --path)"; peers="--peer-model .build/peer-Q4_0.gguf"; \
		package=$$($(IK)/bin/python -c 'import ik_llama_cpp; print(ik_llama_cpp.__path__[0])'); \
		LD_LIBRARY_PATH=$$package/lib $$package/bin/llama-quantize --allow-requantize \
			"$$model" .build/peer-Q4_0.gguf Q4_0 >/dev/null 2>&1; fi; \
	$(PEER)/bin/python scripts/bench_peer.py --ik $(IK)/bin/python --model "$$model" $$peers \
		--turns $(PEER_TURNS) $(if $(PEER_TEXT),--text "$(PEER_TEXT)") \
		--json .build/bench-peer.json --markdown .build/bench-peer.md

bench-kernels: setup ## measure each kernel beside the machine's bandwidth
	swift package --package-path Benchmarks --scratch-path .build/benchmarks --disable-sandbox \
		benchmark --grouping metric --no-progress

bench-growth: model ## fit how time grows with the length of inputs; fails above n^1.25 (takes minutes)
	swift build $(FLAGS) --product GrowthBenchmarks
	.build/release/GrowthBenchmarks --model "$$($(BINARY) show --path)"

man: build ## write the manual page to .build/fathom.1
	$(BINARY) manual > .build/fathom.1

# Where shells look for completions, below PREFIX.
BASH_COMPLETIONS ?= share/bash-completion/completions
ZSH_COMPLETIONS ?= share/zsh/site-functions
FISH_COMPLETIONS ?= share/fish/vendor_completions.d
INSTALLED = $(DESTDIR)$(PREFIX)

install: man ## copy program, adapters, lessons, themes, manual page and completions below PREFIX
	install -d "$(INSTALLED)/bin" "$(INSTALLED)/share/fathom/adapters" "$(INSTALLED)/share/fathom/lessons" \
		"$(INSTALLED)/share/fathom/themes" \
		"$(INSTALLED)/share/man/man1" "$(INSTALLED)/$(BASH_COMPLETIONS)" "$(INSTALLED)/$(ZSH_COMPLETIONS)" \
		"$(INSTALLED)/$(FISH_COMPLETIONS)"
	install -m 755 $(BINARY) "$(INSTALLED)/bin/fathom"
	install -m 644 Sources/Models/Resources/adapters/* "$(INSTALLED)/share/fathom/adapters"
	install -m 644 Sources/Lessons/Resources/lessons/* "$(INSTALLED)/share/fathom/lessons"
	install -m 644 themes/*.toml "$(INSTALLED)/share/fathom/themes"
	install -m 644 .build/fathom.1 "$(INSTALLED)/share/man/man1/fathom.1"
	$(BINARY) --generate-completion-script bash > "$(INSTALLED)/$(BASH_COMPLETIONS)/fathom"
	$(BINARY) --generate-completion-script zsh > "$(INSTALLED)/$(ZSH_COMPLETIONS)/_fathom"
	$(BINARY) --generate-completion-script fish > "$(INSTALLED)/$(FISH_COMPLETIONS)/fathom.fish"

clean: ## remove what was built
	rm -rf .build
