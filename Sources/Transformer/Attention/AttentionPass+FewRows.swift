import Kernels

/// Few rows: the stretches are shared out, head by head, so each is read once.
extension AttentionPass {
  /// The pieces that attention of few rows is shared out in: each is one stretch of one head, for all
  /// rows, or for half of them where that would make too few pieces.
  private struct Pieces {
    let span: StretchSpan
    let headCount: Int
    let halves: Int

    var count: Int { headCount * span.count * halves }

    /// The stretch's index in the span, the head, and which half of the rows.
    subscript(item: Int) -> (stretch: Int, head: Int, half: Int) {
      let (unit, half) = item.quotientAndRemainder(dividingBy: halves)
      let (stretch, head) = unit.quotientAndRemainder(dividingBy: headCount)
      return (stretch, head, half)
    }

    /// Where the partial result of a row's head for one stretch lies.
    func place(row index: Int, head: Int, stretch: Int) -> Int {
      (index * headCount + head) * span.count + stretch
    }
  }

  /// Attends piece by piece, then merges each row's partial results.
  ///
  /// A single row's key and value are stored by whoever has the last stretch, which alone holds its
  /// position: that saves a barrier.
  func attendByStretch(
    _ group: RowGroup, for output: MatrixView, member: inout CrewMember
  ) -> ActivationRows {
    if group.count > 1 { storeKeysAndValues(group, member: &member) }
    lookUp(group, member: &member)
    let heads = shape.keyValueHeadCount
    let span = span(of: group, group.indices)
    let pieces = Pieces(
      span: span, headCount: heads,
      halves: heads * span.count < 2 * crew.count ? min(2, group.count) : 1)
    own.queries.clear()
    crew.share(pieces.count, chunk: 1, by: &member) { items in
      for item in items {
        let (stretch, head, half) = pieces[item]
        if group.count == 1, stretch == span.count - 1 { storeKeyAndValue(group, 0, head: head) }
        let place = span[stretch]
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
            into: reach.partials[pieces.place(row: index, head: head, stretch: stretch)])
        }
      }
    }
    // Of a single row every member makes all for itself; the first keeps the books.
    let notesSinks = group.count > 1 || member.index == 0
    return products.made(
      group.count, shared.inputs.attended, own: own.inputs.attended, member: &member
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
    let seen = StretchSpan(of: wave.rows[row].sight)
    let result = own.results.single
    let sinkTotals = own.results.sinkTotals(0)
    var isEmpty = true
    func take(_ next: StretchResult) {
      if isEmpty { result.copy(next) } else { merge(next, into: result) }
      isEmpty = false
    }
    for stretch in 0..<seen.count {
      if stretch == seen.sinkStretches, let found = lookedUp(group, index, head: head) {
        take(found)
      }
      take(
        reach.partials[
          pieces.place(row: index, head: head, stretch: pieces.span.index(of: seen[stretch]))])
      if stretch == seen.sinkStretches - 1 { result.copyTotals(to: sinkTotals) }
    }
    if notesSinks, seen.sinkStretches > 0 {
      wave.sinkShares.add(sinkTotals, of: result, row: row, head: head)
    }
  }
}
