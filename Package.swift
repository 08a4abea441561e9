// swift-tools-version: 6.2
import PackageDescription

// One list for every Swift target: language mode 6, explicit existentials, imports that say how far
// they reach, and no warnings.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

/// A room: a library target with the strict settings. Dependencies go down only.
func room(
  _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

/// The tests of a room.
func tests(
  of name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, resources: resources,
    swiftSettings: strict)
}

// Homebrew's folders are known to pkg-config only; on Linux the header lies where compilers look.
#if os(macOS)
  let utf8procPackage: String? = "libutf8proc"
#else
  let utf8procPackage: String? = nil
#endif

let package = Package(
  name: "fathom",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "fathom", targets: ["fathom"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    // C, and nothing else, behind two walls.
    .target(
      name: "CKernels",
      exclude: [
        "vector.inc", "scalar_matrices.inc", "vector_rows.inc", "vector_matrices.inc",
        "vector_head.inc",
        "vector_attention.inc", "sums_of_fours.inc", "sums_of_pairs.inc",
        "numbers_of_digits.inc", "numbers_of_words.inc",
      ],
      cSettings: [.unsafeFlags(["-O3", "-ffp-contract=off", "-Wall", "-Werror", "-Wno-psabi"])]),
    .target(
      name: "CScreen",
      linkerSettings: [
        .linkedLibrary("ncursesw", .when(platforms: [.linux])),
        .linkedLibrary("ncurses", .when(platforms: [.macOS])),
      ]),

    .systemLibrary(
      name: "CUTF8Proc", pkgConfig: utf8procPackage,
      providers: [.apt(["libutf8proc-dev"]), .brew(["utf8proc"])]),
    .systemLibrary(name: "CBzip2", providers: [.apt(["libbz2-dev"])]),
    .systemLibrary(name: "CLibCrypto", providers: [.apt(["libssl-dev"])]),

    // The vocabulary, the techniques, the record.
    room("Dials"),
    room("Techniques", ["Dials"]),
    room("Events", ["Dials", "Techniques"]),
    room("Reports", ["Dials"]),

    // Files and standard streams.
    room("Files"),

    // Tours through recordings.
    room(
      "Lessons", ["Dials", "Events", "Files", "Reports"],
      resources: [.copy("Resources/lessons")]),

    // The mechanism.
    room("GGUF", ["Files"]),
    room("Jinja"),
    room("Tokenization", ["Dials", "GGUF", "Jinja"]),
    room(
      "Corpus",
      ["Dials", "Files", "Tokenization", .product(name: "Subprocess", package: "swift-subprocess")]),
    room("Kernels", ["CKernels"]),
    room("Transformer", ["Dials", "GGUF", "Kernels", "CKernels"]),

    // The actor, the store, the view.
    room(
      "Inference",
      ["Dials", "Events", "GGUF", "Kernels", "Tokenization", "Techniques", "Transformer"]),
    room("Sessions", ["Events", "Files", "CBzip2", .product(name: "GRDB", package: "GRDB.swift")]),
    room(
      "Models",
      [
        "Files", "GGUF", "Reports",
        .target(name: "CLibCrypto", condition: .when(platforms: [.linux])),
        .product(name: "Subprocess", package: "swift-subprocess"),
      ], resources: [.copy("Resources/adapters")]),
    .target(
      name: "BuiltInThemes", path: "themes",
      resources: [
        .embedInCode("dark.toml"), .embedInCode("light.toml"), .embedInCode("colorblind.toml"),
        .embedInCode("mono.toml"),
      ],
      swiftSettings: strict),
    room(
      "Screen",
      [
        "Dials", "Events", "Files", "Lessons", "Reports", "Techniques", "BuiltInThemes",
        "CScreen", "CUTF8Proc",
      ],
      resources: [.embedInCode("Export/Page/page.css"), .embedInCode("Export/Page/page.js")]),
    room(
      "Evaluation",
      [
        "Corpus", "Dials", "Events", "Files", "Inference", "Kernels", "Reports", "Techniques",
        "Tokenization", "Transformer",
      ]),
    room(
      "Pruning",
      [
        "Corpus", "Dials", "Evaluation", "Events", "Files", "GGUF", "Inference", "Kernels",
        "Models", "Reports", "Tokenization", "Training", "Transformer",
      ]),
    // The only room with a BLAS, which it loads at run time; inference never does.
    room(
      "Training",
      [
        "Corpus", "Dials", "Events", "Files", "GGUF", "Inference", "Kernels", "CKernels", "Reports",
        "Tokenization", "Transformer",
      ]),
    // What stands between the shell and the commands.
    room("Shell", ["Files", "Reports"]),
    // The session.
    room(
      "Chat",
      [
        "Corpus", "Dials", "Evaluation", "Events", "Files", "GGUF", "Inference", "Models",
        "Pruning",
        "Reports", "Sessions", "Techniques", "Tokenization", "Transformer",
      ]),
    .executableTarget(
      name: "fathom",
      dependencies: [
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        "Chat", "Corpus", "Dials", "Events", "Evaluation", "Files", "GGUF", "Inference", "Kernels",
        "Lessons", "Models", "Pruning", "Reports", "Screen", "Sessions", "Shell", "Techniques",
        "Tokenization", "Training", "Transformer",
      ],
      swiftSettings: strict,
      plugins: ["BuildCommit"]),
    // Tells the program which commit it is; docs/ARCHITECTURE.md says how.
    .plugin(name: "BuildCommit", capability: .buildTool()),

    // Tests. TestSupport builds tiny seeded models and random records, holds the seeded generator and the
    // traits of tests, and counts allocations, for which C has to stand in for malloc.
    .target(name: "CAllocations"),
    room("TestSupport", ["CAllocations", "Dials", "Events", "GGUF", "Techniques"]),
    // How time and memory grow with the length of an input: `make bench-growth`.
    .executableTarget(
      name: "GrowthBenchmarks",
      dependencies: [
        "CAllocations", "Chat", "Corpus", "Dials", "Events", "Files", "GGUF", "Inference",
        "Reports", "Screen", "Sessions", "Techniques", "Tokenization",
      ],
      swiftSettings: strict),
    tests(of: "Dials", ["Techniques", "TestSupport"]),
    tests(of: "Events", ["Dials", "Techniques", "TestSupport"]),
    tests(of: "Reports", ["Dials", "TestSupport"]),
    tests(of: "Files", ["TestSupport"]),
    tests(of: "Shell", ["Files", "TestSupport"]),
    tests(of: "Corpus", ["Dials", "GGUF", "Tokenization", "TestSupport"]),
    tests(of: "GGUF", ["Files", "TestSupport"], resources: [.copy("Golden")]),
    tests(of: "Jinja", ["TestSupport"], resources: [.copy("Golden")]),
    tests(
      of: "Tokenization", ["Dials", "GGUF", "Jinja", "TestSupport"], resources: [.copy("Golden")]),
    tests(of: "Kernels", ["CKernels", "TestSupport"]),
    tests(
      of: "Transformer", ["Dials", "GGUF", "Kernels", "Tokenization", "TestSupport"],
      resources: [.copy("Golden")]),
    tests(of: "Techniques", ["Dials", "TestSupport"]),
    tests(
      of: "Inference",
      [
        "Dials", "Events", "GGUF", "Kernels", "Tokenization", "Transformer", "Techniques",
        "TestSupport",
      ]),
    tests(
      of: "Evaluation",
      [
        "Corpus", "Dials", "Events", "GGUF", "Inference", "Kernels", "Reports", "Techniques",
        "Tokenization", "Transformer", "Files", "TestSupport",
      ], resources: [.copy("Golden")]),
    tests(
      of: "Pruning",
      [
        "Corpus", "Dials", "Evaluation", "Events", "GGUF", "Inference", "Kernels",
        "Tokenization", "Transformer", "Files", "TestSupport",
      ]),
    tests(
      of: "Training",
      [
        "Corpus", "Dials", "GGUF", "Inference", "Kernels", "Tokenization", "Transformer",
        "Files", "TestSupport",
      ]),
    tests(
      of: "Sessions",
      [
        "Dials", "Events", "Techniques", "Files", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    tests(of: "Models", ["GGUF", "TestSupport"]),
    tests(of: "Lessons", ["Dials", "Events", "Screen", "TestSupport"]),
    tests(
      of: "Screen", ["Dials", "Events", "Lessons", "Reports", "Techniques", "TestSupport"],
      resources: [.copy("Golden")]),
    tests(
      of: "Chat",
      [
        "Dials", "Evaluation", "Events", "GGUF", "Inference", "Models", "Screen", "Sessions",
        "Techniques", "Files", "TestSupport", "Tokenization",
      ]),
    .testTarget(
      name: "FathomTests",
      dependencies: [
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "GRDB", package: "GRDB.swift"),
        "Dials", "Events", "Files", "GGUF", "Models", "Pruning", "Screen", "Sessions", "Techniques",
        "TestSupport", "Transformer",
        "fathom",
      ],
      swiftSettings: strict),
    .testTarget(name: "SourceTests", swiftSettings: strict),
  ]
)
