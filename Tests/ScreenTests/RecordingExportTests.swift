import Dials
import Events
import Foundation
import Screen
import TestSupport
import Testing

/// A recording handed out as a page, a film, a table.
struct RecordingExportTests {
  static let records = RecordedSession.make()

  static let nasty = [
    "</script><img src=x onerror=alert(1)>", "\u{2028}", "\u{1b}[2J", "\"'&<b>", "\u{202e}", "<!--",
    "]]>", "\\u003c/script>", "\0",
  ]

  /// A recording in which every text is one that would like to be markup.
  static func hostile() -> [Record] {
    var index = 0
    func next() -> String {
      index += 1
      return nasty[index % nasty.count]
    }
    return records.map { record in
      switch record {
      case .token(var token):
        token.token = next()
        token.bytes = Array(token.token.utf8)
        token.topLogprobs = token.topLogprobs.map {
          .init(id: $0.id, token: next(), logprob: $0.logprob)
        }
        token.depth = DepthLine(
          token.depth.marks.dropLast() + [DepthLine.Mark(rawValue: "<")])
        return .token(token)
      case .turn(var turn):
        if turn.role == .user { turn.text = nasty.joined() }
        return .turn(turn)
      case .probe(var probe):
        probe.layers = probe.layers.map { .init(l: $0.l, id: $0.id, token: next(), p: $0.p) }
        return .probe(probe)
      case .session(var session):
        session.model.name = nasty.joined()
        return .session(session)
      case .end(var end):
        end.message = nasty.joined()
        return .end(end)
      default: return record
      }
    } + [.mark(MarkRecord(turn: 4, text: nasty.joined(), tNs: 0))]
  }

  static func page(_ records: [Record]) throws -> String {
    let themes = ThemeCatalogue()
    return try RecordingPage.html(
      of: records, dark: themes.theme(named: "dark"), light: themes.theme(named: "light"))
  }

  @Test func `the page needs nothing else, and says all that was said`() throws {
    let html = try Self.page(Self.records)
    #expect(html.contains("default-src 'none'"))
    for word in ["http://", "https://", "src=", "url(", "@import"] { #expect(!html.contains(word)) }
    #expect(html.contains("What is the capital of Australia?"))
    #expect(html.contains("class=\"w c"))
    let words = html.matches(of: /<span id="w\d+" class="w[^>]*>([^<]*)<\/span>/)
    let tokens = Self.records.count {
      if case .token(let token) = $0 { token.phase == .gen } else { false }
    }
    #expect(words.count == tokens)
  }

  @Test func `what a model says never becomes markup or script`() throws {
    let html = try Self.page(Self.hostile())
    #expect(html.matches(of: /<script/).count == 2)
    #expect(html.matches(of: /<\/script/).count == 2)
    #expect(html.matches(of: /<img|<b>alert|<!--/).isEmpty)
    #expect(!html.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" })
    #expect(!html.unicodeScalars.contains { "\u{2028}\u{202e}".unicodeScalars.contains($0) })
    let data = try #require(html.firstMatch(of: /id="data">([^\n]*)<\/script>/)).output.1
    #expect(!data.contains { "<>&".contains($0) })
    #expect(try JSONSerialization.jsonObject(with: Data(data.utf8)) is [String: Any])
  }

  @Test(arguments: [RecordingCast.Version.two, .three])
  func `the film ends as the screen does, and has a marker at each answer`(
    version: RecordingCast.Version
  ) throws {
    let theme = try ThemeCatalogue().theme(named: "dark")
    let text = try RecordingCast(Self.records, theme: theme)
      .text(rows: 36, columns: 120, version: version)
    let lines = text.split(separator: "\n").map { Data($0.utf8) }
    let head = try #require(JSONSerialization.jsonObject(with: lines[0]) as? [String: Any])
    #expect(head["version"] as? Int == version.rawValue)
    var terminal = TinyTerminal(rows: 36, columns: 120)
    var (markers, time): ([String], Double) = ([], 0)
    for line in lines.dropFirst() {
      let event = try #require(JSONSerialization.jsonObject(with: line) as? [Any])
      let seconds = try #require(event[0] as? Double)
      #expect(version == .three ? seconds >= 0 : seconds >= time)
      time = version == .three ? time + seconds : seconds
      let words = try #require(event[2] as? String)
      switch event[1] as? String {
      case "o": terminal.write(words)
      case "m": markers.append(words)
      default: #expect(version == .three && words == "0")
      }
    }
    var state = ScreenState(stage: .chat)
    _ = state.update(.resized(rows: 36, columns: 120))
    for record in Self.records { _ = state.update(.record(record)) }
    #expect(terminal.lines == draw(state).lines)
    #expect(
      markers == [
        "What is the capital of Australia?", "And in 日本語, with an animal 🦘?",
      ])
    let length = ReplayPace.pauses(of: Self.records).reduce(Duration.zero) { $0 + $1.length }
    #expect(abs(time - length / .seconds(1)) < 0.002)
  }

  @Test func `a film carries nothing of a text that steers a terminal`() throws {
    let theme = try ThemeCatalogue().theme(named: "dark")
    let text = try RecordingCast(Self.hostile(), theme: theme).text(rows: 24, columns: 80)
    #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    for line in text.split(separator: "\n").dropFirst() {
      let event = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [Any])
      guard event[1] as? String == "o", let words = event[2] as? String else { continue }
      var rest = words[...]
      while let escape = rest.firstIndex(of: "\u{1b}") {
        let match = rest[escape...].prefixMatch(of: /\u{1b}\[[0-9;?]*[HmJl]/)
        #expect(match != nil)
        rest = rest[(match?.range.upperBound ?? rest.index(after: escape))...]
      }
    }
  }

