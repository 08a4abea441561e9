import CKernels
import Dials
import Kernels

extension ForwardPass {
  /// Looks up for those rows of a group that do, one after another. Keys of earlier rows must be stored.
  func lookUp(_ block: Int, _ group: RowGroup, member: inout CrewMember) {
    guard let lookups, block >= Lookups.firstBlock else { return }
    for index in group.indices where !wave.rows[group[index]].sight.middle.isEmpty {
      score(block, group, index: index, lookups, member: &member)
      attendToBest(block, group, index: index, lookups, member: &member)
    }
  }

  /// What a row looked up in `block`; nil where it does not.
  func lookedUp(_ block: Int, _ group: RowGroup, index: Int, head: Int) -> StretchResult? {
    guard let lookups, block >= Lookups.firstBlock,
      !wave.rows[group[index]].sight.middle.isEmpty
    else { return nil }
    return lookups.result(row: index, head: head)
  }

  /// Counts what looking up costs: all that lies between is scored, the best are attended to.
  func addLookup(_ block: Int, row: Int) {
    guard let lookups, block >= Lookups.firstBlock else { return }
    let middle = wave.rows[row].sight.middle.count
    work.addLookup(weights.blueprint, scored: middle, found: min(middle, lookups.count))
  }

  /// Scores all that lies between, stretch by stretch.
  private func score(
    _ block: Int, _ group: RowGroup, index: Int, _ lookups: Lookups, member: inout CrewMember
  ) {
    let middle = wave.rows[group[index]].sight.middle
    let heads = weights.blueprint.keyValueHeadCount
    let first = middle.lowerBound / StretchResult.length
    let stretches = KeyValueTiles.stretches(in: middle.upperBound) - first
    let scratch = members[member.index]
    scratch.prepared.update(repeating: false, count: heads)
    crew.share(heads * stretches, chunk: 1, by: &member) { part in
      for item in part {
        let (stretch, head) = item.quotientAndRemainder(dividingBy: heads)
        let place = StretchPlace(isOfSinks: true, stretch: first + stretch)
        prepareLookup(group, index: index, head: head, lookups, scratch: scratch)
        view(block, head: head, place: place, scratch: scratch)
        let seen = middle.clamped(to: place.start..<place.start + StretchResult.length)
          .shifted(by: -place.start)
        mask(seen, in: scratch)
        var queries = scratch.farQueries[head]
        let (scores, largest) = lookups.scores(head: head, stretch: place.stretch)
        ck_score(
          kernels.pointer, &queries, Int32(weights.blueprint.groupSize),
          Int32(weights.blueprint.headWidth), Int32((seen.upperBound + 15) / 16), scratch.tiles,
          scratch.masks, scores, largest)
      }
    }
  }

  /// Attends to the best of each head.
  private func attendToBest(
    _ block: Int, _ group: RowGroup, index: Int, _ lookups: Lookups, member: inout CrewMember
  ) {
    let middle = wave.rows[group[index]].sight.middle
    let queryCount = weights.blueprint.groupSize
    let scratch = members[member.index]
    let number = member.index
    crew.share(weights.blueprint.headCount, chunk: 1, by: &member) { part in
      for item in part {
        let (head, query) = item.quotientAndRemainder(dividingBy: queryCount)
        prepareLookup(group, index: index, head: head, lookups, scratch: scratch)
        let best = lookups.best(of: middle, head: head, query: query, member: number)
        let result = lookups.result(row: index, head: head).head(query)
        let rest = scratch.stretch.head(query)
        for start in stride(from: 0, to: best.count, by: StretchResult.length) {
          let part = best[start..<min(start + StretchResult.length, best.count)]
          gather(block, head: head, part, scratch: scratch)
          var queries = scratch.farQueries.head(query, ofGroup: head)
          let into = start == 0 ? result : rest
          ck_attend(
            kernels.pointer, &queries, 1, Int32(weights.blueprint.headWidth),
            Int32((part.count + 15) / 16), scratch.ownTiles, scratch.masks, into.maximum, into.sum,
            into.output)
          if start > 0 {
            result.merge(rest, kernels: kernels, headWidth: weights.blueprint.headWidth)
          }
        }
      }
    }
  }

  /// Puts the tiles of up to 256 positions together.
  private func gather(
    _ block: Int, head: Int, _ found: Slice<UnsafeBufferPointer<Found>>, scratch: MemberScratch
  ) {
    for tile in 0..<(found.count + 15) / 16 {
      scratch.ownTiles[tile] = scratch.gathered.tile(block: 0, head: 0, index: tile)
    }
    for (lane, one) in found.enumerated() {
      sinkTiles.copy(
        block: block, head: head, slot: one.position, to: scratch.ownTiles[lane / 16],
        lane: lane % 16)
    }
    mask(0..<found.count, in: scratch)
  }

  private func prepareLookup(
    _ group: RowGroup, index: Int, head: Int, _ lookups: Lookups, scratch: MemberScratch
  ) {
    if scratch.prepared[head] { return }
    scratch.prepared[head] = true
    prepareQueries(
      group, index..<index + 1, head: head, first: head, at: lookups.angles, scratch: scratch)
  }

  /// Lets only these positions of a stretch be seen.
  private func mask(_ seen: Range<Int>, in scratch: MemberScratch) {
    for tile in 0..<(seen.upperBound + 15) / 16 {
      let inside = seen.clamped(to: tile * 16..<tile * 16 + 16).shifted(by: -tile * 16)
      let low = UInt16.max << UInt16(inside.lowerBound)
      scratch.masks[tile] =
        inside.isEmpty ? 0 : low & (UInt16.max >> UInt16(16 - inside.upperBound))
    }
  }
}
