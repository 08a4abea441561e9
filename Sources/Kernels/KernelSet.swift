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
    guard let set = KernelSet(named: nil) else {
      preconditionFailure("the scalar kernels always run")
    }
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

extension KernelSet {
  /// Multiplies bytes in registers as fast as the instruction set can, and returns how many products that
  /// were; 0 where it has no such products. For measuring.
  package func multiplyAtPeak(rounds: Int) -> Int {
    Int(ck_multiply_peak(pointer, Int32(rounds)))
  }

  /// `y = x / √(mean(x²) + ε) · weight`, all [count]; may be in place.
  package func normalize(
    _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, count: Int, epsilon: Float,
    into y: UnsafeMutablePointer<Float>
  ) {
    ck_rmsnorm(pointer, x, weight, Int32(count), epsilon, y)
  }

  /// `y += x`, [count].
  package func add(_ x: UnsafePointer<Float>, count: Int, to y: UnsafeMutablePointer<Float>) {
    ck_add(pointer, x, Int32(count), y)
  }

  /// `gate = silu(gate) · up`, [count].
  package func gate(
    _ gate: UnsafeMutablePointer<Float>, with up: UnsafePointer<Float>, count: Int
  ) {
    ck_silu_gate(pointer, gate, up, Int32(count))
  }

  /// `gate = gelu(gate) · up`, [count], with GELU in its tanh form.
  package func gateByGELU(
    _ gate: UnsafeMutablePointer<Float>, with up: UnsafePointer<Float>, count: Int
  ) {
    ck_gelu_gate(pointer, gate, up, Int32(count))
  }

  /// Rotates adjacent pairs of `heads` heads of `width` by angles given as cosines and sines.
  package func rotate(
    _ x: UnsafeMutablePointer<Float>, heads: Int, width: Int, rotated: Int,
    cosines: UnsafePointer<Float>, sines: UnsafePointer<Float>
  ) {
    ck_rope(pointer, x, Int32(heads), Int32(width), Int32(rotated), cosines, sines)
  }

  /// The largest value of `x`, the first index where it stands, and the largest of the others.
  package func top2(_ x: UnsafeBufferPointer<Float>) -> (index: Int, first: Float, second: Float) {
    var index: Int32 = 0
    var first: Float = 0
    var second: Float = 0
    ck_top2(pointer, x.baseAddress, Int32(x.count), &index, &first, &second)
    return (Int(index), first, second)
  }

  /// The first index from `first` on where `x` is at least `bar`; the count where there is none. What
  /// is no number is at least nothing.
  package func nextIndex(
    in x: UnsafeBufferPointer<Float>, from first: Int, atLeast bar: Float
  ) -> Int {
    Int(ck_next_at_least(pointer, x.baseAddress, Int32(first), Int32(x.count), bar))
  }

  /// `Σ exp(x − maximum)` and `Σ exp(x − maximum) · (x − maximum)`.
  package func softmaxSums(
    _ x: UnsafeBufferPointer<Float>, maximum: Float
  ) -> (
    sum: Double, weighted: Double
  ) {
    var sum = 0.0
    var weighted = 0.0
    ck_softmax_sums(pointer, x.baseAddress, Int32(x.count), maximum, &sum, &weighted)
    return (sum, weighted)
  }
}
