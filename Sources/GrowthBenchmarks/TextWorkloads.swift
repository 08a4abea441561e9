import Corpus
import Dials
import Events
import Foundation
import Techniques
import Tokenization

/// Texts in, tokens out, and back.
func textWorkloads(model: String?) throws -> [Workload] {
  var tokenizers = [("SentencePiece", try Vocabularies.sentencePiece())]
  if let model { tokenizers = try Vocabularies.byteLevel(model: model) + tokenizers }
  var workloads: [Workload] = []
  for (name, tokenizer) in tokenizers {
    for (kind, unit) in Texts.kinds {
      workloads.append(
        Workload("tokenize \(name): \(kind)", "character", upTo: 300_000) { size in
          let text = Texts.text(of: unit, count: size)
          return { tokenizer.encode(text) }
        })
    }
    workloads.append(
      Workload("tokenize \(name): parsed special tokens", "character", upTo: 300_000) { size in
        let text = Texts.text(of: "<|im_start|>", count: size)
        return { tokenizer.encode(text, parseSpecial: true) }
      })
    workloads.append(
      Workload("decode \(name) as it streams", "token", upTo: 300_000) { size in
        let tokens = tokenizer.encode(Texts.answer(count: size))
        let all = (0..<size).map { tokens[$0 % tokens.count] }
        return {
          var (decoder, text) = (StreamingDecoder(), "")
          for token in all { text += decoder.append(tokenizer.bytes(of: token)) }
          return text
        }
      })
  }
  return workloads + corpusWorkloads() + drafterWorkloads()
}

/// Files of texts.
private func corpusWorkloads() -> [Workload] {
  [
    Workload("read JSON Lines", "row", upTo: 40_000) { size in
      let row = #"{"instruction":"Say something.","output":"Something."}"# + "\n"
      let data = Data(String(repeating: row, count: size).utf8)
      return { try DataFile(path: "rows", data: data) }
    },
    Workload("read one long line of JSON", "character", upTo: 8_000_000) { size in
      let text = Texts.text(of: "say \\\"so\\\" ", count: size)
      let data = Data(#"{"instruction":"Go on.","output":"\#(text)"}"#.utf8)
      return { try DataFile(path: "rows", data: data) }
    },
  ]
}

/// The tables that drafters keep of a text.
private func drafterWorkloads() -> [Workload] {
  let drafters: [(String, () -> any Drafter)] = [
    ("ngram", { NGramDrafter() }), ("trigram", { TrigramDrafter() }),
    ("lookahead", { LookaheadDrafter() }),
  ]
  return drafters.flatMap { name, make in
    [("one token", 1), ("a circle", 50), ("all tokens", 49_152)].map { kind, period in
      Workload("draft \(name): \(kind)", "token", upTo: 200_000) { size in
        let text = (0..<size).map { TokenID(($0 &* 2_654_435_761) % 49_152 % period) }
        return { draftAlong(text, with: make()) }
      }
    }
  }
}

/// Shows a text to a drafter, four tokens at a time, and asks it each time.
private func draftAlong(_ text: [TokenID], with drafter: any Drafter) -> Any {
  var drafter = drafter
  var grown: [TokenID] = []
  var count = 0
  for start in stride(from: 0, to: text.count - 4, by: 4) {
    grown += text[start..<start + 4]
    let choices = [[TokenChoice(token: text[start + 3], share: 1)]]
    drafter.learn(
      from: VerifiedPass(text: grown, tree: DraftTree(), accepted: [], choices: choices))
    count += drafter.draftTokens(after: DraftPath(text: grown)).count
  }
  return (drafter, count)
}
