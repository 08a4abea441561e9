import CKernels
import Dials
import Kernels

/// Top-k retrieval of keys between the sinks and the window.
extension AttentionPass {
  /// The lookups of a block's rows; nil where the block looks nothing up.
  private func lookups(of group: RowGroup) -> KeyRetrieval? {
    group.block >= KeyRetrieval.firstBlock ? reach.lookups : nil
  }

  private func middle(_ group: RowGroup, _ index: Int) -> Range<Int> {
    visible(group[index], in: group.block).middle
  }

  /// Looks up for those rows of a group that do, one after another. Keys of earlier rows must be stored.
  func lookUp(_ group: RowGroup, worker: inout PoolWorker) {
    guard let lookups = lookups(of: group) else { return }
    for index in group.indices where !middle(group, index).isEmpty {
      score(group, index, lookups, worker: &worker)
      attendToBest(group, index, lookups, worker: &worker)
    }
  }

  /// What a row looked up; nil where it does not.
  func lookedUp(_ group: RowGroup, _ index: Int, head: Int) -> SplitResult? {
    guard let lookups = lookups(of: group), !middle(group, index).isEmpty else { return nil }
    return lookups.result(row: index, head: head)
  }

  /// Scores all that lies between, split by split.
  private func score(
    _ group: RowGroup, _ index: Int, _ lookups: KeyRetrieval, worker: inout PoolWorker
  ) {
    let middle = middle(group, index)
    let heads = shape.keyValueHeadCount
    let first = middle.lowerBound / SplitResult.length
    let splits = KeyValueTiles.splits(in: middle.upperBound) - first
    own.queries.clear()
    pool.share(heads * splits, chunk: 1, by: &worker) { part in
      for item in part {
        let (split, head) = item.quotientAndRemainder(dividingBy: heads)
        let place = SplitPlace(isOfSinks: true, split: first + split)
        prepareLookup(group, index, head: head, lookups)
        view(group.block, head: head, place: place)
        let seen = middle.clamped(to: place.start..<place.start + SplitResult.length)
          .shifted(by: -place.start)
        own.tiles.mask(seen)
        var queries = own.queries.far[head]
        let (scores, largest) = lookups.scores(head: head, split: place.split)
        ck_score(
          kernels.pointer, &queries, Int32(shape.groupSize), Int32(shape.headWidth),
          Int32((seen.upperBound + 15) / 16), own.tiles.cached, own.tiles.masks, scores, largest)
      }
    }
  }

  /// Attends to the best of each head.
  private func attendToBest(
    _ group: RowGroup, _ index: Int, _ lookups: KeyRetrieval, worker: inout PoolWorker
  ) {
    let middle = middle(group, index)
    let number = worker.index
    pool.share(shape.headCount, chunk: 1, by: &worker) { part in
      for item in part {
        let (head, query) = item.quotientAndRemainder(dividingBy: shape.groupSize)
        prepareLookup(group, index, head: head, lookups)
        let best = lookups.best(of: middle, head: head, query: query, worker: number)
        let result = lookups.result(row: index, head: head).head(query)
        let rest = own.results.single.head(query)
        for start in stride(from: 0, to: best.count, by: SplitResult.length) {
          let part = best[start..<min(start + SplitResult.length, best.count)]
          gather(group.block, head: head, part)
          var queries = own.queries.far.head(query, ofGroup: head)
          let into = start == 0 ? result : rest
          ck_attend(
            kernels.pointer, &queries, 1, Int32(shape.headWidth), Int32((part.count + 15) / 16),
            own.tiles.own, own.tiles.masks, into.maximum, into.sum, into.output)
          if start > 0 { result.merge(rest, kernels: kernels, headWidth: shape.headWidth) }
        }
      }
    }
  }

  /// Puts the tiles of up to 256 positions together.
  private func gather(_ block: Int, head: Int, _ found: Slice<UnsafeBufferPointer<Found>>) {
    for tile in 0..<(found.count + 15) / 16 {
      own.tiles.own[tile] = own.tiles.gathered.tile(block: 0, head: 0, index: tile)
    }
    for (lane, one) in found.enumerated() {
      cache.sinkTiles.copy(
        block: block, head: head, slot: one.position, to: own.tiles.own[lane / 16],
        lane: lane % 16)
    }
    own.tiles.mask(0..<found.count)
  }

  private func prepareLookup(_ group: RowGroup, _ index: Int, head: Int, _ lookups: KeyRetrieval) {
    guard own.queries.needs(head: head, isFar: true) else { return }
    prepareQueries(group, index..<index + 1, head: head, first: head, at: lookups.angles)
  }
}
