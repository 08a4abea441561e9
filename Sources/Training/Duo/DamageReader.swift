package import Dials
import Kernels
package import Transformer

/// What it costs that one block's feed-forward is small for one token, read with the pass that runs answers:
/// the divergence of this token's and the next tokens' distributions, in nats.
///
/// All variants of a token are rows of one tree: the unchanged row, one row for each block that is flipped,
/// and behind each of them a chain with the text's own next tokens. The token's row without a block's
/// feed-forward shows what that feed-forward would have read.
package final class DamageReader {
  /// What was read at a position.
  package struct Reading {
    /// Per block, the normalised stream that the router reads, [width].
    package var inputs: [[Float]]
    /// Per block, in nats.
    package var damages: [Double]
  }

  private let pass: ForwardPass
  private let base: BaseModel
  private let horizon: Int
  private let space: Matrix
  private let memory: [AlignedBytes]

  /// A reader for texts of up to `length` tokens; `runtime` has small feed-forwards.
  package init(_ runtime: ModelRuntime, base: BaseModel, length: Int, horizon: Int) {
    self.base = base
    self.horizon = horizon
    let blockCount = base.blueprint.blockCount
    pass = ForwardPass(
      runtime, capacity: length, rowCapacity: max(128, (blockCount + 1) * (horizon + 2)),
      keepsStreams: true)
    let arena = Arena()
    space = Matrix(1, base.blueprint.vocabularyCount, in: arena)
    memory = arena.pieces
  }

  /// Begins a text.
  package func begin() { pass.truncate(to: 0) }

  /// Reads the text up to `position`, which comes behind those read before, and what damages cost there.
  /// `patterns` say which blocks are small anyway for that token and each that follows within the horizon.
  package func read(_ text: [TokenID], at position: Int, patterns: [BlockSet]) -> Reading {
    pass.read(text[pass.cache.committedCount..<position])
    let last = min(position + horizon, text.count - 1)
    let tree = DamageTree(
      blockCount: pass.blockCount, tokens: Array(text[position...last]),
      patterns: Array(patterns.prefix(last - position + 1)))
    for row in tree.rows(from: position) { pass.append(row) }
    pass.run(
      rows: 0..<tree.rowCount, blocks: 0..<pass.blockCount, routes: tree.routes, capture: true)
    let reading = Reading(
      inputs: (0..<pass.blockCount).map { input(of: $0, row: tree.bareRow(of: $0)) },
      damages: damages(tree))
    pass.discard()
    return reading
  }

  /// What the feed-forward of a block reads, from the stream behind the block's attention.
  private func input(of block: Int, row: Int) -> [Float] {
    let stream = pass.capturedStream(row: row, after: block)
    let gain = base.blocks[block].feedForwardNorm
    let mean =
      stream.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, stream.count))
    let scale = Float(1 / (mean + Double(base.head.epsilon)).squareRoot())
    return stream.indices.map { stream[$0] * scale * gain.base[$0] }
  }

  private func damages(_ tree: DamageTree) -> [Double] {
    var damages = Array(repeating: 0.0, count: pass.blockCount)
    for level in tree.levels {
      for (index, part) in pass.headParts(of: Array(level)).enumerated() {
        let logits = pass.logits(rows: part)
        if index == 0, let first = logits.asked(0).baseAddress {
          space[0].update(from: first, count: space.columns)
        }
        let first = part[0] - level.lowerBound
        let unchanged = UnsafeBufferPointer(start: space[0], count: space.columns)
        let found = pass.pool.map(part.count) { row -> Double in
          guard first + row > 0 else { return 0 }
          let flipped = logits.asked(row)
          // From the variant whose feed-forward is big.
          return tree.patterns[0].contains(BlockIndex(first + row - 1))
            ? Divergence.between(flipped, unchanged) : Divergence.between(unchanged, flipped)
        }
        for (row, divergence) in found.enumerated() where first + row > 0 {
          damages[first + row - 1] += divergence
        }
      }
    }
    return damages
  }
}

/// The rows of the variants of a token.
struct DamageTree {
  let blockCount: Int
  /// The token, and those that follow.
  let tokens: [TokenID]
  /// The blocks that are small anyway, for each of them.
  let patterns: [BlockSet]

  /// The unchanged row and one for each block.
  private var variantCount: Int { blockCount + 1 }
  /// All rows.
  var rowCount: Int { variantCount * tokens.count + blockCount }
  /// The rows of the variants, token after token.
  var levels: [Range<Int>] {
    tokens.indices.map { $0 == 0 ? 0..<variantCount : start($0)..<start($0) + variantCount }
  }

  /// The row whose stream behind a block is what the block's feed-forward reads.
  func bareRow(of block: Int) -> Int { variantCount + block }

  private func start(_ level: Int) -> Int { variantCount * level + blockCount }

  /// The rows, the token standing at `position`.
  func rows(from position: Int) -> [Row] {
    var rows = (0..<variantCount + blockCount).map { _ in
      Row(token: tokens[0], position: Position(position), parent: nil)
    }
    for level in tokens.indices.dropFirst() {
      for parent in levels[level - 1] {
        rows.append(
          Row(token: tokens[level], position: Position(position + level), parent: parent))
      }
    }
    return rows
  }

  /// Their routes.
  var routes: [Route] {
    let first = patterns[0]
    var routes = [Route(small: first)]
    for block in 0..<blockCount {
      var flipped = first
      let index = BlockIndex(block)
      if first.contains(index) { flipped.remove(index) } else { flipped.insert(index) }
      routes.append(Route(small: flipped))
    }
    for block in 0..<blockCount {
      var route = Route(small: first)
      route[block] = .bare
      routes.append(route)
    }
    for pattern in patterns.dropFirst() {
      routes += Array(repeating: Route(small: pattern), count: variantCount)
    }
    return routes
  }
}
