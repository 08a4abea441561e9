import CKernels

/// The kernels of one instruction set, chosen at run time.
///
/// All sets give the same bits; they differ in speed only.
package struct KernelSet: Sendable, CustomStringConvertible {
  /// The table of C functions; constant data for the life of the process.
  nonisolated(unsafe) package let pointer: OpaquePointer

  /// The names of all sets that exist, fastest first.
  package static let names = ["avx512vnni", "avx2", "neon", "scalar"]

  /// The fastest set that this machine can run.
  package static let best: KernelSet = {
    guard let set = KernelSet(named: nil) else { preconditionFailure("the scalar kernels always run") }
    return set
  }()

  /// The set of that name; nil when there is none or when this machine cannot run it.
  package init?(named name: String?) {
    guard let pointer = ck_select(name) else { return nil }
    self.pointer = pointer
  }

  /// The set's name, such as `avx512vnni`.
  package var description: String { String(cString: ck_name(pointer)) }
}
