package import Corpus
import Dials

/// Prompts that are hard on drafts: what they make a model write can hardly be guessed.
///
/// The words are made up, always the same for the same seed.
package enum AdversePrompts {
  /// No word twice: there is nothing to copy.
  private static let fresh = "new words"
  /// A dozen words, again and again in another order: every place looks like many earlier ones, and
  /// what followed these says nothing.
  private static let shuffled = "few words, shuffled"

  /// The kinds, each greedy and at temperature 2.
  package static let kinds = [fresh, shuffled].flatMap { [$0, hot($0)] }

  private static func hot(_ kind: String) -> String { "\(kind), temperature 2" }

  /// `count` prompts of each kind. Each stands there twice, one after the other, so that either way of
  /// answering goes first once.
  package static func questions(_ count: Int) -> [SpecBench.Question] {
    var generator = SplitMix64(seed: 1)
    let prompts = (0..<count).flatMap { _ in
      let few = (0..<12).map { _ in word(using: &generator) }
      return [
        (fresh, (0..<150).map { _ in word(using: &generator) }),
        (shuffled, (0..<300).map { _ in few[generator.draw(below: few.count)] }),
      ]
    }
    let questions = prompts.flatMap { kind, words in
      [(kind, Float(0)), (hot(kind), 2)].flatMap { kind, temperature in
        Array(repeating: (kind, words.joined(separator: " "), temperature), count: 2)
      }
    }
    return questions.enumerated().map { index, question in
      SpecBench.Question(
        questionId: index, task: question.0, turns: [question.1], temperature: question.2)
    }
  }

  private static func word(using generator: inout SplitMix64) -> String {
    let (consonants, vowels) = (Array("bdfgklmnprstvz"), Array("aeiou"))
    return (0..<2 + generator.draw(below: 2)).map { _ in
      "\(consonants[generator.draw(below: consonants.count)])\(vowels[generator.draw(below: vowels.count)])"
    }.joined()
  }
}
