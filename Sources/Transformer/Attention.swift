import CKernels
import Dials
import Kernels

extension ForwardPass {
  /// `h += W_o · attention(RMSNorm(h))`, and the rows' keys and values into the cache.
  func attention(
    _ block: Int, _ w: BlockView, _ group: RowGroup, member: inout CrewMember
  ) {
    let x = normalized(group, w.attentionNorm, for: w.attentionInput, member: &member)
    expectTiles(block, group, else: w.output, &member)
    project(
      x, count: group.count, (w.query, wave.queries, w.changes.query),
      (w.key, wave.keys, w.changes.key), (w.value, wave.values, w.changes.value), member: &member)
    expect(w.output, &member)
    let attended =
      group.count <= Self.rowsByStretch
      ? attendByStretch(block, group, w: w, member: &member)
      : attendByRow(block, group, w: w, member: &member)
    expect(w.gate, &member)
    addProjection(attended, w.output, w.changes.output, group, member: &member)
  }

  /// Says which stretch `member` reads first where the text is long, or else which matrix.
  private func expectTiles(
    _ block: Int, _ group: RowGroup, else matrix: MatrixView, _ member: inout CrewMember
  ) {
    guard group.count <= Self.rowsByStretch else { return expect(matrix, &member) }
    let heads = weights.blueprint.keyValueHeadCount
    let span = span(of: group)
    let part = crew.part(of: heads * span.count, member: member.index)
    guard span.count > 1, !part.isEmpty else { return expect(matrix, &member) }
    let (index, head) = part.lowerBound.quotientAndRemainder(dividingBy: heads)
    let tiles = tiles(of: span[index])
    member.upcoming = Upcoming(
      tiles.unit(block: block, head: head, stretch: span[index].stretch),
      count: min(heads - head, part.count) * tiles.unitBytes)
  }

  private func tiles(of place: StretchPlace) -> KeyValueTiles {
    place.isOfSinks ? sinkTiles : tiles
  }

  /// Rotates and stores the rows' keys and values.
  func storeKeysAndValues(_ block: Int, _ group: RowGroup, member: inout CrewMember) {
    let heads = weights.blueprint.keyValueHeadCount
    crew.share(group.count * heads, chunk: heads, by: &member) { part in
      for item in part {
        storeKeyAndValue(block, group, index: item / heads, head: item % heads)
      }
    }
  }

  private func storeKeyAndValue(_ block: Int, _ group: RowGroup, index: Int, head: Int) {
    let width = weights.blueprint.headWidth
    let row = group[index]
    let (slot, position) = (wave.rows[row].slot, wave.rows[row].row.position.rawValue)
    let key = wave.keys.row(index) + head * width
    let value = wave.values.row(index) + head * width
    let isSink = position < cache.sinkCount
    // Far away a key counts without its angle (LM-Infinite) or with it (StreamingLLM).
    if isSink, reach.distance == .capped {
      sinkTiles.store(kernels, block: block, head: head, slot: slot, key: key, value: value)
    }
    rotate(key, heads: 1, row: row)
    if isSink, reach.distance == .cacheIndex {
      sinkTiles.store(kernels, block: block, head: head, slot: slot, key: key, value: value)
    }
    tiles.store(kernels, block: block, head: head, slot: slot, key: key, value: value)
  }

  private func rotate(
    _ x: UnsafeMutablePointer<Float>, heads: Int, row: Int, at angles: FarAngles? = nil
  ) {
    let position = wave.rows[row].row.position.rawValue
    let far = angles.flatMap { position > $0.position ? $0 : nil }
    kernels.rotate(
      x, heads: heads, width: weights.blueprint.headWidth, rotated: weights.blueprint.rotatedWidth,
      cosines: far?.cosines ?? wave.cosines.row(row), sines: far?.sines ?? wave.sines.row(row))
  }

  /// Rows up to which stretches are shared out; beyond it, rows are.
  static var rowsByStretch: Int { 8 }
  /// Rows that share what one member reads of the cache.
  static var rowsPerPart: Int { 16 }

