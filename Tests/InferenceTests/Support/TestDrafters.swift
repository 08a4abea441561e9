import Dials
import Techniques
import TestSupport

/// Knows what the model will say, from text that it said before.
struct OracleDrafter: Drafter {
  /// Prompt and answer.
  var text: [TokenID]
  /// Guesses one after another.
  var depth: Int
  var source: DraftSource { .ngram }
  var chances: [Double] { [0.9] }

  func draftTokens(after path: DraftPath) -> [DraftToken] {
    guard path.draftTokens.count < depth, path.count < text.count else { return [] }
    return [DraftToken(token: text[path.count], bin: 0)]
  }
}

/// Guesses anything: tokens of the text, tokens that no text has, the same place differently every
/// time; now and then a whole tree of its own.
struct WildDrafter: Drafter {
  var seed: UInt64
  var vocabularyCount = 300
  /// True continuations to mix in, so that some guesses are accepted.
  var truth: [TokenID] = []
  private var passes: UInt64 = 0
  var source: DraftSource { .noise }
  var chances: [Double] { [0.9, 0.7, 0.5, 0.3] }

  init(seed: UInt64, truth: [TokenID] = []) {
    self.seed = seed
    self.truth = truth
  }

  func draftTokens(after path: DraftPath) -> [DraftToken] {
    var generator = SeededGenerator(seed: seed &+ passes &* 977 &+ UInt64(path.count))
    var tokens = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
      TokenID(Int.random(in: 0..<vocabularyCount, using: &generator))
    }
    if path.count < truth.count, Int.random(in: 0..<3, using: &generator) > 0 {
      let place = Int.random(in: 0...tokens.count, using: &generator)
      tokens.insert(truth[path.count], at: place)
    }
    return Set(tokens).sorted().enumerated().map {
      DraftToken(token: $1, bin: min($0, 3))
    }
  }

  mutating func learn(from pass: VerifiedPass) { passes += 1 }

  func tree(after path: DraftPath) -> DraftTree? {
    var generator = SeededGenerator(seed: seed &+ passes &* 31)
    guard Int.random(in: 0..<4, using: &generator) == 0 else { return nil }
    var tree = DraftTree()
    for index in 0..<Int.random(in: 1...90, using: &generator) {
      let parent = Int.random(in: -1..<index, using: &generator)
      let depth = path.count + tree.depth(of: parent < 0 ? nil : parent)
      let isTrue = depth < truth.count && Bool.random(using: &generator)
      tree.append(
        isTrue ? truth[depth] : TokenID(Int.random(in: 0..<vocabularyCount, using: &generator)),
        after: parent < 0 ? nil : parent, source: .noise)
    }
    return tree
  }
}
