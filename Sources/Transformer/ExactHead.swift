import Kernels

/// The most probable tokens of the whole head, from little more than its upper five bits.
///
/// A coarse head gives every logit within a bound. The k tokens that look best to it are finished, and
/// the k-th best of these whole logits is a bar: no token whose upper limit is below it can be among
/// the k best. Those that can reach it are finished too. So the k highest logits and all that equal
/// them are those of the whole head, bit for bit, and what is left coarse lies below them.
extension ForwardPass {
  /// The logits of `rows` at the depth they have reached, of which the `exactTop` highest of each row
  /// are exact. The others are within a bound, and lower than these. Where the head has no coarse form,
  /// all are exact.
  ///
  /// Valid until the next call that returns logits.
  package func logits(rows: [Int], exactTop: Int) -> Logits {
    precondition(rows.count <= logitCapacity, "more rows than there is room for logits")
    let panelCount = weights.head.panelCount
    guard let limits = headLimits, exactTop > 0,
      exactTop <= min(HeadLimits.largestCount, panelCount)
    else { return logits(rows: rows) }
    normalize(count: rows.count, by: weights.outputNorm) { self.wave.hidden.row(rows[$0]) }
    kernels.prepare(logitRows.normed, rows: 0..<rows.count, for: weights.head)
    weights.withHeadRows { source in
      limits.begin(logitRows.normed, count: rows.count, source: source, kernels)
      perform(.exactHead(count: rows.count, top: exactTop))
    }
    work.addCoarseHead(weights, rows: rows.count, finished: limits.finishedCount)
    lastLogits = Logits(
      rows: logitRows, count: rows.count, kernels: kernels, tokens: nil, exactCount: exactTop)
    return lastLogits
  }

  /// The part of `member` in it.
  func exactHead(count: Int, top: Int, member: inout CrewMember) {
    guard let limits = headLimits else { return }
    let index = member.index
    let panelCount = weights.head.panelCount
    let chunk = crew.chunk(of: panelCount)
    crew.share(panelCount, chunk: chunk, by: &member) { panels in
      limits.look(at: panels, logitRows, count: count, kernels)
    }
    crew.share(count, chunk: 1, by: &member) { rows in
      for row in rows {
        limits.setBar(row: row, count: top, logitRows.values.row(row), member: index, kernels)
      }
    }
    crew.share(panelCount, chunk: chunk, by: &member) { panels in
      limits.finish(panels, logitRows, count: count, member: index, kernels)
    }
  }
}
