import Shell

/// What the manual page says beside the commands.
enum ManualTables {
  /// How the config file works.
  static let configuration = """
    Settings that hold every time stand in a file, by default $XDG_CONFIG_HOME/fathom/config.toml, in TOML. \
    A key is the long name of an option without its dashes. Keys before the first table hold for every command that has the \
    option; a table such as [chat] or [tune.exits] holds those of one command, which go first. A flag is true or false; \
    an option that may be given several times takes a list.

    What is written behind a command goes before a variable, a variable before the file. A setting that contradicts what \
    goes before it is left out. --no-NAME takes back a flag that a variable or the file sets. An unknown key, or a value that \
    the option does not take, ends the program with 78 and names file, line and key.

    'fathom config show --origin' prints what is set and where, 'fathom config show chat --origin' the value of each option \
    of a command, 'fathom config path' where the file is, and 'fathom doctor' looks whether it is right.
    """

  /// How variables become options.
  static let environment = """
    Every option has a variable: FATHOM_ and its long name in capitals, dashes as underscores, such as FATHOM_CTX_SIZE for \
    --ctx-size. With the name of a command in front it holds for that one: FATHOM_CHAT_TEMP, FATHOM_TUNE_EXITS_STEPS. A flag takes \
    1 or 0, true or false. An option that may be given several times takes a line for each value. An empty variable is none.

    Others:
    """

  /// The variables that are no options.
  static let variables: [(term: String, words: String)] = [
    ("FATHOM_CONFIG", "The config file in the place of the usual one; empty: none is read."),
    ("FATHOM_MODEL", "The model, as for -m; a file of it also stands in for the default model."),
    ("FATHOM_LOG", "The file of the log, as for --log-file."),
    ("FATHOM_SIMD", "The kernels to use: avx512vnni, avx2, neon or scalar (default: the fastest)."),
    ("FATHOM_ADAPTERS", "The folder of what was trained for models; empty: none."),
    ("FATHOM_BLAS", "The processor that OpenBLAS computes for in training, such as Haswell."),
    ("XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME, XDG_CACHE_HOME", "Where folders lie."),
    ("HF_HUB_CACHE, HF_HOME", "Where the cache of the Hugging Face hub lies."),
    ("HF_TOKEN, HF_ENDPOINT, HF_HUB_OFFLINE", "As for other programs of the hub."),
    ("OLLAMA_MODELS", "Where ollama keeps its models."),
    ("NO_COLOR", "No colours, where it is not empty."),
    ("ACCESSIBLE", "Lines of text instead of a screen, where it is not empty; so does TERM=dumb."),
    ("VISUAL, EDITOR", "The editor for long messages."),
  ]

  /// The files.
  static let files: [(term: String, words: String)] = [
    ("$XDG_CONFIG_HOME/fathom/config.toml", "Settings."),
    ("$XDG_CONFIG_HOME/fathom/themes/NAME.toml", "Colour themes of your own."),
    ("$XDG_DATA_HOME/fathom/models", "Models that were pulled."),
    ("$XDG_DATA_HOME/fathom/sessions.sqlite", "Conversations; only you can read them."),
    ("$XDG_DATA_HOME/fathom/pruning", "Which blocks models can do without."),
    ("$XDG_DATA_HOME/fathom/guesses", "What drafters learned."),
    ("$XDG_STATE_HOME/fathom/history.jsonl", "What was typed; only you can read it."),
    ("$XDG_STATE_HOME/fathom/fingerprints.json", "Digests of models."),
    ("$XDG_STATE_HOME/fathom/tune", "Caches and checkpoints of trainings."),
  ]

  /// What to type.
  static let examples: [(term: String, words: String)] = [
    ("fathom", "Chat with the default model:"),
    ("fathom run -p 'Why is the sky blue?' -n 80", "One answer on the standard output:"),
    ("git diff | fathom run -p 'What does this change?'", "Text that comes in:"),
    (
      "fathom run -p Hello --json > session.jsonl; fathom replay session.jsonl",
      "Keep an answer and see it again:"
    ),
    ("fathom bench -p 512 -n 128 -o json", "Measure:"),
    ("fathom prune --blocks 4; fathom export -o small.gguf --blocks 4", "A smaller model:"),
    ("fathom doctor", "Find out why something does not work:"),
  ]
}
