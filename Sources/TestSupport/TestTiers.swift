import Foundation
package import Testing

/// What a test needs, as traits.
///
/// ```swift
/// @Test(.slow) func `a claim that takes seconds to try`() { … }
/// @Suite(.needsModel, .serialized) struct RealModelTests { … }
/// ```
extension Trait where Self == ConditionTrait {
  /// Puts a test that takes longer than about two seconds into the slow tier, which `make test-quick`
  /// leaves out by `FATHOM_TESTS=quick`.
  package static var slow: Self { .enabled(if: hasSlowTier, "slow: make test runs it") }

  /// Puts a test of the default model into the slow tier, and leaves it out where the model is not here.
  package static var needsModel: Self {
    .enabled(
      if: hasSlowTier && SharedData.model != nil,
      "slow, and needs the default model: run fathom pull, or set FATHOM_MODEL")
  }

  /// Leaves a test out where this file of the data folder is not.
  package static func needsData(_ path: String) -> Self {
    .enabled(
      if: SharedData.data(path) != nil, "no data: set FATHOM_DATA to a folder of data and golden")
  }

  /// Leaves a test out where no server can play the hub, or nobody could ask it.
  package static var needsHub: Self {
    .enabled(if: HubServer.isPossible, "python3 or curl is not here")
  }

  /// Leaves a test out where the program was not built beside the tests.
  package static var needsProgram: Self {
    .enabled(if: BuiltProgram.path != nil, "the program was not built beside the tests")
  }
}

private var hasSlowTier: Bool { ProcessInfo.processInfo.environment["FATHOM_TESTS"] != "quick" }
