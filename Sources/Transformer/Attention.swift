import CKernels
import Dials
import Kernels

extension ForwardPass {
  /// `h += W_o · attention(RMSNorm(h))`, and the rows' keys and values into the cache.
  func attention(
    _ block: Int, _ w: BlockView, rows: Range<Int>, member: inout CrewMember
  ) {
    let x = normalized(rows, w.attentionNorm, for: w.attentionInput, member: &member)
    expectTiles(block, rows: rows, else: w.output, &member)
    project(
      x, rows: rows, (w.query, wave.queries), (w.key, wave.keys), (w.value, wave.values),
      member: &member)
    expect(w.output, &member)
    let attended =
      rows.count <= Self.rowsByStretch
      ? attendByStretch(block, rows: rows, w: w, member: &member)
      : attendByRow(block, rows: rows, w: w, member: &member)
    expect(w.gate, &member)
    addProjection(attended, w.output, rows: rows, member: &member)
  }

  /// Says which stretch `member` reads first where the text is long, or else which matrix.
  private func expectTiles(
    _ block: Int, rows: Range<Int>, else matrix: MatrixView, _ member: inout CrewMember
  ) {
    let heads = weights.blueprint.keyValueHeadCount
    let stretches = KeyValueTiles.stretches(in: visibleCount(of: rows))
    let part = crew.part(of: heads * stretches, member: member.index)
    guard rows.count <= Self.rowsByStretch, stretches > 1, !part.isEmpty else {
      expect(matrix, &member)
      return
    }
    let (stretch, head) = part.lowerBound.quotientAndRemainder(dividingBy: heads)
    member.upcoming = Upcoming(
      tiles.unit(block: block, head: head, stretch: stretch),
      count: min(heads - head, part.count) * tiles.unitBytes)
  }

  /// Rotates and stores the rows' keys and values.
  func storeKeysAndValues(_ block: Int, rows: Range<Int>, member: inout CrewMember) {
    let heads = weights.blueprint.keyValueHeadCount
    crew.share(rows.count * heads, chunk: heads, by: &member) { part in
      for item in part {
        storeKeyAndValue(block, row: rows.lowerBound + item / heads, head: item % heads)
      }
    }
  }

  private func storeKeyAndValue(_ block: Int, row: Int, head: Int) {
    let width = weights.blueprint.headWidth
    let key = wave.keys.row(row) + head * width
    rotate(key, heads: 1, row: row)
    tiles.store(
      kernels, block: block, head: head, slot: wave.rows[row].slot, key: key,
      value: wave.values.row(row) + head * width)
  }

  private func rotate(_ x: UnsafeMutablePointer<Float>, heads: Int, row: Int) {
    kernels.rotate(
      x, heads: heads, width: weights.blueprint.headWidth, rotated: weights.blueprint.rotatedWidth,
      cosines: wave.cosines.row(row), sines: wave.sines.row(row))
  }

  /// Rows up to which stretches are shared out; beyond it, rows are.
  static var rowsByStretch: Int { 8 }
  /// Rows that share what one member reads of the cache.
  static var rowsPerPart: Int { 16 }

  /// Few rows: stretches are shared out head by head, so each is read once, and merged afterwards. Where
  /// that makes too few parts to share, each is for half of the rows. A single row is stored by who has
  /// the last stretch, which holds its own position.
  private func attendByStretch(
    _ block: Int, rows: Range<Int>, w: BlockView, member: inout CrewMember
  ) -> ActivationRows {
    if rows.count > 1 { storeKeysAndValues(block, rows: rows, member: &member) }
    let blueprint = weights.blueprint
    let heads = blueprint.keyValueHeadCount
    let stretches = KeyValueTiles.stretches(in: visibleCount(of: rows))
    let scratch = members[member.index]
    scratch.prepared.update(repeating: false, count: heads)
    let parts = heads * stretches < 2 * crew.count ? min(2, rows.count) : 1
    crew.share(heads * stretches * parts, chunk: 1, by: &member) { share in
      for item in share {
        let (unit, part) = item.quotientAndRemainder(dividingBy: parts)
        let (stretch, head) = unit.quotientAndRemainder(dividingBy: heads)
        if rows.count == 1, stretch == stretches - 1 {
          storeKeyAndValue(block, row: rows.lowerBound, head: head)
        }
        if !scratch.prepared[head] {
          scratch.prepared[head] = true
          prepareQueries(rows: rows, head: head, first: head * rows.count, scratch: scratch)
        }
        view(block, head: head, stretch: stretch, scratch: scratch)
        for index in rows.count * part / parts..<rows.count * (part + 1) / parts {
          attend(
            block, row: rows.lowerBound + index, head: head, stretch: stretch,
            queries: scratch.queries[head * rows.count + index], scratch: scratch,
            into: partials[(index * heads + head) * stretches + stretch])
        }
      }
    }
    let shared = wave.inputs.attended
    return made(rows, shared, own: scratch.inputs.attended, member: &member) { row, target in
      let visible = KeyValueTiles.stretches(in: visibleCount(of: row..<row + 1))
      for head in 0..<heads {
        let first = ((row - rows.lowerBound) * heads + head) * stretches
        scratch.stretch.copy(partials[first])
        for stretch in 1..<max(1, visible) {
          merge(partials[first + stretch], into: scratch.stretch)
        }
        finish(scratch.stretch, row: row, head: head, into: target)
      }
      kernels.prepare(target, rows: row..<row + 1, for: w.output)
    }
  }

