package import Kernels

/// What passes cost with a set of kernels: always the same, so that whoever weighs by it does the same
/// work every time.
///
/// A machine's own costs, as `fathom bench` shows them, are others in every hour: where memory is slow or
/// shared, further rows cost less. These lie in the middle of what was seen, with the default model.
package struct FixedCosts: Hashable, Sendable {
  /// What rows cost behind a short text.
  package var rows: CostTable
  /// What attention to one position costs the first row, beside its share of a pass's multiplications.
  package let firstAttention: Double
  /// The same for every further row.
  package let furtherAttention: Double

  /// The costs of each set of kernels, by its name.
  ///
  /// - AVX-512 VNNI: passes of 2, 4, 8 and 16 rows cost 1.00 to 1.14, 1.03 to 1.34, 1.57 to 2.11 and 2.87
  ///   to 3.8 passes of one, on Zen 5 with one thread and two. Behind 4096 positions one row takes 1.8 to
  ///   2 times as long; keys and values that were read once serve the further rows.
  /// - AVX2: 1.08 to 1.33, 1.52 to 2.03, 2.7 to 3.6 and 4.9 to 6.7, on Zen 3. Behind 4096 positions one row
  ///   takes 2.2 times as long, and further rows are bound by products as well.
  /// - NEON was not measured. It has the costs that AVX2 had with kernels of the same form.
  /// - Scalar: every row costs a pass but for a few hundredths.
  package static let ofKernels: [String: FixedCosts] = {
    let avx2 = FixedCosts(
      rows: CostTable(times: [1, 1.15, 1.4, 1.65, 2.2, 2.8, 4, 5.25, 10.45]), firstAttention: 1.2,
      furtherAttention: 1)
    let neon = FixedCosts(
      rows: CostTable(times: [1, 1.2, 1.6, 2.05, 3, 3.95, 5.85, 7.75, 15.4]), firstAttention: 1.4,
      furtherAttention: 1.2)
    return [
      "avx512vnni": FixedCosts(
        rows: CostTable(times: [1, 1.07, 1.16, 1.3, 1.6, 2, 2.85, 3.7, 7.2]),
        firstAttention: 0.8, furtherAttention: 0.35),
      "avx2": avx2, "neon": neon, "scalar": scalar,
    ]
  }()

  /// Whether further rows are cheap enough for drafters that cost something themselves. Where they are not, a
  /// trained head makes more tokens a pass in the same time (docs/RESULTS.md, measured with AVX2).
  package var hasCheapRows: Bool { rows.cost(of: 4) <= 1.4 }

  private static let scalar = FixedCosts(
    rows: CostTable(times: CostTable.measuredCounts.map { 1 + 0.97 * Double($0 - 1) }),
    firstAttention: 1, furtherAttention: 1)

  /// The costs of a set of kernels; `rows` stands for what rows cost, where it is given.
  package static func of(_ kernels: KernelSet, rows: CostTable? = nil) -> FixedCosts {
    var costs = ofKernels[kernels.description] ?? scalar
    costs.rows = rows ?? costs.rows
    return costs
  }
}
