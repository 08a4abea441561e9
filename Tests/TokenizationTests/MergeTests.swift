import Dials
import GGUF
import TestSupport
import Testing
import Tokenization

/// The queue and the linked list against the definition: look at all neighbours, merge the best pair,
/// again and again.
@Suite struct MergeTests {
  @Test(arguments: 0..<20 as Range<UInt64>)
  func `byte pairs merge as the definition says`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let merges = randomMerges(count: 60, using: &generator)
    let tokenizer = try Tokenizer(metadata: SmallVocabularies.byteLevel(merges: merges))
    let ranks = Dictionary(
      uniqueKeysWithValues: merges.enumerated().map { ($1.0 + " " + $1.1, Double($0)) })
    for _ in 0..<30 {
      let word = randomText(of: "abcd", upTo: 60, using: &generator)
      let pieces = merged(word.map(String.init)) { ranks[$0 + " " + $1] }
      #expect(tokenizer.encode(word).map(tokenizer.text(of:)) == pieces, "\(word)")
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `pieces merge as the definition says, with and without a piece across words`(
    seed: UInt64
  ) throws {
    var generator = SeededGenerator(seed: seed)
    var metadata = SmallVocabularies.sentencePiece()
    let extra = seed.isMultiple(of: 2) ? ["b▁", "b▁a"] : ["▁ab", "▁▁a"]
    let random = randomMerges(count: 40, using: &generator).map { $0.0 + $0.1 }
    append(Array(Set(extra + random).subtracting(["ab"])).sorted(), to: &metadata)
    let tokenizer = try Tokenizer(metadata: metadata)
    let scores = try #require(metadata["tokenizer.ggml.scores"]?.array).compactMap(\.double)
    for _ in 0..<30 {
      let text = randomText(of: "abcd  ", upTo: 60, using: &generator)
      let spelt =
        "▁"
        + text.split(separator: " ", omittingEmptySubsequences: false)
        .joined(separator: "▁")
      let pieces = merged(spelt.map(String.init)) { left, right in
        tokenizer.token(left + right).map { -scores[$0.index] }
      }
      let expected = pieces.map { tokenizer.token($0) == nil ? "<0x64>" : $0 }
      let found = text.isEmpty ? ["▁"] : tokenizer.encode(text).map(tokenizer.text(of:))
      #expect(found == expected, "\(text)")
    }
  }

  @Test func `a long word costs little more than its length`() throws {
    let merges = [("a", "a"), ("aa", "aa"), ("aaaa", "aaaa")]
    let tokenizer = try Tokenizer(metadata: SmallVocabularies.byteLevel(merges: merges))
    // Looking at all neighbours for each merge would take ten thousand million steps here.
    let tokens = tokenizer.encode(String(repeating: "a", count: 100_003))
    #expect(tokens.count == 12_502)
    #expect(tokenizer.text(of: tokens[12_499]) == "aaaaaaaa")
    #expect(tokens.suffix(2).map(tokenizer.text(of:)) == ["aa", "a"])
  }

  /// Pieces after merging the pair of the lowest cost, the leftmost of equals, until none is left.
  private func merged(
    _ pieces: [String], cost: (String, String) -> Double?
  ) -> [String] {
    var pieces = pieces
    while true {
      let pairs = pieces.indices.dropLast().compactMap { index in
        cost(pieces[index], pieces[index + 1]).map { (index: index, cost: $0) }
      }
      guard let best = pairs.min(by: { ($0.cost, $0.index) < ($1.cost, $1.index) }) else {
        return pieces
      }
      pieces[best.index] += pieces.remove(at: best.index + 1)
    }
  }

  /// Pairs of pieces of the letters a to c (d stays alone), no two with the same sum.
  private func randomMerges(
    count: Int, using generator: inout SeededGenerator
  ) -> [(String, String)] {
    var pieces = ["a", "b", "c"]
    var merges: [(String, String)] = []
    while merges.count < count {
      let left = pieces[Int.random(in: pieces.indices, using: &generator)]
      let right = pieces[Int.random(in: pieces.indices, using: &generator)]
      guard left.count + right.count < 9, !pieces.contains(left + right) else { continue }
      pieces.append(left + right)
      merges.append((left, right))
    }
    return merges
  }

  private func randomText(
    of letters: String, upTo length: Int, using generator: inout SeededGenerator
  ) -> String {
    let letters = Array(letters)
    return String(
      (0..<Int.random(in: 0...length, using: &generator)).map { _ in
        letters[Int.random(in: letters.indices, using: &generator)]
      })
  }

  /// Adds normal pieces to a SentencePiece vocabulary, later ones better.
  private func append(_ pieces: [String], to metadata: inout Metadata) {
    for (index, piece) in pieces.enumerated() {
      let values: [(String, MetadataValue)] = [
        ("tokens", .string(piece)), ("token_type", .integer(1)),
        ("scores", .float(Double(100 + index))),
      ]
      for (name, value) in values {
        let key = "tokenizer.ggml.\(name)"
        metadata[key] = .array((metadata[key]?.array ?? []) + [value])
      }
    }
  }
}
