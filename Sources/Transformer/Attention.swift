import CKernels
import Dials
import Kernels

extension ForwardPass {
  /// `h += W_o · attention(RMSNorm(h))`, and the rows' keys and values into the cache.
  func attention(
    _ block: Int, _ w: BlockView, rows: Range<Int>, member: Int, phase: inout Int
  ) {
    let x = normalized(rows, w.attentionNorm, for: w.attentionInput, member: member, phase: &phase)
    project(
      x, rows: rows, (w.query, wave.queries), (w.key, wave.keys), (w.value, wave.values),
      phase: &phase)
    let attended =
      rows.count == 1
      ? attendAlone(block, row: rows.lowerBound, w: w, member: member, phase: &phase)
      : attendTogether(block, rows: rows, w: w, member: member, phase: &phase)
    addProjection(attended, w.output, rows: rows, phase: &phase)
  }

  /// Rotates and stores the rows' keys and values.
  func storeKeysAndValues(_ block: Int, rows: Range<Int>, phase: inout Int) {
    let heads = weights.blueprint.keyValueHeadCount
    crew.share(rows.count * heads, chunk: heads, phase: &phase) { part in
      for item in part {
        storeKeyAndValue(block, row: rows.lowerBound + item / heads, head: item % heads)
      }
    }
  }

  private func storeKeyAndValue(_ block: Int, row: Int, head: Int) {
    let width = weights.blueprint.headWidth
    let key = wave.keys.row(row) + head * width
    rotate(key, heads: 1, row: row)
    cache.write(
      kernels: kernels, block: block, head: head, slot: wave.rows[row].slot, key: key,
      value: wave.values.row(row) + head * width)
  }

  private func rotate(_ x: UnsafeMutablePointer<Float>, heads: Int, row: Int) {
    kernels.rotate(
      x, heads: heads, width: weights.blueprint.headWidth, rotated: weights.blueprint.rotatedWidth,
      cosines: wave.cosines.row(row), sines: wave.sines.row(row))
  }

  /// A single row: its stretches are shared out head by head, and every member merges them for
  /// itself. The last stretch holds the row's own position, so who has it stores the row first.
  private func attendAlone(
    _ block: Int, row: Int, w: BlockView, member: Int, phase: inout Int
  ) -> ActivationRows {
    let blueprint = weights.blueprint
    let heads = blueprint.keyValueHeadCount
    let visible = wave.rows[row].row.position.rawValue + 1
    let stretches = (visible + StretchResult.length - 1) / StretchResult.length
    let scratch = members[member]
    crew.share(heads * stretches, chunk: 1, phase: &phase) { part in
      for item in part {
        let head = item / stretches
        let stretch = item % stretches
        if stretch == stretches - 1 { storeKeyAndValue(block, row: row, head: head) }
        prepareQuery(row: row, head: head, scratch: scratch)
        attend(
          block, row: row, head: head, stretch: stretch, visible: visible, scratch: scratch,
          into: partials[head: head, stretch: stretch])
      }
    }
    let target = scratch.inputs.attended
    for head in 0..<heads {
      let running = RunningAttention(
        out: target.row(row) + head * blueprint.groupSize * blueprint.headWidth,
        width: blueprint.headWidth, state: scratch.running)
      for stretch in 0..<stretches {
        running.merge(partials[head: head, stretch: stretch], isFirst: stretch == 0)
      }
      running.finish(group: blueprint.groupSize)
    }
    kernels.prepare(target, rows: row..<row + 1, for: w.output)
    return target
  }

  /// Many rows: every row and key/value head is one member's.
  private func attendTogether(
    _ block: Int, rows: Range<Int>, w: BlockView, member: Int, phase: inout Int
  ) -> ActivationRows {
    storeKeysAndValues(block, rows: rows, phase: &phase)
    let blueprint = weights.blueprint
    let heads = blueprint.keyValueHeadCount
    let scratch = members[member]
    let target = wave.inputs.attended
    crew.share(rows.count * heads, chunk: 1, phase: &phase) { part in
      for item in part {
        let row = rows.lowerBound + item / heads
        let head = item % heads
        let visible = wave.rows[row].row.position.rawValue + 1
        let running = RunningAttention(
          out: target.row(row) + head * blueprint.groupSize * blueprint.headWidth,
          width: blueprint.headWidth, state: scratch.running)
        prepareQuery(row: row, head: head, scratch: scratch)
        for stretch in 0..<(visible + StretchResult.length - 1) / StretchResult.length {
          attend(
            block, row: row, head: head, stretch: stretch, visible: visible, scratch: scratch,
            into: scratch.stretch)
          running.merge(scratch.stretch, isFirst: stretch == 0)
        }
        running.finish(group: blueprint.groupSize)
      }
    }
    return made(rows, target, own: target, phase: &phase) { row, target in
      kernels.prepare(target, rows: row..<row + 1, for: w.output)
    }
  }

  /// The queries of a group of heads, rotated and divided by the root of the head's width.
  private func prepareQuery(row: Int, head: Int, scratch: MemberScratch) {
    let blueprint = weights.blueprint
    let count = blueprint.groupSize * blueprint.headWidth
    scratch.query.update(from: wave.queries.row(row) + head * count, count: count)
    rotate(scratch.query, heads: blueprint.groupSize, row: row)
    let scale = 1 / Float(blueprint.headWidth).squareRoot()
    for index in 0..<count { scratch.query[index] *= scale }
  }

  /// One row, the query heads of one key/value head, one stretch of the visible positions.
  private func attend(
    _ block: Int, row: Int, head: Int, stretch: Int, visible: Int, scratch: MemberScratch,
    into result: StretchResult
  ) {
    let start = stretch * StretchResult.length
    let end = min(start + StretchResult.length, visible)
    let tiles = gather(block, row: row, head: head, positions: start..<end, scratch: scratch)
    ck_attend(
      kernels.pointer, scratch.query, Int32(result.group), Int32(weights.blueprint.headWidth),
      Int32(tiles), scratch.keyTiles, scratch.valueTiles, scratch.masks, scratch.scores,
      result.maxima, result.sums, result.outputs)
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
        let place = flying.base / 16 + tile
        scratch.keyTiles[index] = UnsafePointer(cache.keys(block: block, head: head, tile: place))
        scratch.valueTiles[index] = UnsafePointer(
          cache.values(block: block, head: head, tile: place))
        continue
      }
      let keys = scratch.gatheredKeys + index * cache.keyTileSize
      let values = scratch.gatheredValues + index * cache.valueTileSize
      for lane in 0..<count {
        let position = tile * 16 + lane
        let slot = position < committed ? position : path[position - committed]
        cache.copy(block: block, head: head, slot: slot, lane: lane, keys: keys, values: values)
      }
      scratch.keyTiles[index] = UnsafePointer(keys)
      scratch.valueTiles[index] = UnsafePointer(values)
    }
    return tiles
  }
}
