package import Dials
package import Transformer

/// Compares a model that runs without some blocks with the file that was written from it: the same
/// tokens, and every logit bit for bit.
package struct ExportCheck {
  /// Where the two first differ.
  package struct Difference: Hashable, Sendable {
    /// The position in the text.
    package var position: Int
    /// The token of the vocabulary.
    package var token: Int
    /// The running model's logit.
    package var running: Float
    /// The file's logit.
    package var written: Float
  }

  private let running: ForwardPass
  private let written: ForwardPass
  private let route: Route

  /// A check of `written` against the model of `runtime` without `removed`.
  package init(
    _ written: Weights, against runtime: ModelRuntime, without removed: BlockSet
  ) {
    running = ForwardPass(runtime, capacity: 512)
    self.written = ForwardPass(
      ModelRuntime(weights: written, kernels: runtime.kernels, pool: runtime.pool), capacity: 512)
    route = Route(pruned: removed)
  }

  /// Reads at most 128 tokens at once and writes `count` more, each the most probable; nil when every
  /// logit is the same.
  package func firstDifference(after prompt: [TokenID], writing count: Int) -> Difference? {
    running.truncate(to: 0)
    written.truncate(to: 0)
    var unread = Array(prompt.prefix(128))
    for _ in 0...count {
      if let difference = compare(unread) { return difference }
      unread = [running.lastLogits.argmax(row: running.lastLogits.count - 1)]
    }
    return nil
  }

  /// Reads tokens with both and compares.
  private func compare(_ tokens: [TokenID]) -> Difference? {
    let start = running.cache.committedCount
    for (pass, route) in [(running, route), (written, .plain)] {
      pass.appendChain(tokens)
      pass.run(rows: 0..<tokens.count, blocks: 0..<pass.blockCount, route: route)
    }
    var rest = Array(tokens.indices)[...]
    while !rest.isEmpty {
      let rows = Array(rest.prefix(min(running.logitCapacity, written.logitCapacity)))
      rest = rest.dropFirst(rows.count)
      let (a, b) = (running.logits(rows: rows), written.logits(rows: rows))
      for (index, row) in rows.enumerated() {
        for token in a[index].indices where a[index][token].bitPattern != b[index][token].bitPattern
        {
          return Difference(
            position: start + row, token: token, running: a[index][token],
            written: b[index][token])
        }
      }
    }
    running.commit(path: Array(tokens.indices), route: route)
    written.commit(path: Array(tokens.indices))
    return nil
  }
}
