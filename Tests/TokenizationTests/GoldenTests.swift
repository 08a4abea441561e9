import Foundation
import TestSupport
import Testing
import Tokenization

@Suite struct GoldenTests {
  private struct TokenRow: Decodable {
    var text: String
    var ids: [Int]
  }

  private struct WordRow: Decodable {
    var text: String
    var words: [String: [String]]
  }

  @Test(.needsModel)
  func `all golden rows of the default model match id for id`() throws {
    let tokenizer = try #require(RealVocabularies.smol)
    let rows = try goldenLines("tokenizer.jsonl").map {
      try JSONDecoder().decode(TokenRow.self, from: $0)
    }
    #expect(rows.count == 183)
    for row in rows {
      let ids = tokenizer.encode(row.text, parseSpecial: true, addSpecial: true).numbers
      #expect(ids == row.ids, "\(row.text.debugDescription)")
    }
  }

  @Test(arguments: [
    "gpt-2", "smollm", "llama-bpe", "qwen2", "falcon", "default", "gpt-4o", "tekken", "minicpm5",
  ])
  func `words are those of the regular expressions`(name: String) throws {
    let preTokenizer = try #require(PreTokenizer(named: name))
    for line in try goldenLines("words.jsonl") {
      let row = try JSONDecoder().decode(WordRow.self, from: line)
      let words = preTokenizer.words(of: row.text).map { Array($0.utf8) }
      let expected = try #require(row.words[name]).map { Array($0.utf8) }
      #expect(words == expected, "\(row.text.debugDescription)")
    }
  }

  @Test(
    .enabled(if: RealVocabularies.arePresent, "\(RealVocabularies.missing)"),
    arguments: ["gpt-2", "qwen2", "falcon", "llama-spm", "phi-3"])
  func `vocabularies of other models give the ids of llama.cpp`(name: String) throws {
    let metadata = try #require(try RealVocabularies.metadata(name))
    let tokenizer = try Tokenizer(metadata: metadata)
    let prefix = try #require(SharedData.data("vocab/ggml-vocab-\(name).gguf.inp")).dropLast(3)
    let input = try Data(contentsOf: URL(filePath: prefix + "inp"))
    let output = try String(contentsOfFile: prefix + "out", encoding: .utf8)
    let texts = separated(input, by: "\n__ggml_vocab_test__\n").dropLast()
    let lines = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    #expect(texts.count == 46)
    #expect(lines.count == 46)
    for (text, line) in zip(texts, lines) {
      let ids = line.split(separator: " ").compactMap { Int($0) }
      #expect(tokenizer.encode(text).numbers == ids, "\(text.debugDescription)")
    }
  }

  /// The texts between separators, cut as bytes: a `Character` may reach across.
  private func separated(_ data: Data, by separator: String) -> [String] {
    var texts: [String] = []
    var rest = data
    while let range = rest.range(of: Data(separator.utf8)) {
      texts.append(String(decoding: rest[..<range.lowerBound], as: UTF8.self))
      rest = rest[range.upperBound...]
    }
    return texts + [String(decoding: rest, as: UTF8.self)]
  }
}
