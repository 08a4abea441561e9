import Dials
import Foundation
import Kernels

/// The rows in flight: their tokens and everything a pass computes for them on the way.
///
/// Rows are appended, run through ranges of blocks, and in the end committed or dropped together.
/// A row that stopped after block e keeps its residual stream and can be taken further later.
struct Wave: ~Copyable {
  /// Rows there is room for.
  let capacity: Int
  /// The rows, in the order in which they were appended.
  private(set) var rows: [FlyingRow] = []

  /// The residual stream, [capacity, width].
  let hidden: ActivationRows
  /// What the projections read.
  let inputs: Inputs
  /// Queries, [capacity, queryWidth].
  let queries: ActivationRows
  /// Keys before they are stored, [capacity, keyValueWidth].
  let keys: ActivationRows
  /// Values before they are stored.
  let values: ActivationRows
  /// The factor of the gate, [capacity, innerWidth].
  let up: ActivationRows
  /// A projection on its way to the residual stream, [capacity, width].
  let projected: ActivationRows
  /// Cosines and sines of each row's position, [capacity, rotatedWidth / 2] each.
  let cosines: ActivationRows
  let sines: ActivationRows

  private let memory: [AlignedBytes]
  private var embeddedCount = 0

  /// Embeddings read until the file's pages are let go again: some megabytes.
  private static let embeddingsHeld = 64

  init(blueprint: Blueprint, capacity: Int) {
    self.capacity = capacity
    let arena = Arena()
    func room(_ columns: Int) -> ActivationRows {
      ActivationRows(capacity: capacity, columns: columns, quantized: false, in: arena)
    }
    inputs = Inputs(blueprint: blueprint, capacity: capacity, in: arena)
    hidden = room(blueprint.width)
    queries = room(blueprint.queryWidth)
    keys = room(blueprint.keyValueWidth)
    values = room(blueprint.keyValueWidth)
    up = room(blueprint.innerWidth)
    projected = room(blueprint.width)
    cosines = room(max(1, blueprint.rotatedWidth / 2))
    sines = room(max(1, blueprint.rotatedWidth / 2))
    memory = arena.pieces
    rows.reserveCapacity(capacity)
  }

  /// Adds a row whose keys and values will lie at `slot`, in a text that begins at `base`; writes its
  /// embedding and its angles.
  mutating func append(
    _ row: Row, slot: Int, base: Int = 0, sight: Sight, weights: Weights
  ) {
    precondition(rows.count < capacity, "the wave is full")
    let index = rows.count
    var path: [Int]?
    let parent = row.parent.map { rows[$0] }
    if base + row.position.rawValue != slot || parent?.path != nil {
      path = (parent.map { $0.path ?? Array($0.slot - depth(of: $0)...$0.slot) } ?? []) + [slot]
    }
    rows.append(FlyingRow(row: row, slot: slot, base: base, path: path, sight: sight))
    weights.embed(row.token.index, into: hidden.row(index))
    embeddedCount += 1
    if embeddedCount % Self.embeddingsHeld == 0 { weights.releaseEmbeddings() }
    weights.turn(
      by: row.position.rawValue, cosines: cosines.row(index), sines: sines.row(index))
  }

  /// How many ancestors in flight a row of a plain chain has.
  private func depth(of row: FlyingRow) -> Int {
    var depth = 0
    var parent = row.row.parent
    while let index = parent {
      depth += 1
      parent = rows[index].row.parent
    }
    return depth
  }

  /// Drops the rows behind the first `count`.
  mutating func truncate(to count: Int) { rows.removeLast(rows.count - count) }

  /// Drops all rows.
  mutating func clear() { rows.removeAll(keepingCapacity: true) }
}

extension Weights {
  /// Writes the cosines and sines of a position's angles, [rotatedWidth / 2] each. The angles are worked
  /// out in double precision: they are good to 1e-7 up to a billion positions.
  func turn(
    by position: Int, cosines: UnsafeMutablePointer<Float>, sines: UnsafeMutablePointer<Float>
  ) {
    for (pair, angle) in angles.enumerated() {
      let turn = angle * Double(position)
      cosines[pair] = Float(cos(turn))
      sines[pair] = Float(sin(turn))
    }
  }
}

/// What the projections of a block read, each [capacity, ...] with its quantised form.
struct Inputs: Sendable, BitwiseCopyable {
  /// The normalised residual stream, [capacity, width].
  let normed: ActivationRows
  /// What attention gathered, [capacity, queryWidth].
  let attended: ActivationRows
  /// The gated inner state of the feed-forward, [capacity, innerWidth].
  let inner: ActivationRows

  init(blueprint: Blueprint, capacity: Int, in arena: Arena) {
    normed = ActivationRows(capacity: capacity, columns: blueprint.width, in: arena)
    attended = ActivationRows(capacity: capacity, columns: blueprint.queryWidth, in: arena)
    inner = ActivationRows(capacity: capacity, columns: blueprint.innerWidth, in: arena)
  }
}
