package import Dials
import Kernels

/// Streams become logits, losses and the words of gates.
extension ForwardPass {
  /// The logits of `rows` at the depth they have reached: final norm and LM head.
  ///
  /// Valid until the next call that returns logits.
  package func logits(rows: [Int]) -> Logits {
    head.logits(count: rows.count, of: { wave.hidden.row(rows[$0]) }, work: &work)
  }

  /// The logits of `rows` at the depth they have reached, of which the `exactTop` highest of each row
  /// are exact. The others are within a bound, and lower than these. Where the head has no coarse form,
  /// all are exact.
  ///
  /// Valid until the next call that returns logits.
  package func logits(rows: [Int], exactTop: Int) -> Logits {
    head.logits(
      count: rows.count, of: { wave.hidden.row(rows[$0]) }, exactTop: exactTop, work: &work)
  }

  /// The logits of `rows`, which have run `depth` blocks, through the module of that exit if the
  /// adapter has one; with `short`, over the tokens of its short head if it has one.
  ///
  /// Valid until the next call that returns logits.
  package func logits(rows: [Int], at depth: Int, short: Bool) -> Logits {
    head.logits(
      count: rows.count, of: { wave.hidden.row(rows[$0]) }, at: depth, short: short, work: &work)
  }

  /// The raw logit lens of one row: its logits after each of `blocks`, which must have been captured.
  package func lens(row: Int, blocks: [Int]) -> Logits {
    head.logits(
      count: blocks.count, of: { scratch.captured[blocks[$0]].row(row) }, work: &work)
  }

  /// The logits of the last call of `logits`, still there.
  package var lastLogits: Logits { head.last }

  /// What the gate of the exit after `depth` blocks says of a row that has run them: how likely the
  /// exit's most probable token is to be full depth's. Nil where the adapter has no gate there.
  package func gate(row: Int, at depth: Int) -> Float? {
    head.exits?.gate(wave.hidden.row(row), at: depth, work: &work)
  }

  /// `rows` in parts whose logits can be asked for at once.
  package func headParts(of rows: [Int]) -> [[Int]] {
    stride(from: 0, to: rows.count, by: logitCapacity).map {
      Array(rows[$0..<min($0 + logitCapacity, rows.count)])
    }
  }

  /// `−ln p(target)` in nats for `rows`, which are at the depth where they are judged; `targets[i]` is
  /// the token that follows the i-th of them. The pool shares the heads and the sums.
  package func losses(of rows: Range<Int>, targets: [TokenID]) -> [Double] {
    precondition(rows.count == targets.count, "a target for each row")
    var losses: [Double] = []
    losses.reserveCapacity(targets.count)
    for part in headParts(of: Array(rows)) {
      let (logits, first) = (logits(rows: part), losses.count)
      losses += pool.map(part.count) { logits.loss(row: $0, of: targets[first + $0]) }
    }
    return losses
  }
}
