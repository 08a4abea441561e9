package import Dials
package import Tokenization

/// A long text about nothing with a number in it that a question at its end asks for.
///
/// Source: the test is that of Mohtashami and Jaggi (Landmark Attention, arXiv 2305.16300, section 4.2),
/// in words of our own.
package struct PasskeyText: Hashable, Sendable {
  /// The number that is asked for: five digits.
  package let key: String
  /// The tokens, question and beginning of the answer included.
  package let tokens: [TokenID]
  /// How many tokens lie between the key's sentence and the text's end.
  package let distance: Int

  private static let opening =
    "Somewhere in the long text below there is a pass key. Find it and keep it in mind.\n\n"
  private static let filler = [
    "The road runs along the river. ", "The baker opens early in the morning. ",
    "Rain falls on the roofs of the town. ", "A boat is tied to the old pier. ",
    "The children walk home from school. ",
  ]
  private static let question = "\n\nWhat is the pass key? The pass key is"

  /// A text of about `length` tokens, never more, in which the key stands at `depth`: 0 at the beginning, 1
  /// at the end. The same `seed` gives the same key.
  package init(
    length: Int, depth: Double, seed: UInt64, tokenizer: Tokenizer
  )
    throws(EvaluationError)
  {
    var random = SplitMix64(seed: seed)
    key = "\(10_000 + random.draw(below: 90_000))"
    let opening = tokenizer.encode(Self.opening, addSpecial: true)
    let secret = tokenizer.encode("The pass key is \(key). Remember it: \(key). ")
    let question = tokenizer.encode(Self.question)
    let filler = Self.filler.map { tokenizer.encode($0) }
    var room = length - opening.count - secret.count - question.count
    guard room >= 0 else {
      throw EvaluationError(
        code: .badArgument,
        message:
          "--lengths: \(length) tokens have no room for the question; it takes \(length - room).")
    }
    var sentences: [[TokenID]] = []
    while let next = Optional(filler[sentences.count % filler.count]), next.count <= room {
      sentences.append(next)
      room -= next.count
    }
    let before = Int((Double(sentences.count) * depth).rounded())
    let behind = sentences[before...].flatMap { $0 } + question
    tokens = opening + sentences[..<before].flatMap { $0 } + secret + behind
    distance = behind.count
  }
}
