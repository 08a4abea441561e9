package import Dials
import Kernels

extension ForwardPass {
  /// `−ln p(target)` in nats for `rows`, which are at the depth where they are judged; `targets[i]` is
  /// the token that follows the i-th of them. The crew shares the heads and the sums.
  package func losses(of rows: Range<Int>, targets: [TokenID]) -> [Double] {
    precondition(rows.count == targets.count, "a target for each row")
    var losses: [Double] = []
    losses.reserveCapacity(targets.count)
    var start = 0
    while start < targets.count {
      let end = min(start + logitCapacity, targets.count)
      let part = (start..<end).shifted(by: rows.lowerBound)
      let task = LossTask(logits: logits(rows: Array(part)), targets: targets[start..<end])
      crew.run(task)
      losses += task.losses
      start = end
    }
    return losses
  }
}

/// The losses of some rows of logits, shared out row by row.
private final class LossTask: CrewTask {
  private let logits: Logits
  private let targets: [TokenID]
  private let results: UnsafeMutableBufferPointer<Double>

  init(logits: Logits, targets: ArraySlice<TokenID>) {
    self.logits = logits
    self.targets = Array(targets)
    results = .allocate(capacity: targets.count)
    results.initialize(repeating: 0)
  }

  deinit { results.deallocate() }

  var losses: [Double] { Array(results) }

  func run(as member: inout CrewMember, of crew: WorkCrew) {
    crew.share(targets.count, chunk: 1, by: &member) { part in
      for row in part { results[row] = logits.loss(row: row, of: targets[row]) }
    }
  }
}
