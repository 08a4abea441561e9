import Dials
import Events

/// How the conversation is shown: what the colours of its words mean, and whether Markdown is drawn.
package struct TextLook: Hashable, Sendable {
  /// What a word's colour says.
  package enum Coloring: String, Hashable, CaseIterable, Sendable {
    /// Where the token left.
    case exit
    /// The block from which on it was known.
    case known
    /// Its probability.
    case prob
    /// How unsure the model was.
    case entropy
    /// Whether the whole model takes the same.
    case agree
    /// Nothing.
    case off
  }

  /// What colours mean.
  package private(set) var coloring = Coloring.known
  /// Whether answers are shown as they came.
  package private(set) var isRaw = false
  /// Whether code and addresses are coloured as words are: where a person asked for the colours.
  package private(set) var colorsCode = false

  /// What follows `/color`.
  package static let usage = "exit | known | prob | entropy | agree | difficulty | off"
  static let words = Coloring.allCases.map(\.rawValue) + ["difficulty"]

  private static let noDifficulty =
    "No record says how difficult a word was: fathom oracle measures it in a text of yours. "
    + "/color entropy says how unsure the model was."

  /// Colours words by what `word` says; the answer is what a person should know, nil where it is nothing of
  /// that kind.
  mutating func color(by word: String) -> Notice? {
    if word == "difficulty" { return Notice(.warning, Self.noDifficulty) }
    guard let coloring = Coloring(rawValue: word) else { return nil }
    self.coloring = coloring
    colorsCode = coloring != .off
    return Notice(.information, "Colours: \(coloring.meaning).")
  }

  /// Whether `/color` takes a word.
  static func takes(_ word: String) -> Bool { words.contains(word) }

  /// Shows answers as they came, or as Markdown again.
  mutating func toggleRaw(_ passages: inout [Passage]) {
    isRaw.toggle()
    for index in passages.indices { passages[index].show(raw: isRaw) }
  }
}

extension TextLook.Coloring {
  /// What it shows, in words.
  var meaning: String {
    switch self {
    case .exit: "after how many blocks each word left"
    case .known: "from which block on each word was known"
    case .prob: "the probability of each word"
    case .entropy: "how unsure the model was before each word, in nats"
    case .agree: "whether the whole model takes the same word"
    case .off: "none"
    }
  }

  /// Five steps, little to much, as the line under the conversation names them, for a model of so many
  /// blocks.
  func steps(of blocks: Int) -> [String] {
    switch self {
    case .exit, .known:
      Self.shares.map { "≤\(Int($0 * Double(blocks)))" } + ["<\(blocks)", "all \(blocks)"]
    case .prob: ["<.2", "<.4", "<.6", "<.8", "to 1"]
    case .entropy: Self.nats.map { "<\($0)" } + ["more"]
    case .agree, .off: []
    }
  }

  /// The colour of a token; nil where there is nothing to say of it.
  func role(of entry: ScreenState.TokenEntry) -> Role? {
    switch self {
    case .exit:
      let blocks = entry.record.depth.marks.count
      return blocks > 0 ? Self.role(depth: entry.record.depth.reached, of: blocks) : nil
    case .known:
      return entry.knownAt.map { Self.role(depth: $0, of: entry.record.depth.marks.count) }
    case .prob: return .amount(entry.record.probability)
    case .entropy:
      let entropy = entry.record.entropy
      return Role.amounts[Self.nats.count { entropy >= Float($0) }]
    case .agree: return entry.isSame.map { $0 ? .agrees : .differs }
    case .off: return nil
    }
  }

  /// Up to half of the blocks, three quarters, nine tenths: late words are most, and told apart best.
  private static let shares = [0.5, 0.75, 0.9]
  private static let nats = [0.25, 1, 2, 3]

  private static func role(depth: Int, of blocks: Int) -> Role {
    Role.amounts[step(depth: depth, of: blocks)]
  }

  /// The step of a depth, from 0 to 4.
  static func step(depth: Int, of blocks: Int) -> Int {
    let share = Double(depth) / Double(max(1, blocks))
    return shares.count { share > $0 } + (depth >= blocks ? 1 : 0)
  }
}
