import CKernels
import Dials
import Kernels

/// What one member of the crew needs to attend: views of up to 16 tiles, scores, partial results.
struct MemberScratch: Sendable {
  /// Positions that are attended to in one stretch; stretches are merged in order, so that the
  /// result does not depend on who computed them.
  static let stretch = 256

  nonisolated(unsafe) let keyTiles: UnsafeMutablePointer<UnsafePointer<UInt16>?>
  nonisolated(unsafe) let valueTiles: UnsafeMutablePointer<UnsafePointer<UInt16>?>
  nonisolated(unsafe) let masks: UnsafeMutablePointer<UInt16>
  nonisolated(unsafe) let scores: UnsafeMutablePointer<Float>
  nonisolated(unsafe) let gatheredKeys: UnsafeMutablePointer<UInt16>
  nonisolated(unsafe) let gatheredValues: UnsafeMutablePointer<UInt16>
  /// A stretch's result for the heads of a group: maximum, sum, [headWidth padded] outputs.
  nonisolated(unsafe) let partial: UnsafeMutablePointer<Float>

  /// The maximum and the sum of the stretches merged so far.
  nonisolated(unsafe) let running: UnsafeMutablePointer<Float>

  private let storage: [AlignedBytes]

  init(blueprint: Blueprint) {
    let stride = (blueprint.headWidth + 15) / 16 * 16
    let sizes = [
      16 * 8, 16 * 8, 16 * 2, blueprint.groupSize * Self.stretch * 4,
      16 * blueprint.headWidth * 16 * 2, 16 * stride * 16 * 2,
      blueprint.groupSize * (stride + 2) * 4, blueprint.groupSize * 2 * 4,
    ]
    storage = sizes.map { AlignedBytes(count: $0, zeroed: true) }
    keyTiles = storage[0].values(UnsafePointer<UInt16>?.self)
    valueTiles = storage[1].values(UnsafePointer<UInt16>?.self)
    masks = storage[2].values(UInt16.self)
    scores = storage[3].values(Float.self)
    gatheredKeys = storage[4].values(UInt16.self)
    gatheredValues = storage[5].values(UInt16.self)
    partial = storage[6].values(Float.self)
    running = storage[7].values(Float.self)
  }
}

extension ForwardPass {
  /// `h += W_o · attention(RMSNorm(h))`, and the rows' keys and values into the cache.
  func attention(_ block: Int, rows: Range<Int>, member: Int, phase: inout Int) {
    let w = weights.blocks[block]
    normalize(rows, w.attentionNorm, for: w.attentionInput, phase: &phase)
    projectQueries(block, rows: rows, phase: &phase)
    projectKeysAndValues(block, rows: rows, phase: &phase)
    attend(block, rows: rows, member: member, phase: &phase)
    crew.share(rows.count, chunk: 1, phase: &phase) { part in
      kernels.prepare(wave.attended, rows: part.shifted(by: rows.lowerBound), for: w.output)
    }
    project(wave.attended, w.output, rows: rows, phase: &phase)
  }

  private func projectQueries(_ block: Int, rows: Range<Int>, phase: inout Int) {
    let w = weights.blocks[block].query
    crew.share(
      w.panelCount, chunk: crew.chunk(of: w.panelCount), phase: &phase
    ) { panels in
      kernels.multiply(
        w, by: wave.normed, rows: rows, panels: panels, into: wave.queries.values,
        stride: wave.queries.stride)
    }
  }

  /// Keys and values of the normalised rows, rotated and stored in the cache.
  func projectKeysAndValues(_ block: Int, rows: Range<Int>, phase: inout Int) {
    let w = weights.blocks[block]
    let panelCount = w.key.panelCount
    crew.share(
      panelCount, chunk: crew.chunk(of: panelCount), phase: &phase
    ) { panels in
      kernels.multiply(
        w.key, by: wave.normed, rows: rows, panels: panels, into: wave.keys.values,
        stride: wave.keys.stride)
      kernels.multiply(
        w.value, by: wave.normed, rows: rows, panels: panels, into: wave.values.values,
        stride: wave.values.stride)
    }
    let blueprint = weights.blueprint
    let heads = blueprint.keyValueHeadCount
    crew.share(rows.count * heads, chunk: heads, phase: &phase) { part in
      for item in part {
        let row = rows.lowerBound + item / heads
        let head = item % heads
        let key = wave.keys.row(row) + head * blueprint.headWidth
        rotate(key, heads: 1, row: row)
        cache.write(
          kernels: kernels, block: block, head: head, slot: wave.rows[row].slot, key: key,
          value: wave.values.row(row) + head * blueprint.headWidth)
      }
    }
  }

  private func rotate(_ x: UnsafeMutablePointer<Float>, heads: Int, row: Int) {
    kernels.rotate(
      x, heads: heads, width: weights.blueprint.headWidth, rotated: weights.blueprint.rotatedWidth,
      cosines: wave.cosines.row(row), sines: wave.sines.row(row))
  }

