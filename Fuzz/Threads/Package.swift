// swift-tools-version: 6.2
import PackageDescription

// The rooms that have threads, and their tests, built with ThreadSanitizer: a package of its own, so that
// nothing else has to be. `Fathom` links to ../../Sources, `Tests` to ../../Tests, and `docs`, which tests
// read, to ../../docs.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

let watched: [SwiftSetting] = [.unsafeFlags(["-sanitize=thread"])]
let watchedC: [CSetting] = [.unsafeFlags(["-fsanitize=thread"])]

/// A room of Fathom. Where it is not watched, what it reads and writes itself is not seen.
func room(
  _ name: String, _ dependencies: [Target.Dependency] = [], isWatched: Bool = true
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Fathom/\(name)",
    swiftSettings: strict + (isWatched ? watched : []))
}

/// The tests of a room.
func tests(of name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies,
    path: "Tests/\(name)Tests", swiftSettings: strict + watched,
    linkerSettings: [.unsafeFlags(["-sanitize=thread"])])
}

let package = Package(
  name: "threads",
  platforms: [.macOS(.v15)],
  targets: [
    .target(
      name: "CKernels", path: "Fathom/CKernels",
      exclude: [
        "vector.inc", "scalar_matrices.inc",
        "vector_rows.inc", "vector_matrices.inc", "vector_head.inc",
        "vector_attention.inc", "sums_of_fours.inc", "sums_of_pairs.inc",
        "numbers_of_digits.inc", "numbers_of_words.inc",
      ],
      cSettings: [.unsafeFlags(["-O3", "-ffp-contract=off", "-Wall", "-Werror", "-Wno-psabi"])]
        + watchedC),
    .target(name: "CAllocations", path: "Fathom/CAllocations", cSettings: watchedC),
    room("Dials"),
    room("Techniques", ["Dials"]),
    room("Events", ["Dials", "Techniques"]),
    room("Files"),
    room("GGUF", ["Files"]),
    room("Jinja"),
    room("Tokenization", ["Dials", "GGUF", "Jinja"]),
    room("Kernels", ["CKernels"]),
    // The compiler of Swift 6.3 ends at BlockJob.swift with ThreadSanitizer.
    room("Transformer", ["Dials", "GGUF", "Kernels", "CKernels"], isWatched: false),
    room(
      "Inference",
      ["Dials", "Events", "GGUF", "Kernels", "Tokenization", "Techniques", "Transformer"]),
    room("TestSupport", ["CAllocations", "Dials", "Events", "GGUF", "Techniques"]),
    tests(of: "Kernels", ["CKernels", "TestSupport"]),
    tests(
      of: "Inference",
      [
        "Dials", "Events", "GGUF", "Kernels", "Tokenization", "Transformer", "Techniques",
        "TestSupport",
      ]),
  ]
)
