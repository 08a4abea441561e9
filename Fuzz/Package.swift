// swift-tools-version: 6.2
import PackageDescription

// A package of its own, as Benchmarks is: what is fuzzed is `package`, visible within one package only; so
// `Fathom` links to ../Sources and `Themes` to ../themes, and the rooms are targets of this package too.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

// What is found has to be seen: libFuzzer counts the edges of the rooms' code, and the standard library
// checks indices, pointers' too, as it does in a debug build. `@testable` sees what a room keeps to itself.
let instrumented: [SwiftSetting] = [
  .unsafeFlags([
    "-sanitize=fuzzer", "-enable-testing", "-Xfrontend", "-assert-config", "-Xfrontend", "Debug",
  ])
]

/// A room of Fathom, without the files that are named.
func room(
  _ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil,
  exclude: [String] = [], resources: [Resource] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: path ?? "Fathom/\(name)", exclude: exclude,
    resources: resources, swiftSettings: strict + instrumented)
}

let package = Package(
  name: "fuzz",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    .target(
      name: "CKernels", path: "Fathom/CKernels",
      exclude: [
        "vector.inc", "scalar_matrices.inc",
        "vector_rows.inc", "vector_matrices.inc", "vector_head.inc",
        "vector_attention.inc", "sums_of_fours.inc", "sums_of_pairs.inc",
        "numbers_of_digits.inc", "numbers_of_words.inc",
      ],
      cSettings: [.unsafeFlags(["-O3", "-ffp-contract=off", "-Wall", "-Werror", "-Wno-psabi"])]),
    .target(
      name: "CScreen", path: "Fathom/CScreen",
      linkerSettings: [
        .linkedLibrary("ncursesw", .when(platforms: [.linux])),
        .linkedLibrary("ncurses", .when(platforms: [.macOS])),
      ]),
    .systemLibrary(name: "CUTF8Proc", path: "Fathom/CUTF8Proc"),
    .systemLibrary(name: "CBzip2", path: "Fathom/CBzip2"),
    .systemLibrary(name: "CLibCrypto", path: "Fathom/CLibCrypto"),
    .systemLibrary(name: "CLibFuzzer", path: "CLibFuzzer"),
    room("Dials"),
    room("Techniques", ["Dials"]),
    room("Events", ["Dials", "Techniques"]),
    room("Reports", ["Dials"]),
    room("Files"),
    room(
      "Lessons", ["Dials", "Events", "Files", "Reports"],
      resources: [.copy("Resources/lessons")]),
    room("GGUF", ["Files"]),
    room("Jinja"),
    room("Tokenization", ["Dials", "GGUF", "Jinja"]),
    room(
      "Corpus",
      ["Dials", "Files", "Tokenization", .product(name: "Subprocess", package: "swift-subprocess")]),
    room("Kernels", ["CKernels"]),
    room("Transformer", ["Dials", "GGUF", "Kernels", "CKernels"]),
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
    room(
      "BuiltInThemes", path: "Themes",
      resources: [
        .embedInCode("dark.toml"), .embedInCode("light.toml"), .embedInCode("colorblind.toml"),
        .embedInCode("mono.toml"),
      ]),
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
    room(
      "Training",
      [
        "Corpus", "Dials", "Events", "Files", "GGUF", "Inference", "Kernels", "CKernels", "Reports",
        "Tokenization", "Transformer",
      ]),
    // The tiny models and random records, without what needs a test or stands in for malloc.
    room(
      "TestSupport", ["Dials", "Events", "GGUF", "Techniques"],
      exclude: [
        "AllocationCount.swift", "BuiltProgram.swift", "Recomputation.swift", "TestTiers.swift",
      ]),
    .executableTarget(
      name: "Fuzzer",
      dependencies: [
        "CLibFuzzer", "Corpus", "Dials", "Evaluation", "Events", "GGUF", "Inference", "Kernels",
        "Pruning", "Reports", "Screen", "Sessions", "Techniques", "TestSupport", "Tokenization",
        "Transformer",
      ],
      path: "Fuzzer", swiftSettings: strict + [.unsafeFlags(["-enable-testing"])],
      linkerSettings: [
        .unsafeFlags(["-sanitize=fuzzer"]),
        .unsafeFlags(["-use-ld=lld"], .when(platforms: [.linux])),
      ]),
  ]
)
