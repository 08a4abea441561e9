// Source: Yao et al., SirLLM (arXiv 2405.12528, section 3): of what leaves the window, the tokens that
// surprised the model most are kept.
// Differs from the source: what is kept is chosen anew once in `ReachSetting.renewal` positions instead
// of at every token, nothing fades from one turn to the next, and what is kept is seen at the window's
// length as the first positions are, not where it would stand in a cache.

import Dials

/// Which positions before the window are remembered, and what they surprised the model by.
struct LossMemory {
  /// A position that is kept, or may be.
  struct Item: Hashable {
    var position: Int
    /// `−ln p` of its token, in nats.
    var loss: Float
  }

  /// The first position that has not left the window yet.
  private(set) var boundary = 0
  /// What is kept, place by place.
  private(set) var kept: [Item] = []
  private let reach: ReachSetting
  /// By position, modulo its length.
  private var losses: [Float]

  /// A memory of a text of which `placeCount` positions are held besides.
  init(reach: ReachSetting, placeCount: Int) {
    self.reach = reach
    losses = Array(repeating: 0, count: reach.technique == .sirllm ? placeCount : 0)
  }

  /// Forgets everything.
  mutating func clear() {
    boundary = 0
    kept = []
    for index in losses.indices { losses[index] = 0 }
  }

  /// Notes by how much the token at `position` surprised the model.
  mutating func note(_ loss: Float, at position: Int) {
    guard !losses.isEmpty else { return }
    losses[position % losses.count] = loss.isNaN ? 0 : loss
  }

  /// Lets the positions before `next` leave the window: the most surprising ones of these and of what
  /// was kept are kept, among equals the earlier. Returns places with what is new in them.
  mutating func renew(to next: Int) -> [(place: Int, position: Int)] {
    let leaving = max(reach.sinks, boundary)..<max(reach.sinks, boundary, next)
    let candidates = leaving.map {
      Item(position: $0, loss: losses[$0 % losses.count])
    }
    for position in leaving { losses[position % losses.count] = 0 }
    boundary = next
    let best = (kept + candidates)
      .sorted { ($1.loss, $0.position) < ($0.loss, $1.position) }
      .prefix(reach.memory)
    let chosen = Set(best)
    var new = candidates.filter(chosen.contains)[...]
    var changes: [(place: Int, position: Int)] = []
    for place in 0..<best.count where place >= kept.count || !chosen.contains(kept[place]) {
      guard let item = new.popFirst() else { break }
      if place < kept.count { kept[place] = item } else { kept.append(item) }
      changes.append((place, item.position))
    }
    return changes
  }
}
