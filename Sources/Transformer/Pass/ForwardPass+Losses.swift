package import Dials
import Kernels

/// What is still seen of the text, and what SirLLM's memory asks of a pass.
extension ForwardPass {
  /// Whether everything that rows from `count` on see is still there.
  package func canContinue(from count: Int) -> Bool {
    reach.local(at: count, turns: turnStarts).lowerBound
      >= max(cache.oldestRetained, reachState.memory.boundary)
  }

  /// The first position from which `canContinue` holds.
  package var firstContinuation: Int {
    var first = max(cache.oldestRetained, reachState.memory.boundary)
    if remembers {
      first = (first + ReachSetting.renewal - 1) / ReachSetting.renewal * ReachSetting.renewal
    }
    return first == 0 ? 0 : first + max(0, reach.window - 1)
  }

  /// Whether what surprised the model is remembered: then every token's loss must be noted before
  /// it leaves the window.
  package var remembers: Bool { reach.technique == .sirllm }

  /// Rows of a chain, or levels of a tree, that may be in flight at once: what is remembered is renewed
  /// between passes.
  package var flightLimit: Int {
    guard remembers else { return rowCapacity }
    return min(rowCapacity, reach.nextRenewal(after: cache.committedCount) - cache.committedCount)
  }

  /// Notes `−ln p` of the token at `position`.
  package func note(loss: Double, at position: Int) {
    reachState.memory.note(Float(loss), at: position)
  }

  /// Notes `−ln p` of the tokens that follow the rows in flight from the first on.
  package func note(losses: [Double]) {
    guard remembers else { return }
    for (row, loss) in losses.enumerated() {
      note(loss: loss, at: position(ofRow: row).rawValue + 1)
    }
  }

  /// Notes the loss of each of `targets`, which follow the rows in flight from the first on, at full depth. Looks at the whole vocabulary for each.
  package func noteLosses(of targets: some Collection<TokenID>) {
    guard remembers else { return }
    note(losses: losses(of: 0..<targets.count, targets: Array(targets)))
  }

  /// Renews what is remembered, if a row at `position` asks for it.
  func renewMemory(for position: Int) {
    let next = reach.local(at: position).lowerBound
    guard remembers, next > reachState.memory.boundary else { return }
    precondition(rowCount == 0, "what is remembered is renewed between passes")
    for (place, position) in reachState.memory.renew(to: next) {
      remember(position, at: reach.sinks + place)
    }
  }

  /// Copies a position from the window to the tiles that are seen from far away, without its angle. With
  /// no row in flight, the angles of the first are free.
  private func remember(_ position: Int, at slot: Int) {
    let (cosines, sines) = (wave.angles.cosines.row(0), wave.angles.sines.row(0))
    weights.rotary.turn(
      by: -position, length: reachState.longestDistance, growth: -1, cosines: cosines,
      sines: sines)
    let queries = scratch.own[0].queries
    cache.remember(
      position, at: slot, unturnedBy: (cosines, sines), weights.blueprint, kernels,
      scratch: (queries.near.floats, queries.far.floats))
  }
}