  /// Attention of every row and key/value head, each by one member.
  private func attend(_ block: Int, rows: Range<Int>, member: Int, phase: inout Int) {
    let blueprint = weights.blueprint
    let heads = blueprint.keyValueHeadCount
    let scratch = members[member]
    crew.share(rows.count * heads, chunk: 1, phase: &phase) { part in
      for item in part {
        let row = rows.lowerBound + item / heads
        let head = item % heads
        let group = blueprint.groupSize
        let query = wave.queries.row(row) + head * group * blueprint.headWidth
        rotate(query, heads: group, row: row)
        let scale = 1 / Float(blueprint.headWidth).squareRoot()
        for index in 0..<group * blueprint.headWidth { query[index] *= scale }
        attend(block, row: row, head: head, query: query, scratch: scratch)
      }
    }
  }

  /// One row, the query heads of one key/value head, stretch by stretch over all visible positions.
  private func attend(
    _ block: Int, row: Int, head: Int, query: UnsafePointer<Float>, scratch: MemberScratch
  ) {
    let blueprint = weights.blueprint
    let group = blueprint.groupSize
    let width = blueprint.headWidth
    let stride = (width + 15) / 16 * 16
    let visible = wave.rows[row].row.position.rawValue + 1
    let running = RunningAttention(
      out: wave.attended.row(row) + head * group * width, group: group, width: width,
      stride: stride, partial: scratch.partial, state: scratch.running)
    for start in Swift.stride(from: 0, to: visible, by: MemberScratch.stretch) {
      let end = min(start + MemberScratch.stretch, visible)
      let tiles = gather(block, row: row, head: head, positions: start..<end, scratch: scratch)
      let outputs = scratch.partial + 2 * group
      ck_attend(
        kernels.pointer, query, Int32(group), Int32(width), Int32(tiles), scratch.keyTiles,
        scratch.valueTiles, scratch.masks, scratch.scores, scratch.partial,
        scratch.partial + group, outputs)
      running.merge(isFirst: start == 0)
    }
    running.finish()
  }

  /// Views of the tiles that hold `positions` of the row's own text; returns how many.
  private func gather(
    _ block: Int, row: Int, head: Int, positions: Range<Int>, scratch: MemberScratch
  ) -> Int {
    let flying = wave.rows[row]
    let committed = cache.committedCount
    let firstTile = positions.lowerBound / 16
    let tiles = (positions.upperBound + 15) / 16 - firstTile
    for index in 0..<tiles {
      let tile = firstTile + index
      let count = min(16, positions.upperBound - tile * 16)
      scratch.masks[index] = UInt16(truncatingIfNeeded: (1 << count) - 1)
      guard let path = flying.path, tile * 16 + count > committed else {
        scratch.keyTiles[index] = UnsafePointer(cache.keys(block: block, head: head, tile: tile))
        scratch.valueTiles[index] = UnsafePointer(
          cache.values(block: block, head: head, tile: tile))
        continue
      }
      let keys = scratch.gatheredKeys + index * cache.keyTileSize
      let values = scratch.gatheredValues + index * cache.valueTileSize
      for lane in 0..<count {
        let position = tile * 16 + lane
        let slot = position < committed ? position : path[position - committed]
        cache.copy(
          block: block, head: head, slot: slot, lane: lane, keys: keys, values: values)
      }
      scratch.keyTiles[index] = UnsafePointer(keys)
      scratch.valueTiles[index] = UnsafePointer(values)
    }
    return tiles
  }
}

/// Attention over a text of any length, merged from stretches in order.
private struct RunningAttention {
  /// The result, [group, width].
  let out: UnsafeMutablePointer<Float>
  let group: Int
  let width: Int
  let stride: Int
  /// A stretch: maxima [group], sums [group], outputs [group, stride].
  let partial: UnsafePointer<Float>
  /// So far: maxima [group], sums [group].
  let state: UnsafeMutablePointer<Float>

  /// Takes in the stretch that lies in `partial`.
  func merge(isFirst: Bool) {
    for head in 0..<group {
      let target = out + head * width
      let source = partial + 2 * group + head * stride
      let maximum = partial[head]
      let sum = partial[group + head]
      if isFirst {
        state[head] = maximum
        state[group + head] = sum
        target.update(from: source, count: width)
      } else if sum > 0 {
        let larger = max(state[head], maximum)
        let old = kernelExp(state[head] - larger)
        let new = kernelExp(maximum - larger)
        state[head] = larger
        state[group + head] = state[group + head] * old + sum * new
        for d in 0..<width { target[d] = target[d] * old + source[d] * new }
      }
    }
  }

  /// Divides by the sums.
  func finish() {
    for head in 0..<group where state[group + head] > 0 {
      let inverse = 1 / state[group + head]
      for d in 0..<width { out[head * width + d] *= inverse }
    }
  }
}
