/// One draft token for one place.
public struct DraftToken: Hashable, Sendable {
  /// The draft token.
  public var token: TokenID
  /// What kind of draft token it is, from 0: an index into the drafter's `chances`. How often draft
  /// tokens of a bin come true is measured.
  public var bin: Int

  /// A draft token of a bin.
  public init(token: TokenID, bin: Int) {
    self.token = token
    self.bin = bin
  }
}

/// The place that a draft token is for: the text so far, and draft tokens that lead further.
public struct DraftPath: Sendable {
  /// What is decided.
  public let text: [TokenID]
  /// The draft tokens that follow it.
  public let draftTokens: [TokenID]
  /// The residual stream behind the last block in which the last token of `text` was decided; nil where
  /// nobody kept it.
  public let stream: [Float]?

  /// The place behind `draftTokens`, which follow `text`.
  public init(text: [TokenID], draftTokens: [TokenID] = [], stream: [Float]? = nil) {
    self.text = text
    self.draftTokens = draftTokens
    self.stream = stream
  }

  /// Tokens before the place.
  public var count: Int { text.count + draftTokens.count }

  /// The token `distance` places back, 1 for the last one; nil before the beginning.
  public func token(back distance: Int) -> TokenID? {
    if distance <= draftTokens.count { return draftTokens[draftTokens.count - distance] }
    let index = count - distance
    return index >= 0 ? text[index] : nil
  }
}

/// A token with its share among the most probable ones.
public struct TokenChoice: Hashable, Sendable {
  /// The token.
  public var token: TokenID
  /// Its probability relative to the others that are listed with it, 0...1.
  public var share: Float

  /// A token with its share.
  public init(token: TokenID, share: Float) {
    self.token = token
    self.share = share
  }
}

/// What one pass found out.
public struct VerifiedPass: Sendable {
  /// The text with what the pass decided.
  public let text: [TokenID]
  /// What was drafted.
  public let tree: DraftTree
  /// The draft tokens that came true, in order: a path of `tree` from its top.
  public let accepted: [Int]
  /// The most probable tokens, best first: entry 0 those after the old text, entry i + 1 those after
  /// node i. Empty where nobody looked.
  public let choices: [[TokenChoice]]

  /// A pass that decided the last `accepted.count + 1` tokens of `text`.
  public init(text: [TokenID], tree: DraftTree, accepted: [Int], choices: [[TokenChoice]]) {
    self.text = text
    self.tree = tree
    self.accepted = accepted
    self.choices = choices
  }

  /// How much of `text` was decided before the pass.
  public var oldCount: Int { text.count - accepted.count - 1 }

  /// The last `count` tokens, or fewer, that end with `node`; nil is the last one of the old text.
  public func context(of node: Int?, count: Int) -> [TokenID] {
    var tokens: [TokenID] = []
    var here = node
    while tokens.count < count, let index = here {
      tokens.append(tree.nodes[index].token)
      here = tree.nodes[index].parent
    }
    let left = min(count - tokens.count, oldCount)
    if left > 0 { tokens += text[(oldCount - left)..<oldCount].reversed() }
    return tokens.reversed()
  }
}

/// Proposes tokens that may come next.
///
/// A drafter runs no block of the model: it sees the text and what passes found out. What it
/// says can cost time and nothing else, since full depth verifies every draft token. Its identity element
/// is the empty list of drafters.
public protocol Drafter: Sendable {
  /// Whose name the draft tokens carry.
  var source: DraftSource { get }

  /// By bin, how often a draft token comes true before anything is measured, 0...1.
  var chances: [Double] { get }

  /// What it costs to ask for the draft tokens of a place, in passes of one row. A drafter for which that
  /// is more than nothing is only asked where it may pay.
  var lookCost: Double { get }

  /// An answer to `text` begins.
  mutating func begin(_ text: [TokenID])

  /// Draft tokens for the place behind `path`, best first, no token twice.
  mutating func draftTokens(after path: DraftPath) -> [DraftToken]

  /// Takes in what a pass found out.
  mutating func learn(from pass: VerifiedPass)

  /// Tokens that the drafter wants computed behind the text, one after another, because it learns
  /// from what the model says there. Asked only of drafters that a person named.
  func window(after path: DraftPath) -> [TokenID]

  /// A whole tree, for a drafter that insists on its own; nil for all others.
  func tree(after path: DraftPath) -> DraftTree?
}

extension Drafter {
  /// Nothing: a look into a table.
  public var lookCost: Double { 0 }

  /// Nothing to prepare.
  public mutating func begin(_ text: [TokenID]) {}

  /// Nothing to learn.
  public mutating func learn(from pass: VerifiedPass) {}

  /// No window.
  public func window(after path: DraftPath) -> [TokenID] { [] }

  /// No tree of its own.
  public func tree(after path: DraftPath) -> DraftTree? { nil }
}
