// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who builds or tests Fathom needs the benchmark library. What is
// measured is `package`, visible within one package only; so `Fathom` links to ../Sources, and the two
// rooms that the benchmarks need are targets of this package too.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

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
        "vector.inc", "vector_rows.inc", "vector_matrices.inc", "vector_attention.inc",
      ],
      cSettings: [.unsafeFlags(["-O3", "-ffp-contract=off", "-Wall", "-Werror", "-Wno-psabi"])]),
    .target(
      name: "Kernels", dependencies: ["CKernels"], path: "Fathom/Kernels", swiftSettings: strict),
    .executableTarget(
      name: "KernelBenchmarks",
      dependencies: ["CKernels", "Kernels", .product(name: "Benchmark", package: "benchmark")],
      path: "KernelBenchmarks", swiftSettings: strict,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ]
)
