import Evaluation
import TestSupport
import Testing

struct RougeLTests {
  /// Lin (2004), section 3.1: three sentences about a gunman.
  @Test(arguments: [
    ("police kill the gunman", "police killed the gunman", 0.75, 0.75),
    ("the gunman kill police", "police killed the gunman", 0.5, 0.5),
    ("the gunman police killed", "police killed the gunman", 0.5, 0.5),
    ("a b", "a x b y", 1.0, 0.5),
    ("Hello, World!", "hello world", 1.0, 1.0),
    ("one two three", "four five", 0.0, 0.0),
    ("", "", 1.0, 1.0), ("words", "", 0.0, 0.0), ("...", "words", 0.0, 0.0),
    ("it's 3.5 kg", "it s 3 5 kg", 1.0, 1.0),
  ])
  func `worked examples`(candidate: String, reference: String, precision: Double, recall: Double) {
    let score = RougeL(candidate: candidate, reference: reference)
    #expect(score.precision == precision)
    #expect(score.recall == recall)
    let f = precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
    #expect(abs(score.f - f) < 1e-12)
  }

  @Test func `order and company change nothing: symmetric, at most 1, and 1 for the same words`() {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<100 {
      func text() -> String {
        (0..<Int.random(in: 1...30, using: &generator)).map { _ in
          "w\(Int.random(in: 0..<6, using: &generator))"
        }.joined(separator: " ")
      }
      let (a, b) = (text(), text())
      let there = RougeL(candidate: a, reference: b)
      let back = RougeL(candidate: b, reference: a)
      #expect(there.f == back.f && there.precision == back.recall && there.f <= 1)
      #expect(RougeL(candidate: a, reference: a).f == 1)
    }
  }
}
