import Reports
import TestSupport
import Testing

struct WordDifferenceTests {
  @Test(arguments: [
    ("the sky is blue", "the sky is blue", "the sky is blue"),
    ("the sky is blue", "the sea is blue", "the [-sky-] {+sea+} is blue"),
    ("a b c", "a c", "a [-b-] c"), ("a c", "a b c", "a {+b+} c"),
    ("", "x y", "{+x y+}"), ("x\n  y", "", "[-x y-]"), ("", "", ""),
    ("one two three", "three two one", "[-one two-] three {+two one+}"),
  ])
  func `words are marked as wdiff marks them`(old: String, new: String, marked: String) {
    #expect(WordDifference(from: old, to: new).marked == marked)
  }

  @Test func `both texts can be read off the parts`() {
    var generator = SeededGenerator(seed: 4)
    for _ in 0..<200 {
      let texts = (0..<2).map { _ in
        (0..<Int.random(in: 0...12, using: &generator)).map { _ in
          ["a", "b", "c", "d"].randomElement(using: &generator) ?? "a"
        }
      }
      let difference = WordDifference(
        from: texts[0].joined(separator: " "), to: texts[1].joined(separator: " "))
      var (old, new): ([String], [String]) = ([], [])
      for part in difference.parts {
        switch part {
        case .same(let words): (old, new) = (old + words, new + words)
        case .removed(let words): old += words
        case .added(let words): new += words
        }
      }
      #expect(old == texts[0] && new == texts[1])
      #expect(difference.isEmpty == (texts[0] == texts[1]))
    }
  }

  @Test func `very long texts are compared in their beginning`() {
    let long = Array(repeating: "word", count: 2500).joined(separator: " ")
    #expect(WordDifference(from: long, to: long).wordsShared == 2000)
    let small = WordDifference(from: "a b", to: "a c")
    #expect(small.wordsShared == 1 && small.words == 2)
  }
}
