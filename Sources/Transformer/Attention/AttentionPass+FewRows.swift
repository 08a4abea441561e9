import Kernels

/// Few rows: the splits are shared out, head by head, so each is read once.
extension AttentionPass {
  /// The pieces that attention of few rows is shared out in: each is one split of one head, for all
  /// rows, or for half of them where that would make too few pieces.
  private struct Pieces {
    let span: SplitSpan
    let headCount: Int
    let halves: Int

    var count: Int { headCount * span.count * halves }

    /// The split's index in the span, the head, and which half of the rows.
    subscript(item: Int) -> (split: Int, head: Int, half: Int) {
      let (unit, half) = item.quotientAndRemainder(dividingBy: halves)
      let (split, head) = unit.quotientAndRemainder(dividingBy: headCount)
      return (split, head, half)
    }

    /// Where the partial result of a row's head for one split lies.
    func place(row index: Int, head: Int, split: Int) -> Int {
      (index * headCount + head) * span.count + split
    }
  }

  /// Attends piece by piece, then merges each row's partial results.
  ///
  /// A single row's key and value are stored by whoever has the last split, which alone holds its
  /// position: that saves a barrier.
  func attendBySplit(
    _ group: RowGroup, for output: MatrixView, worker: inout PoolWorker
  ) -> ActivationRows {
    if group.count > 1 { storeKeysAndValues(group, worker: &worker) }
    lookUp(group, worker: &worker)
    let heads = shape.keyValueHeadCount
    let span = span(of: group, group.indices)
    let pieces = Pieces(
      span: span, headCount: heads,
      halves: heads * span.count < 2 * pool.count ? min(2, group.count) : 1)
    own.queries.clear()
    pool.share(pieces.count, chunk: 1, by: &worker) { items in
      for item in items {
        let (split, head, half) = pieces[item]
        if group.count == 1, split == span.count - 1 { storeKeyAndValue(group, 0, head: head) }
        let place = span[split]
        if own.queries.needs(head: head, isFar: place.isOfSinks) {
          prepareQueries(
            group, group.indices, head: head, first: head * group.count,
            at: place.isOfSinks ? reach.farAngles : nil)
        }
        view(group.block, head: head, place: place)
        let halves = pieces.halves
        for index in group.count * half / halves..<group.count * (half + 1) / halves {
          attend(
            group.block, row: group[index], head: head, place: place,
            query: head * group.count + index,
            into: reach.partials[pieces.place(row: index, head: head, split: split)])
        }
      }
    }
    // Of a single row every worker makes all for itself; the first keeps the books.
    let notesSinks = group.count > 1 || worker.index == 0
    return products.made(
      group.count, shared.inputs.attended, own: own.inputs.attended, worker: &worker
    ) { index, target in
      for head in 0..<heads {
        merge(pieces, group, index, head: head, notesSinks: notesSinks)
        finish(own.results.single, index: index, head: head, into: target)
      }
      kernels.prepare(target, rows: index..<index + 1, for: output)
    }
  }

  /// Merges what one row saw, in order: the sinks, what it looked up, its window.
  private func merge(
    _ pieces: Pieces, _ group: RowGroup, _ index: Int, head: Int, notesSinks: Bool
  ) {
    let row = group[index]
    let seen = SplitSpan(of: visible(row, in: group.block))
    let result = own.results.single
    let sinkTotals = own.results.sinkTotals(0)
    var isEmpty = true
    func take(_ next: SplitResult) {
      if isEmpty { result.copy(next) } else { merge(next, into: result) }
      isEmpty = false
    }
    for split in 0..<seen.count {
      if split == seen.sinkSplits, let found = lookedUp(group, index, head: head) {
        take(found)
      }
      take(
        reach.partials[
          pieces.place(row: index, head: head, split: pieces.span.index(of: seen[split]))])
      if split == seen.sinkSplits - 1 { result.copyTotals(to: sinkTotals) }
    }
    if notesSinks, seen.sinkSplits > 0 {
      wave.sinkShares.add(sinkTotals, of: result, row: row, head: head)
    }
  }
}
