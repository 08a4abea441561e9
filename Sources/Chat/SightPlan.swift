package import Dials
package import Events
import Inference
import Tokenization

/// What of a conversation stays in sight where whole turns leave: the instructions and what is pinned stand
/// in front and are the first positions that attention always sees, the other turns follow in their order.
package struct SightPlan: Sendable {
  /// The prompt in the order in which the model reads it.
  package let prompt: [TokenID]
  /// Where its turns begin, but for those in front.
  package let turnStarts: [Int]
  /// What attention sees.
  package let reach: ReachSetting
  /// The turns that are pinned but too long to stay in sight.
  package let unheld: [Int]

  /// The turns behind those in front, by number, with the messages that they are.
  private let turns: [(number: Int, messages: Range<Int>)]

  /// The fewest positions that stay in sight: without the first ones attention falls apart.
  private static let leastSinks = 16

  /// A plan for the next answer to what `conversation` says, in a context of `contextLength` positions.
  /// `begun` are the tokens of the answer that are there already; `tokens` cuts messages into tokens.
  init(
    _ conversation: Conversation, begun: [TokenID], contextLength: Int, like setting: ReachSetting,
    tokens: inout ChatTokens
  ) {
    let turns = Array(conversation.turns.enumerated().map { ($0 + 1, $1) })
    var pinned = turns.dropLast().map(\.0).filter(conversation.pinned.contains)
    let limit = contextLength / 2
    while true {
      let order = Order(conversation.messages, turns, pinned: pinned)
      let prompt = tokens.prompt(order.messages)
      let places = tokens.ends(of: order.begins, in: order.messages, prompt: prompt)
      let front = places.first ?? 0
      if front > limit, !pinned.isEmpty {
        pinned.removeLast()
        continue
      }
      let sinks = max(1, min(max(front, Self.leastSinks), limit))
      self.prompt = prompt + begun
      turnStarts = places
      reach = ReachSetting(
        .lambda, window: max(setting.window, sinks), sinks: sinks, distance: .cacheIndex,
        turns: true)
      unheld = turns.dropLast().map(\.0).filter {
        conversation.pinned.contains($0) && !pinned.contains($0)
      }
      self.turns = order.others
      return
    }
  }

  /// The turns that are out of sight of the token behind `count` positions, and the messages that they are.
  package func forgotten(at count: Int) -> (turns: NumberSet, messages: NumberSet) {
    let first = reach.local(at: max(0, count - 1), turns: turnStarts).lowerBound
    let ends = turnStarts.dropFirst() + [.max]
    let gone = zip(turns, zip(turnStarts, ends)).filter { $1.1 <= first }.map(\.0)
    return (NumberSet(gone.map(\.number)), NumberSet(gone.flatMap(\.messages)))
  }
}

/// Messages with pinned turns in front.
private struct Order {
  /// The messages.
  let messages: [ChatMessage]
  /// How many messages stand before each turn that is not in front.
  let begins: [Int]
  /// These turns.
  let others: [(number: Int, messages: Range<Int>)]

  init(_ messages: [ChatMessage], _ turns: [(Int, Range<Int>)], pinned: [Int]) {
    let front = messages[..<(turns.first?.1.lowerBound ?? messages.count)]
    let held = turns.filter { pinned.contains($0.0) }
    others = turns.filter { !pinned.contains($0.0) }.map { (number: $0.0, messages: $0.1) }
    self.messages = Array(front) + (held.map(\.1) + others.map(\.messages)).flatMap { messages[$0] }
    var count = front.count + held.reduce(0) { $0 + $1.1.count }
    var begins: [Int] = []
    for turn in others {
      begins.append(count)
      count += turn.messages.count
    }
    self.begins = begins
  }
}