  /// Few rows: stretches are shared out head by head, so each is read once, and merged afterwards. Where
  /// that makes too few parts to share, each is for half of the rows. A single row is stored by who has
  /// the last stretch, which holds its own position.
  private func attendByStretch(
    _ block: Int, _ group: RowGroup, w: BlockView, member: inout CrewMember
  ) -> ActivationRows {
    if group.count > 1 { storeKeysAndValues(block, group, member: &member) }
    lookUp(block, group, member: &member)
    let heads = weights.blueprint.keyValueHeadCount
    let span = span(of: group)
    let scratch = members[member.index]
    scratch.prepared.update(repeating: false, count: 2 * heads)
    let parts = heads * span.count < 2 * crew.count ? min(2, group.count) : 1
    crew.share(heads * span.count * parts, chunk: 1, by: &member) { share in
      for item in share {
        let (unit, part) = item.quotientAndRemainder(dividingBy: parts)
        let (index, head) = unit.quotientAndRemainder(dividingBy: heads)
        let place = span[index]
        if group.count == 1, index == span.count - 1 {
          storeKeyAndValue(block, group, index: 0, head: head)
        }
        let preparation = place.isOfSinks ? heads + head : head
        if !scratch.prepared[preparation] {
          scratch.prepared[preparation] = true
          prepareQueries(
            group, group.indices, head: head, first: head * group.count,
            at: place.isOfSinks ? farAngles : nil, scratch: scratch)
        }
        view(block, head: head, place: place, scratch: scratch)
        for offset in group.count * part / parts..<group.count * (part + 1) / parts {
          attend(
            block, row: group[offset], head: head, place: place,
            query: head * group.count + offset, scratch: scratch,
            into: partials[(offset * heads + head) * span.count + index])
        }
      }
    }
    let shared = wave.inputs.attended
    // Of a single row every member makes all for itself; the first keeps the books.
    let counts = group.count > 1 || member.index == 0
    return made(group.count, shared, own: scratch.inputs.attended, member: &member) {
      index, target in
      for head in 0..<heads {
        merge(block, group, index, of: span, head: head, scratch: scratch, counts: counts)
        finish(scratch.stretch, index: index, head: head, into: target)
      }
      kernels.prepare(target, rows: index..<index + 1, for: w.output)
    }
  }

  /// Merges what one row saw of `span`, in order: the first positions, what it looked up, its window.
  private func merge(
    _ block: Int, _ group: RowGroup, _ index: Int, of span: StretchSpan, head: Int,
    scratch: MemberScratch, counts: Bool
  ) {
    let row = group[index]
    let first = (index * weights.blueprint.keyValueHeadCount + head) * span.count
    let own = StretchSpan(of: wave.rows[row].sight)
    let result = scratch.stretch
    var isEmpty = true
    func take(_ next: StretchResult) {
      if isEmpty { result.copy(next) } else { merge(next, into: result) }
      isEmpty = false
    }
    for stretch in 0..<own.count {
      if stretch == own.sinkStretches,
        let found = lookedUp(block, group, index: index, head: head)
      {
        take(found)
      }
      take(partials[first + span.index(of: own[stretch])])
      if stretch == own.sinkStretches - 1 { result.copyTotals(to: scratch.sinkTotals(0)) }
    }
    if counts, own.sinkStretches > 0 {
      noteSinkShare(scratch.sinkTotals(0), of: result, row: row, head: head)
    }
  }

  /// Many rows: some of them and one key/value head are one member's, and each stretch is read once
  /// for all of these.
  private func attendByRow(
    _ block: Int, _ group: RowGroup, w: BlockView, member: inout CrewMember
  ) -> ActivationRows {
    storeKeysAndValues(block, group, member: &member)
    lookUp(block, group, member: &member)
    let heads = weights.blueprint.keyValueHeadCount
    let scratch = members[member.index]
    let target = wave.inputs.attended
    let parts = (group.count + Self.rowsPerPart - 1) / Self.rowsPerPart
    crew.share(heads * parts, chunk: 1, by: &member) { items in
      for item in items {
        let (head, part) = item.quotientAndRemainder(dividingBy: parts)
        let first = part * Self.rowsPerPart
        attend(
          block, group, first..<min(first + Self.rowsPerPart, group.count), head: head,
          scratch: scratch, into: target)
      }
    }
    return made(group.count, target, own: target, member: &member) { index, target in
      kernels.prepare(target, rows: index..<index + 1, for: w.output)
    }
  }

