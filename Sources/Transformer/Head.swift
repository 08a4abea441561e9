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
  private let memory: [AlignedBytes]

  init(blueprint: Blueprint, capacity: Int) {
    self.capacity = capacity
    vocabularyCount = blueprint.vocabularyCount
    let arena = Arena()
    normed = ActivationRows(capacity: capacity, columns: blueprint.width, in: arena)
    values = ActivationRows(
      capacity: capacity, columns: blueprint.vocabularyCount, quantized: false, in: arena)
    memory = arena.pieces
  }
}

/// Logits of some rows, [count, vocabulary]: a view of the pass's scratch.
package struct Logits {
  let rows: LogitRows
  /// How many rows there are.
  package let count: Int
  let kernels: KernelSet

  /// The logits of one row.
  package subscript(row: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: rows.values.row(row), count: rows.vocabularyCount)
  }

  /// The most probable token of one row.
  package func argmax(row: Int) -> TokenID { top(row: row).token }

  /// The most probable token of one row, and its logit.
  package func top(row: Int) -> (token: TokenID, value: Float) {
    let best = kernels.top2(UnsafeBufferPointer(self[row]))
    return (TokenID(best.index), best.first)
  }

  /// What the vocabulary looks like from one row that has run `depth` blocks.
  package func readout(row: Int, depth: Int) -> Readout {
    let values = UnsafeBufferPointer(self[row])
    let top = kernels.top2(values)
    let sums = kernels.softmaxSums(values, maximum: top.first)
    let best = 1 / sums.sum
    return Readout(
      depth: depth, token: TokenID(top.index), probability: Float(best),
      margin: Float(best - best * Double(kernelExp(top.second - top.first))),
      entropy: Float(max(0, sums.sum.logarithm - sums.weighted / sums.sum)))
  }
}

extension ForwardPass {
  /// The LM head over the normalised streams.
  func head(count: Int, member: inout CrewMember) {
    let head = weights.head
    crew.share(
      head.panelCount, chunk: crew.chunk(of: head.panelCount), by: &member
    ) { panels in
      kernels.multiply(
        head, by: logitRows.normed, rows: 0..<count, panels: panels, into: logitRows.values)
    }
  }
}