  @Test func `the table has a row for each token, and reads back`() throws {
    for records in [Self.records, Self.hostile()] {
      let lines = RecordingTables.csv(of: records).split(separator: "\n")
      let tokens = records.compactMap {
        if case .token(let token) = $0, token.phase == .gen { token } else { nil as TokenRecord? }
      }
      #expect(lines.count == tokens.count + 1)
      let header = Self.fields(lines[0])
      for (line, token) in zip(lines.dropFirst(), tokens) {
        let fields = Self.fields(line)
        #expect(fields.count == header.count)
        let row = Dictionary(uniqueKeysWithValues: zip(header, fields))
        #expect(row["left_after"] == "\(token.depth.reached)")
        #expect(row["id"] == "\(token.id.rawValue)")
      }
    }
  }

  /// The fields of a line, as RFC 4180 has them.
  private static func fields(_ line: Substring) -> [String] {
    var (fields, isQuoted, rest) = ([""], false, line[...])
    while let character = rest.popFirst() {
      if character == "\"" {
        if isQuoted, rest.first == "\"" {
          fields[fields.count - 1].append(rest.removeFirst())
        } else {
          isQuoted.toggle()
        }
      } else if character == ",", !isQuoted {
        fields.append("")
      } else {
        fields[fields.count - 1].append(character)
      }
    }
    return fields
  }

  @Test func `the Markdown has what was said between fences`() {
    let text = RecordingTables.markdown(of: Self.records)
    #expect(text.contains("### You\n\n```\nWhat is the capital of Australia?\n```"))
    #expect(text.contains("| `The` |") || text.contains("| `The`"))
    let hostile = RecordingTables.markdown(of: Self.hostile())
    #expect(!hostile.unicodeScalars.contains("\u{1b}"))
  }
}

/// A terminal that knows what a film writes: places, looks, emptying.
private struct TinyTerminal {
  private var cells: [[String]]
  private var (row, column) = (0, 0)

  init(rows: Int, columns: Int) {
    cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
  }

  var lines: [String] { cells.map { $0.joined() } }

  mutating func write(_ text: String) {
    var rest = text[...]
    while let character = rest.first {
      if let match = rest.prefixMatch(of: /\u{1b}\[([0-9;?]*)([HmJl])/) {
        rest = rest[match.range.upperBound...]
        let numbers = match.output.1.split(separator: ";").compactMap { Int($0) }
        if match.output.2 == "H" { (row, column) = (numbers[0] - 1, numbers[1] - 1) }
        continue
      }
      rest.removeFirst()
      let glyphs = Glyph.run(of: String(character))
      cells[row][column] = String(character)
      let width = glyphs.reduce(0) { $0 + $1.width }
      if width == 2 { cells[row][column + 1] = "" }
      column += width
    }
  }
}