  /// Some rows of a group, the query heads of one key/value head, all stretches.
  private func attend(
    _ block: Int, _ group: RowGroup, _ part: Range<Int>, head: Int, scratch: MemberScratch,
    into target: ActivationRows
  ) {
    let span = span(of: group, part)
    for isOfSinks in [false, true] where !isOfSinks || span.sinkStretches > 0 {
      prepareQueries(
        group, part, head: head, first: 0, at: isOfSinks ? farAngles : nil, scratch: scratch)
    }
    for index in 0..<span.count {
      let place = span[index]
      view(block, head: head, place: place, scratch: scratch)
      for (offset, member) in part.enumerated() {
        let row = group[member]
        let own = StretchSpan(of: wave.rows[row].sight)
        let running = scratch.running[offset]
        var isFirst = own[0] == place
        if place == own[own.sinkStretches],
          let found = lookedUp(block, group, index: member, head: head)
        {
          if isFirst { running.copy(found) } else { merge(found, into: running) }
          isFirst = false
        }
        let result = isFirst ? running : scratch.stretch
        let sees = attend(
          block, row: row, head: head, place: place, query: offset, scratch: scratch, into: result)
        if sees, !isFirst { merge(result, into: running) }
        if index == own.sinkStretches - 1 { running.copyTotals(to: scratch.sinkTotals(offset)) }
      }
    }
    for (offset, member) in part.enumerated() {
      let row = group[member]
      let running = scratch.running[offset]
      if wave.rows[row].sight.sinkCount > 0 {
        noteSinkShare(scratch.sinkTotals(offset), of: running, row: row, head: head)
      }
      finish(running, index: member, head: head, into: target)
    }
  }

  private func merge(_ next: StretchResult, into result: StretchResult) {
    result.merge(next, kernels: kernels, headWidth: weights.blueprint.headWidth)
  }

  private func finish(
    _ result: StretchResult, index: Int, head: Int, into target: ActivationRows
  ) {
    let width = weights.blueprint.headWidth
    result.finish(
      kernels: kernels, headWidth: width, into: target.row(index) + head * result.group * width)
  }

  /// The queries of a group of heads of some rows, rotated and in digits, from group `first` on: for the
  /// row's window, or for what it sees from far away.
  func prepareQueries(
    _ group: RowGroup, _ part: Range<Int>, head: Int, first: Int, at angles: FarAngles?,
    scratch: MemberScratch
  ) {
    let blueprint = weights.blueprint
    let count = blueprint.groupSize * blueprint.headWidth
    let queries = wave.queries
    let groups = angles == nil ? scratch.queries : scratch.farQueries
    for (offset, index) in part.enumerated() {
      let floats = groups.floats
      floats.update(from: queries.row(index) + head * count, count: count)
      rotate(floats, heads: blueprint.groupSize, row: group[index], at: angles)
      var digits = groups[first + offset]
      ck_prepare_queries(
        kernels.pointer, floats, Int32(blueprint.groupSize), Int32(blueprint.headWidth), &digits)
    }
  }

  /// The tiles of one stretch, as the cache has them.
  func view(_ block: Int, head: Int, place: StretchPlace, scratch: MemberScratch) {
    let count = Int(CK_TILES)
    let tiles = tiles(of: place)
    for index in 0..<count {
      scratch.tiles[index] = tiles.tile(
        block: block, head: head, index: place.stretch * count + index)
      scratch.masks[index] = .max
    }
  }

  /// One row, the query heads of one key/value head, one stretch, which is in view; false when the row
  /// sees nothing of it.
  @discardableResult
  private func attend(
    _ block: Int, row: Int, head: Int, place: StretchPlace, query: Int, scratch: MemberScratch,
    into result: StretchResult
  ) -> Bool {
    let seen = wave.rows[row].sight.positions(in: place)
    if seen.isEmpty { return false }
    let source =
      place.isOfSinks
      ? scratch.tiles
      : source(
        block, row: row, head: head, positions: place.start..<place.start + seen.upperBound,
        scratch: scratch)
    let (first, last) = (seen.lowerBound / 16, (seen.upperBound - 1) / 16)
    scratch.masks[first] &= .max << (seen.lowerBound % 16)
    scratch.masks[last] &= .max >> (15 - (seen.upperBound - 1) % 16)
    var queries = (place.isOfSinks ? scratch.farQueries : scratch.queries)[query]
    ck_attend(
      kernels.pointer, &queries, Int32(result.group), Int32(weights.blueprint.headWidth),
      Int32(last + 1 - first), source + first, scratch.masks + first, result.maxima, result.sums,
      result.outputs)
    scratch.masks[first] = .max
    scratch.masks[last] = .max
    return true
  }

  /// Where the tiles of a stretch of the text are, as a row sees them.
  private func source(
    _ block: Int, row: Int, head: Int, positions: Range<Int>, scratch: MemberScratch
  ) -> UnsafeMutablePointer<ck_tile> {
    let base = wave.rows[row].base
    if base > 0 {
      for tile in 0..<(positions.count + 15) / 16 {
        let index = (base + positions.lowerBound) / 16 + tile
        scratch.ownTiles[tile] = tiles.tile(block: block, head: head, index: index)
      }
      return scratch.ownTiles
    }
    guard wave.rows[row].path != nil, positions.upperBound > cache.committedCount else {
      return scratch.tiles
    }
    gather(block, row: row, head: head, positions: positions, scratch: scratch)
    return scratch.ownTiles
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
