import Dials
import Events
import Reports

/// What an answer comes to, in the line between it and the next message.
package struct Seam: Hashable, Sendable {
  /// The message that is answered.
  let turn: Int
  /// `28 tokens`, `17.7 of 30 blocks`, `MAY DIFFER`, `19 of 23 as the whole model`.
  package let parts: [String]

  /// What a tally says once its answer has ended; nil where `record` is not news of that.
  init?(_ tally: AnswerTally?, behind record: Record) {
    guard let tally, tally.end != nil, tally.tokenCount > 0 else { return nil }
    switch record {
    case .end(let end) where end.turn == tally.turn && end.answer == tally.answer: break
    case .check(let check) where check.turn == tally.turn && check.answer == tally.answer: break
    default: return nil
    }
    turn = tally.turn
    var parts = ["\(tally.tokenCount) token\(tally.tokenCount == 1 ? "" : "s")"]
    if let depth = tally.meanDepth, let count = tally.blockCount {
      parts.append("\(Numbers.fixed(depth, 1)) of \(count) blocks")
    }
    parts.append(tally.settings.contract.words)
    if let all = tally.agreement?.all, all.checked > 0 {
      parts.append("\(all.agreed) of \(all.checked) as the whole model")
    }
    self.parts = parts
  }
}

extension [Passage] {
  /// Notes what an answer comes to.
  mutating func note(_ seam: Seam) {
    if let index = answer(to: seam.turn) { self[index].seam = seam }
  }
}
