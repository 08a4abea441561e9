import Kernels

/// Many rows: some of them and one key/value head are one worker's, and each split is read once for
/// all of these.
extension AttentionPass {
  /// Stores all keys and values, then attends part by part.
  func attendByRow(
    _ group: RowGroup, for output: MatrixView, worker: inout PoolWorker
  ) -> ActivationRows {
    storeKeysAndValues(group, worker: &worker)
    lookUp(group, worker: &worker)
    let target = shared.inputs.attended
    let parts = (group.count + Self.rowsPerPart - 1) / Self.rowsPerPart
    pool.share(shape.keyValueHeadCount * parts, chunk: 1, by: &worker) { items in
      for item in items {
        let (head, part) = item.quotientAndRemainder(dividingBy: parts)
        let first = part * Self.rowsPerPart
        attendToAll(
          group, first..<min(first + Self.rowsPerPart, group.count), head: head, into: target)
      }
    }
    return products.made(group.count, target, own: target, worker: &worker) { index, target in
      kernels.prepare(target, rows: index..<index + 1, for: output)
    }
  }

  /// Some rows of a group, the query heads of one key/value head, all splits.
  private func attendToAll(
    _ group: RowGroup, _ indices: Range<Int>, head: Int, into target: ActivationRows
  ) {
    let span = span(of: group, indices)
    prepareQueries(group, indices, head: head, first: 0, at: nil)
    if span.sinkSplits > 0 {
      prepareQueries(group, indices, head: head, first: 0, at: reach.farAngles)
    }
    for split in 0..<span.count {
      let place = span[split]
      view(group.block, head: head, place: place)
      for (offset, index) in indices.enumerated() {
        takeIn(group, index, head: head, place: place, offset: offset)
        let seen = SplitSpan(of: visible(group[index], in: group.block))
        if split == seen.sinkSplits - 1 {
          own.results.running[offset].copyTotals(to: own.results.sinkTotals(offset))
        }
      }
    }
    for (offset, index) in indices.enumerated() {
      let row = group[index]
      let result = own.results.running[offset]
      if visible(row, in: group.block).sinkCount > 0 {
        wave.sinkShares.add(own.results.sinkTotals(offset), of: result, row: row, head: head)
      }
      finish(result, index: index, head: head, into: target)
    }
  }

  /// Merges what one row sees of the split in view into what it saw before; what it looked up comes
  /// before the first split of its window.
  private func takeIn(
    _ group: RowGroup, _ index: Int, head: Int, place: SplitPlace, offset: Int
  ) {
    let row = group[index]
    let seen = SplitSpan(of: visible(row, in: group.block))
    let running = own.results.running[offset]
    var isFirst = seen[0] == place
    if place == seen[seen.sinkSplits], let found = lookedUp(group, index, head: head) {
      if isFirst { running.copy(found) } else { merge(found, into: running) }
      isFirst = false
    }
    let result = isFirst ? running : own.results.single
    let sees = attend(
      group.block, row: row, head: head, place: place, query: offset, into: result)
    if sees, !isFirst { merge(result, into: running) }
  }
}
