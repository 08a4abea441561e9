// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who builds or tests Fathom needs the benchmark library. What is
// measured is `package`, visible within one package only; so `Fathom` links to ../Sources, and the
// rooms that the benchmarks need are targets of this package too.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

/// A room of Fathom.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Fathom/\(name)", swiftSettings: strict)
}

let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: [])
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
    room("Dials"),
    room("Files"),
    room("GGUF", ["Files"]),
    room("Kernels", ["CKernels"]),
    room("Transformer", ["CKernels", "Dials", "GGUF", "Kernels"]),
    .executableTarget(
      name: "KernelBenchmarks",
      dependencies: [
        "CKernels", "GGUF", "Kernels", "Transformer",
        .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "KernelBenchmarks", swiftSettings: strict,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ]
)