  /// Many rows: some of them and one key/value head are one member's, and each stretch is read once
  /// for all of these.
  private func attendByRow(
    _ block: Int, rows: Range<Int>, w: BlockView, member: inout CrewMember
  ) -> ActivationRows {
    storeKeysAndValues(block, rows: rows, member: &member)
    let heads = weights.blueprint.keyValueHeadCount
    let scratch = members[member.index]
    let target = wave.inputs.attended
    let parts = (rows.count + Self.rowsPerPart - 1) / Self.rowsPerPart
    crew.share(heads * parts, chunk: 1, by: &member) { items in
      for item in items {
        let (head, part) = item.quotientAndRemainder(dividingBy: parts)
        let first = rows.lowerBound + part * Self.rowsPerPart
        attend(
          block, rows: first..<min(first + Self.rowsPerPart, rows.upperBound), head: head,
          scratch: scratch, into: target)
      }
    }
    return made(rows, target, own: target, member: &member) { row, target in
      kernels.prepare(target, rows: row..<row + 1, for: w.output)
    }
  }

  /// Some rows, the query heads of one key/value head, all stretches.
  private func attend(
    _ block: Int, rows: Range<Int>, head: Int, scratch: MemberScratch, into target: ActivationRows
  ) {
    prepareQueries(rows: rows, head: head, first: 0, scratch: scratch)
    for stretch in 0..<KeyValueTiles.stretches(in: visibleCount(of: rows)) {
      view(block, head: head, stretch: stretch, scratch: scratch)
      for (index, row) in rows.enumerated() {
        let result = stretch == 0 ? scratch.running[index] : scratch.stretch
        let sees = attend(
          block, row: row, head: head, stretch: stretch, queries: scratch.queries[index],
          scratch: scratch, into: result)
        if sees, stretch > 0 { merge(result, into: scratch.running[index]) }
      }
    }
    for (index, row) in rows.enumerated() {
      finish(scratch.running[index], row: row, head: head, into: target)
    }
  }

  private func merge(_ next: StretchResult, into result: StretchResult) {
    result.merge(next, kernels: kernels, headWidth: weights.blueprint.headWidth)
  }

  private func finish(_ result: StretchResult, row: Int, head: Int, into target: ActivationRows) {
    let width = weights.blueprint.headWidth
    result.finish(
      kernels: kernels, headWidth: width, into: target.row(row) + head * result.group * width)
  }

  /// Positions that at least one of the rows sees.
  private func visibleCount(of rows: Range<Int>) -> Int {
    var count = 0
    for row in rows { count = max(count, wave.rows[row].row.position.rawValue + 1) }
    return count
  }

  /// The queries of a group of heads of each row, rotated and in digits, from group `first` on.
  private func prepareQueries(rows: Range<Int>, head: Int, first: Int, scratch: MemberScratch) {
    let blueprint = weights.blueprint
    let count = blueprint.groupSize * blueprint.headWidth
    let queries = wave.queries
    for (index, row) in rows.enumerated() {
      let floats = scratch.queries.floats
      floats.update(from: queries.row(row) + head * count, count: count)
      rotate(floats, heads: blueprint.groupSize, row: row)
      var digits = scratch.queries[first + index]
      ck_prepare_queries(
        kernels.pointer, floats, Int32(blueprint.groupSize), Int32(blueprint.headWidth), &digits)
    }
  }

  /// The tiles of one stretch, as the cache has them.
  private func view(_ block: Int, head: Int, stretch: Int, scratch: MemberScratch) {
    let count = Int(CK_TILES)
    for index in 0..<count {
      scratch.tiles[index] = tiles.tile(block: block, head: head, index: stretch * count + index)
      scratch.masks[index] = .max
    }
  }

  /// One row, the query heads of one key/value head, one stretch, which is in view; false when the row
  /// sees nothing of it.
  @discardableResult
  private func attend(
    _ block: Int, row: Int, head: Int, stretch: Int, queries: ck_queries, scratch: MemberScratch,
    into result: StretchResult
  ) -> Bool {
    let start = stretch * StretchResult.length
    let visible = min(wave.rows[row].row.position.rawValue + 1 - start, StretchResult.length)
    if visible <= 0 { return false }
    var source = scratch.tiles
    let base = wave.rows[row].base
    if base > 0 {
      for tile in 0..<(visible + 15) / 16 {
        let index = (base + start) / 16 + tile
        scratch.ownTiles[tile] = tiles.tile(block: block, head: head, index: index)
      }
      source = scratch.ownTiles
    } else if wave.rows[row].path != nil, start + visible > cache.committedCount {
      gather(block, row: row, head: head, positions: start..<start + visible, scratch: scratch)
      source = scratch.ownTiles
    }
    let last = (visible - 1) / 16
    scratch.masks[last] = .max >> (15 - (visible - 1) % 16)
    var queries = queries
    ck_attend(
      kernels.pointer, &queries, Int32(result.group), Int32(weights.blueprint.headWidth),
      Int32(last + 1), source, scratch.masks, result.maxima, result.sums, result.outputs)
    scratch.masks[last] = .max
    return true
  }

  /// The tiles of a stretch as a row of a tree sees them: where its path is not what the cache has, the
  /// positions are put together.
  private func gather(
    _ block: Int, row: Int, head: Int, positions: Range<Int>, scratch: MemberScratch
  ) {
    guard let path = wave.rows[row].path else { return }
    let committed = cache.committedCount
    for tile in 0..<(positions.count + 15) / 16 {
      let first = positions.lowerBound + tile * 16
      let end = min(first + 16, positions.upperBound)
      if end <= committed {
        scratch.ownTiles[tile] = scratch.tiles[tile]
        continue
      }
      let own = scratch.gathered.tile(block: 0, head: 0, index: tile)
      scratch.ownTiles[tile] = own
      tiles.copy(scratch.tiles[tile], to: own)
      for position in max(first, committed)..<end where path[position - committed] != position {
        tiles.copy(
          block: block, head: head, slot: path[position - committed], to: own,
          lane: position - first)
      }
    }
  }
}
