import Dials
import Kernels

/// The rows in flight: their tokens, and what a pass keeps of each from block to block.
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
  /// The angles of each row's position.
  let angles: RowAngles
  /// How much of attention the sinks got.
  let sinkShares: SinkShares

  private let memory: [AlignedBytes]
  private var embeddedCount = 0

  /// Embeddings read until the file's pages are let go again: some megabytes.
  private static let embeddingsHeld = 64

  init(blueprint: Blueprint, capacity: Int) {
    self.capacity = capacity
    let arena = Arena()
    hidden = ActivationRows(
      capacity: capacity, columns: blueprint.width, quantized: false, in: arena)
    angles = RowAngles(blueprint: blueprint, capacity: capacity, in: arena)
    sinkShares = SinkShares(blueprint: blueprint, capacity: capacity, in: arena)
    memory = arena.pieces
    rows.reserveCapacity(capacity)
  }

  /// Adds a row whose keys and values will lie at `slot`, in a text of up to `length` positions that begins
  /// at `base`; writes its embedding and its angles.
  mutating func append(
    _ row: Row, slot: Int, base: Int = 0, visible: BlockSpans, length: Int, weights: Weights
  ) {
    precondition(rows.count < capacity, "the wave is full")
    let index = rows.count
    let path = path(of: row, slot: slot, base: base)
    rows.append(FlyingRow(row: row, slot: slot, base: base, path: path, visible: visible))
    weights.embed(row.token.index, into: hidden.row(index))
    embeddedCount += 1
    if embeddedCount % Self.embeddingsHeld == 0 { weights.releaseEmbeddings() }
    weights.rotary.turn(
      by: row.position.rawValue, length: length, cosines: angles.cosines.row(index),
      sines: angles.sines.row(index))
    if visible.everywhere.sinkCount > 0 { sinkShares.clear(row: index) }
  }

  /// Adds a row with all that row `source` has so far but its keys and values; its own will lie at
  /// `slot`.
  mutating func fork(_ source: Int, slot: Int) {
    precondition(rows.count < capacity, "the wave is full")
    let (original, index) = (rows[source], rows.count)
    precondition(original.base == 0, "a text in a room of its own has one row")
    rows.append(
      FlyingRow(
        row: original.row, slot: slot, base: 0,
        path: path(of: original.row, slot: slot, base: 0), visible: original.visible))
    for room in [hidden, angles.cosines, angles.sines] {
      room.row(index).update(from: room.row(source), count: room.columns)
    }
    if original.visible.everywhere.sinkCount > 0 { sinkShares.copy(row: source, to: index) }
  }

  /// The slots of a row and its ancestors in flight, where these are not the slots of their positions.
  private func path(of row: Row, slot: Int, base: Int) -> [Int]? {
    let parent = row.parent.map { rows[$0] }
    guard base + row.position.rawValue != slot || parent?.path != nil else { return nil }
    return (parent.map { $0.path ?? Array($0.slot - depth(of: $0)...$0.slot) } ?? []) + [slot]
  }

  /// What attention reads of the rows.
  var view: WaveView { WaveView(rows: rows, angles: angles, sinkShares: sinkShares) }

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

/// What attention reads of the rows in flight.
struct WaveView: Sendable {
  let rows: [FlyingRow]
  let angles: RowAngles
  let sinkShares: SinkShares
}

/// Cosines and sines of the positions of rows in flight, [capacity, rotation, rotatedWidth / 2] each.
struct RowAngles: Sendable, BitwiseCopyable {
  let cosines: ActivationRows
  let sines: ActivationRows

  init(blueprint: Blueprint, capacity: Int, in arena: Arena) {
    func room() -> ActivationRows {
      ActivationRows(
        capacity: capacity, columns: blueprint.angleCount, quantized: false, in: arena)
    }
    cosines = room()
    sines = room()
  }
}
