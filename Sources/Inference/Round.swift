import Dials
import Events
import Techniques
import Transformer

extension Decoder {
  /// What a round left behind.
  struct Round {
    /// Tokens decided, in order; the last is the next round's root.
    var decisions: [Decision] = []
    /// The self-draft that full depth rejected, if there was one.
    var rejected: Decision?
    /// What was drafted.
    var tree = DraftTree()
    /// The draft tokens that became part of the text, in order.
    var accepted: [Int] = []
    /// Blocks executed for the deepest self-draft.
    var draftLayers = 0
    /// Microseconds until the last draft token was there.
    var draftMicroseconds = 0
    /// Microseconds of a plain pass: of this one, if it was one, or of one made beside it; nil where there
    /// was none.
    var plainMicroseconds: Int?
    /// Microseconds of a plain pass made beside this round.
    var besideMicroseconds: Int?
    /// Passes that drafting rests for after this one, because it did not pay.
    var rest = 0
    /// What all its tokens took together.
    var account = Account()
    /// Positions in the cache after the round: all of the text, or what the reach does not forget.
    var cacheUsed = 0
    /// The bytes they take, those that the first positions take once more included.
    var cacheBytes = 0

    /// Drops what was decided behind the first `count` tokens. Those that are left share all of what the
    /// round took.
    mutating func keep(first count: Int) {
      guard count < decisions.count else { return }
      decisions.removeLast(decisions.count - count)
      accepted.removeLast(max(0, accepted.count - count))
      rejected = nil
    }
  }

  /// How a round decides.
  struct Plan {
    /// When tokens leave early.
    var policy: any DepthPolicy
    /// Whether full depth verifies what is decided early. Else what full depth would say is not asked for.
    var isVerified: Bool
    /// Whether the model may draft itself.
    var draftsByModel: Bool
    /// Who drafts.
    var drafts: DraftSetting
    /// At most this many drafts of the model's own.
    var draftLimit: Int
    /// At most this many draft tokens one after another.
    var depthLimit: Int
    var sampler: Sampler
    var alternativeCount: Int
    /// Tokens after which an answer is over.
    var ends: Set<TokenID>
    /// Above which probability the short head decides at full depth; nil when it is not used.
    var shortHead: Float?
    /// Which feed-forwards the model's own drafts take; nil where all are big.
    var draftRule: FeedForwardRule?
    /// How blocks that a token left out get its keys and values.
    var fill: FillPolicy
    /// What is to be done for a yardstick of speed.
    var yardstick = Yardstick.Duty.nothing
    /// The round's number, for the record.
    var index: Int
  }
}
