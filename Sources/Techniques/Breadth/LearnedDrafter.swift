// Source: Ankner et al., Hydra (arXiv 2402.05109); Cheng et al., ReDrafter (arXiv 2403.09919).
// Decides: proposes what a small trained head makes of the last stream and the tokens behind it.
// Needs: the stream behind the last block of the row that decided the last token; a trained draft head.
// Costs: the head's bytes for each place that is asked for: about 2 % of a pass on the default model.
// Exact? Yes: full depth verifies every draft token.

public import Dials

extension DraftSource {
  /// What a trained head guesses.
  public static let learned = DraftSource("learned")
}

extension DraftTechnique {
  /// What a trained head guesses.
  static let learned = DraftTechnique(
    .learned, "what a head that was trained for the model guesses",
    .trained { LearnedDrafter(head: $0) })
}

/// A trained head, as far as its drafter knows it.
package protocol GuessingHead: Sendable {
  /// The least probability of each bin but the first, ascending.
  var bounds: [Float] { get }
  /// By bin, how often a guess came true where it was measured.
  var chances: [Double] { get }
  /// What a guess costs, in passes of one row.
  var cost: Double { get }

  /// What may follow `token`, likeliest first, with the probabilities, and the state for the guess behind that.
  /// `state` is the stream before `token`, or what the guess before left.
  func guess(behind token: TokenID, state: [Float]) -> (choices: [TokenChoice], state: [Float])
}

/// Proposes what a trained head guesses.
package struct LearnedDrafter: Drafter {
  /// What the head said behind some draft tokens.
  private struct Guess {
    let path: [TokenID]
    let choices: [TokenChoice]
    let state: [Float]
  }

  /// A guess that is less likely is not worth a draft token.
  private static let least: Float = 0.03

  private let head: any GuessingHead
  /// The guesses behind the text that was asked for last.
  private var guesses: [Guess] = []
  /// Where that text ended.
  private var textCount = -1

  /// A drafter with a head.
  package init(head: any GuessingHead) { self.head = head }

  /// `learned`.
  package var source: DraftSource { .learned }

  /// By the probability that the head gives a guess.
  package var chances: [Double] { head.chances }

  /// The head's bytes.
  package var lookCost: Double { head.cost }

  /// Forgets the guesses, which belong to another text.
  package mutating func begin(_ text: [TokenID]) { textCount = -1 }

  /// Forgets the guesses, which were put to the test.
  package mutating func learn(from pass: VerifiedPass) { textCount = -1 }

  /// What the head guesses behind the path; nothing where the stream was not kept.
  package mutating func draftTokens(after path: DraftPath) -> [DraftToken] {
    guard let stream = path.stream, let last = path.text.last else { return [] }
    if textCount != path.text.count {
      textCount = path.text.count
      guesses = []
    }
    let guess = guess(behind: path.draftTokens, from: stream, last: last)
    return guess.choices.filter { $0.share >= Self.least }.map { choice in
      DraftToken(token: choice.token, bin: head.bounds.count { choice.share >= $0 })
    }
  }

  /// The guess behind `path`, with all before it that were not made yet.
  private mutating func guess(behind path: [TokenID], from stream: [Float], last: TokenID) -> Guess
  {
    if let known = guesses.first(where: { $0.path == path }) { return known }
    guard let token = path.last else { return ask([], behind: last, state: stream) }
    let before = guess(behind: Array(path.dropLast()), from: stream, last: last)
    return ask(path, behind: token, state: before.state)
  }

  private mutating func ask(_ path: [TokenID], behind token: TokenID, state: [Float]) -> Guess {
    let (choices, state) = head.guess(behind: token, state: state)
    let guess = Guess(path: path, choices: choices, state: state)
    guesses.append(guess)
    return guess
  }
}
