import Kernels

/// The sets of kernels that this machine can run.
enum Machine {
  /// All of them, fastest first.
  static let sets = KernelSet.names.compactMap { KernelSet(named: $0) }
  /// All but the definition.
  static let vectorSets = sets.filter { $0.description != "scalar" }

  /// The definition; every machine runs it.
  static var scalar: KernelSet {
    get throws {
      guard let set = KernelSet(named: "scalar") else { throw Missing() }
      return set
    }
  }

  struct Missing: Error {}
}
