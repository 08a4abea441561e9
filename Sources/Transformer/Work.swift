package import Dials
import Kernels

/// Work, counted exactly from shapes: multiply-accumulates and weight bytes.
package struct Work: Hashable, Sendable {
  /// Multiply-accumulates.
  package var macs = 0
  /// Weight bytes read; a pass reads a matrix once however many rows it has.
  package var bytes = 0

  /// No work.
  package init() {}

  /// Takes the work counted so far and starts again from nothing.
  package mutating func take() -> Work {
    defer { self = Work() }
    return self
  }

  /// The sum of two pieces of work.
  package static func + (a: Work, b: Work) -> Work {
    var sum = a
    sum.macs += b.macs
    sum.bytes += b.bytes
    return sum
  }

  mutating func addBlock(_ block: BlockView, rows: Int) {
    macs += block.macs * rows
    bytes += block.byteCount
  }

  mutating func addFill(_ block: BlockView, rows: Int) {
    macs += (block.key.macs + block.value.macs) * rows
    bytes += block.key.byteCount + block.value.byteCount
  }

  mutating func addHead(_ head: MatrixView, rows: Int) {
    macs += head.macs * rows
    bytes += head.byteCount
  }

  /// A look at the whole head by its upper bits, and the logits finished of it, each from a row of
  /// the file.
  mutating func addCoarseHead(_ weights: Weights, rows: Int, finished: Int) {
    guard let coarse = weights.coarseHead else { return }
    macs += coarse.matrix.macs * rows + finished * coarse.matrix.columns
    bytes += coarse.byteCount + finished * coarse.rowByteCount
  }

  mutating func addModule(_ module: ExitModule, rows: Int) {
    macs += module.macs * rows
    bytes += module.byteCount
  }

  mutating func addAttention(_ blueprint: Blueprint, positions: Int) {
    macs += 2 * blueprint.queryWidth * positions
  }
}

extension Weights {
  /// What one token costs at a position, at full depth and with the LM head; without `pruned`, the
  /// dense model's cost.
  package func denseWork(at position: Int, pruned: BlockSet = .none) -> Work {
    var work = Work()
    for (index, block) in blocks.enumerated() where !pruned.contains(BlockIndex(index)) {
      work.addBlock(block.view, rows: 1)
      work.addAttention(blueprint, positions: position + 1)
    }
    work.addHead(head, rows: 1)
    return work
  }
}
