import Dials
package import Events
import Reports

/// A recording as text that other programs and people read: a row a token, or the conversation in Markdown.
package enum RecordingTables {
  private static let columns = [
    "answer", "word", "token", "id", "left_after", "blocks", "reason", "sure", "threshold",
    "probability", "entropy", "margin", "known_from", "same_as_whole_model", "guess", "guesser",
    "microseconds", "macs", "bytes_read", "t_ns",
  ]

  /// A row for each token of the text, as RFC 4180 has them. The token is escaped as in C, so that every row
  /// is one line.
  package static func csv(of records: [Record]) -> String {
    let recording = RecordingWords(records)
    var place: [Int: Int] = [:]
    let rows = recording.words.map { word in
      place[word.answer, default: 0] += 1
      return row(word, place[word.answer, default: 0])
    }
    return CSV.text(header: columns, rows: rows, quoted: ["token"]) + "\n"
  }

  private static func row(_ word: RecordingWords.Word, _ place: Int) -> [String] {
    let token = word.token
    let answer = [
      "\(word.answer)", "\(place)", token.bytes.escaped, "\(token.id.rawValue)",
      "\(token.depth.reached)", "\(token.depth.marks.count)", token.exit.reason.rawValue.visible,
    ]
    let measured = [
      number(token.confidence), token.exit.thr.map { number(Double($0)) } ?? "",
      number(token.probability), number(Double(token.entropy)), number(Double(token.margin)),
      word.entry.probe.map { "\($0.settled)" } ?? "", word.entry.isSame.map { "\($0)" } ?? "",
    ]
    let cost = [
      token.spec?.status.rawValue.visible ?? "",
      token.spec?.source.map { "\($0.rawValue)".visible } ?? "",
      "\(token.time.total)", "\(token.cost.macs)", "\(token.cost.bytesRead)", "\(token.tNs)",
    ]
    return answer + measured + cost
  }

  private static func number(_ value: Double) -> String {
    value.isFinite ? Numbers.fixed(value, 4) : ""
  }

  /// The conversation in Markdown, and below each answer its words in a table. What is said stands in fences,
  /// so that it stays what it is.
  package static func markdown(of records: [Record]) -> String {
    let recording = RecordingWords(records)
    var lines: [String] = []
    var words: [RecordingWords.Word] = []
    func close() {
      guard !words.isEmpty else { return }
      lines += fenced(words.filter { !$0.token.special }.map(\.text).joined())
      lines +=
        MarkdownTable(
          ["word", "decided", "sure", "whole model"], words: ["word", "decided", "whole model"],
          rows: words.map { word in
            [
              "`\(word.token.token.replacing("`", with: "'").visible)`", word.facts.depth,
              word.facts.sure,
              word.entry.isSame.map { $0 ? "same" : "differs" } ?? "",
            ]
          }
        ).lines + [""]
      words = []
    }
    for (piece, _) in recording.pieces {
      if case .word(let index) = piece {
        words.append(recording.words[index])
        continue
      }
      close()
      switch piece {
      case .system(let text): lines += ["### System", ""] + fenced(text)
      case .user(let text): lines += ["### You", ""] + fenced(text)
      case .model: lines += ["### Model", ""]
      case .mark(let text): lines += ["---", ""] + (text.isEmpty ? [] : fenced(text))
      case .note(let text): lines += fenced(text)
      case .word: break
      }
    }
    close()
    return lines.joined(separator: "\n") + "\n"
  }

  /// Text between fences that are longer than any run of backticks in it.
  private static func fenced(_ text: String) -> [String] {
    var (longest, run) = (2, 0)
    for character in text {
      run = character == "`" ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = String(repeating: "`", count: longest + 1)
    return [fence, text.visibleLines, fence, ""]
  }
}
