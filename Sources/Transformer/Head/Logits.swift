package import Dials
import Kernels

/// Scratch for logits.
struct LogitRows: Sendable {
  let capacity: Int
  let vocabularyCount: Int
  /// The normalised streams, [capacity, width].
  let normed: ActivationRows
  /// The logits, [capacity, vocabulary padded].
  let values: ActivationRows
  /// A short head's logits of one row, spread over the vocabulary.
  nonisolated(unsafe) let spread: UnsafeMutablePointer<Float>
  private let memory: [AlignedBytes]

  init(blueprint: Blueprint, capacity: Int) {
    self.capacity = capacity
    vocabularyCount = blueprint.vocabularyCount
    let arena = Arena()
    normed = ActivationRows(capacity: capacity, columns: blueprint.width, in: arena)
    values = ActivationRows(
      capacity: capacity, columns: blueprint.vocabularyCount, quantized: false, in: arena)
    spread = arena.take(blueprint.vocabularyCount, of: Float.self)
    memory = arena.pieces
  }
}

/// Logits of some rows, [count, vocabulary]: a view of the pass's scratch.
package struct Logits {
  let rows: LogitRows
  /// How many rows there are.
  package let count: Int
  let kernels: KernelSet
  /// The tokens that a short head was asked about; nil when all were.
  let tokens: [Int32]?
  /// How many of the highest of each row are sure to be exact; nil when all are.
  package var exactCount: Int?

  /// Whether only the tokens of a short head were asked about.
  package var isShort: Bool { tokens != nil }

  /// The logits of one row over the whole vocabulary; minus infinity for a token that was not asked
  /// about. Of a short head's rows only one can be looked at in this way at a time.
  package subscript(row: Int) -> UnsafeMutableBufferPointer<Float> {
    let asked = UnsafeMutableBufferPointer(
      start: rows.values.row(row), count: rows.vocabularyCount)
    guard let tokens else { return asked }
    let whole = UnsafeMutableBufferPointer(start: rows.spread, count: rows.vocabularyCount)
    whole.update(repeating: -.infinity)
    for (index, token) in tokens.enumerated() { whole[Int(token)] = asked[index] }
    return whole
  }

  /// The logits of one row as they were computed, in the order of the tokens asked about.
  package func asked(_ row: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: rows.values.row(row), count: tokens?.count ?? rows.vocabularyCount)
  }

  /// The token of a number in `asked`.
  package func token(at index: Int) -> TokenID { TokenID(tokens.map { Int($0[index]) } ?? index) }

  /// The most probable token of one row.
  package func argmax(row: Int) -> TokenID { top(row: row).token }

  /// The most probable token of one row, and its logit.
  package func top(row: Int) -> (token: TokenID, value: Float) {
    let best = kernels.top2(asked(row))
    return (token(at: best.index), best.first)
  }

  /// What the vocabulary looks like from one row that has run `depth` blocks.
  package func readout(row: Int, depth: Int) -> Readout {
    let values = asked(row)
    let top = kernels.top2(values)
    let sums = kernels.softmaxSums(values, maximum: top.first)
    let best = 1 / sums.sum
    return Readout(
      depth: depth, token: token(at: top.index), probability: Float(best),
      margin: Float(best - best * Double(kernelExp(top.second - top.first))),
      entropy: Float(max(0, sums.sum.naturalLogarithm - sums.weighted / sums.sum)),
      shortlist: tokens?.count)
  }
}
