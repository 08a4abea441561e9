import Dials
import Events
import Techniques

/// Which positions of the text attention still sees, as of the newest token.
package struct Sight: Hashable, Sendable {
  /// The first positions.
  let sinks: Range<Int>
  /// The last ones.
  let window: Range<Int>

  /// What a reach sees from a position on; nil where it sees everything.
  init?(_ reach: ReachSetting, at position: Int) {
    guard reach.isLimited, position >= 0 else { return nil }
    (sinks, window) = (reach.sinks(at: position), reach.local(at: position))
  }

  /// Whether a position is out of sight.
  func forgets(_ position: Int) -> Bool {
    position < window.lowerBound && !sinks.contains(position)
  }

  /// What is in sight on a screen; nil where everything is, or where whole turns leave: the records name
  /// those.
  init?(of state: ScreenState) {
    guard let newest = state.shelf.entries.last(where: { $0.record.phase == .gen }),
      !newest.settings.policy.reach.turns
    else { return nil }
    self.init(newest.settings.policy.reach, at: newest.record.pos.rawValue)
  }

  /// Whether what is said in a passage before its tokens, or without any, is out of sight: it ends where the
  /// next token that is still known stands.
  func forgetsStart(ofPassage index: Int, in state: ScreenState) -> Bool {
    for passage in state.passages[index...] {
      for piece in passage.pieces {
        guard let entry = state.token(piece.token) else { continue }
        let end = entry.record.pos.rawValue
        return end <= window.lowerBound && end > sinks.upperBound
      }
    }
    return false
  }
}
