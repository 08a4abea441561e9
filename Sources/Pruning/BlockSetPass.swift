package import Dials
package import Transformer

/// Reads one sequence without each of many sets of blocks, and computes what they have in common once.
///
/// The stream after every block is kept. Another set goes on from the last block below the first one in
/// which it differs from the set before, so sets that take turns should be alike at the bottom
/// (`sharing`). A row's bits do not depend on its company (law 2), so the loss is that of a pass which
/// never heard of the other sets.
package final class BlockSetPass {
  private let pass: ForwardPass
  private var tokens: [TokenID] = []
  /// The set whose streams lie in the pass; nil when nothing was run yet.
  private var removed: BlockSet?

  /// A pass for sequences of up to `length` tokens.
  package init(_ runtime: ModelRuntime, length: Int) {
    pass = ForwardPass(runtime, capacity: 0, rowCapacity: length, keepsStreams: true)
  }

  /// Blocks of the model.
  package var blockCount: Int { pass.blockCount }

  /// Takes up a sequence.
  package func begin(_ tokens: [TokenID]) {
    self.tokens = tokens
    removed = nil
    pass.discard()
    pass.appendChain(tokens)
  }

  /// The summed loss in nats without the blocks `removed`, at the places `scored`, each judged by the
  /// token that follows it: at all that have one, unless places are given.
  package func loss(at scored: Range<Int>? = nil, without removed: BlockSet) -> Double {
    run(without: removed)
    let scored = scored ?? 0..<tokens.count - 1
    let targets = tokens[scored.lowerBound + 1..<scored.upperBound + 1]
    return pass.losses(of: scored, targets: Array(targets)).reduce(0, +)
  }

  private func run(without removed: BlockSet) {
    let first = firstDifference(from: removed)
    if first < blockCount {
      let below = (0..<first).last { !removed.contains(BlockIndex($0)) }
      if let below {
        pass.restore(rows: 0..<tokens.count, after: below)
      } else if self.removed != nil {
        begin(tokens)
      }
    }
    pass.run(
      rows: 0..<tokens.count, blocks: first..<blockCount, route: Route(pruned: removed),
      capture: true)
    self.removed = removed
  }

  /// The first block that one of the sets leaves out and the other does not.
  private func firstDifference(from other: BlockSet) -> Int {
    guard let removed else { return 0 }
    return (0..<blockCount).first {
      removed.contains(BlockIndex($0)) != other.contains(BlockIndex($0))
    } ?? blockCount
  }

  /// The sets in an order in which each has as much as possible in common with the one before.
  package static func sharing(_ sets: some Sequence<BlockSet>) -> [BlockSet] {
    sets.map { (set: $0, blocks: $0.sorted) }
      .sorted { $0.blocks.lexicographicallyPrecedes($1.blocks, by: >) }
      .map(\.set)
  }

  /// What each block does to the streams of the sequence in the whole model: the mean over its tokens
  /// of 1 − cos(input, output), for every block but the first.
  func influences() -> [BlockIndex: Double] {
    run(without: .none)
    var influences: [BlockIndex: Double] = [:]
    for block in 1..<blockCount {
      let sum = tokens.indices.reduce(0.0) { sum, row in
        let before = pass.capturedStream(row: row, after: block - 1)
        let after = pass.capturedStream(row: row, after: block)
        return sum + 1 - cosine(before, after)
      }
      influences[BlockIndex(block)] = sum / Double(tokens.count)
    }
    return influences
  }

  private func cosine(
    _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>
  ) -> Double {
    var (dot, aa, bb) = (0.0, 0.0, 0.0)
    for index in a.indices {
      let (x, y) = (Double(a[index]), Double(b[index]))
      dot += x * y
      aa += x * x
      bb += y * y
    }
    return dot / max((aa * bb).squareRoot(), .leastNormalMagnitude)
  }
}
