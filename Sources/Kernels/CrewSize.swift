/// How many workers of a pool take part in its next task, where other programs hold processors too.
///
/// A worker without a processor makes all others wait at every barrier: two workers can be several times
/// slower than one. So a task tells how long its workers slept at barriers. Where that is more than a
/// worker less would cost, the next tasks have fewer; after some tasks one more is tried. Nothing but time
/// depends on it.
package struct CrewSize: Sendable {
  /// Workers of the next task, 1...`limit`.
  package private(set) var active: Int
  /// Workers of the pool.
  private let limit: Int
  /// Workers to leave out when the next task is crowded as well.
  private var step = 1
  /// Tasks from one trial to the next.
  private var patience = Self.leastPatience
  /// Tasks until one more worker is tried.
  private var left = Self.leastPatience
  /// Whether the last worker is on trial.
  private var isTrial = false

  private static let leastPatience = 8
  private static let greatestPatience = 512

  /// All of `limit` workers.
  package init(limit: Int) {
    (self.limit, active) = (limit, limit)
  }

  /// Learns from a task that took `time` while its workers slept at barriers for `slept` together, both in
  /// nanoseconds.
  package mutating func learn(time: Int, slept: Int) {
    if isCrowded(time: time, slept: slept) {
      active = max(1, active - step)
      step *= 2
      patience = min(2 * patience, Self.greatestPatience)
      left = patience
      isTrial = false
      return
    }
    step = 1
    left -= 1
    guard left == 0 else { return }
    // A trial that lasted is one that there was a processor for.
    if isTrial { patience = max(patience / 2, Self.leastPatience) }
    left = patience
    isTrial = active < limit
    if isTrial { active += 1 }
  }

  /// With a worker less a task takes longer by one part in `active` at most. It is crowded where each of the
  /// others slept for more than that.
  private func isCrowded(time: Int, slept: Int) -> Bool {
    active > 1 && Double(slept) * Double(active) > Double(time) * Double(active - 1)
  }
}
