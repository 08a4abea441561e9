import Dials
import Events
import Reports
import Techniques

/// The numbers of the answer: two lines where the screen is stacked, labelled lines side by side.
enum StatisticsView {
  private static let labelColumns = 12

  /// The rows that the labelled lines take at this width, with the line above them.
  static func rowCount(of state: ScreenState, columns: Int) -> Int {
    1 + rows(of: state, columns: columns).count
  }

  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    guard !area.isEmpty else { return }
    guard area.rows > 1 else {
      frame.write(fitting: weights(state.statistics), separator: "   ", in: area, column: 1)
      return
    }
    var rest = area
    let items = DepthLook.window(of: state, count: 60)
    let legends =
      area.columns < Layout.sideBySideColumns && area.column == 0
        && state.columns < Layout.sideBySideColumns
      ? [false, true].map { DepthLook.legend(of: items, isShort: $0) } : []
    frame.head(
      [Span("this answer", .title)] + preset(of: state.shown), notes: legends,
      in: rest.takeTop(1))
    if state.columns < Layout.sideBySideColumns {
      let lines = [words(state.statistics), weights(state.statistics)]
      for (row, parts) in lines.enumerated() {
        frame.write(fitting: parts, separator: "   ", in: rest, row: row, column: 1)
      }
    } else {
      for (row, line) in rows(of: state, columns: area.columns).enumerated() {
        frame.write(line.label, .detail, in: rest, row: row, column: 1)
        frame.write(line.text, line.role, in: rest, row: row, column: labelColumns)
      }
    }
  }

  private static func preset(of settings: AnswerSettings) -> [Span] {
    settings.preset.name.map { [Span(", \($0)", .detail)] } ?? []
  }

  // MARK: - Two lines

  private typealias Part = (importance: Int, spans: [Span])

  private static func parts(_ texts: [(Int, String?)]) -> [Part] {
    texts.compactMap { importance, text in text.map { (importance, [Span($0, .number)]) } }
  }

  /// What became of the words.
  private static func words(_ statistics: Statistics) -> [Part] {
    let agreement = statistics.tally?.agreement
    let early = agreement?.early.shortWords
    let small = statistics.policy.budget.isOn ? statistics.tally?.bigShare : nil
    return parts([
      (0, statistics.early),
      (1, early.map { "of those \($0.count) as the whole model" }),
      (3, early.map { $0.share }),
      (
        early == nil ? 1 : 5,
        agreement?.all.shortWords.map { "\($0.count) as the whole model \($0.share)" }
      ),
      (1, statistics.rest), (2, statistics.sight), (1, statistics.wordsPerPass),
      (2, small.map { "big \(Numbers.percent($0))" }), (3, statistics.rightGuesses),
      (2, statistics.depth.map { "depth \($0)" }), (4, statistics.known),
    ])
  }

  /// What it cost.
  private static func weights(_ statistics: Statistics) -> [Part] {
    parts([
      (0, statistics.weightsRead), (2, statistics.arithmetic), (3, statistics.wrongGuesses),
      (1, statistics.pacePerSecond), (4, statistics.gain),
      (5, statistics.tally.map { $0.tokenCount == 1 ? "1 word" : "\($0.tokenCount) words" }),
    ])
  }

  // MARK: - Labelled lines

  /// A line of the panel.
  private struct Row {
    var label: String
    var text: String
    var role = Role.number
  }

  private static func rows(of state: ScreenState, columns: Int) -> [Row] {
    let room = max(8, columns - labelColumns - 1)
    return lines(of: state).flatMap { line -> [Row] in
      flow(line.parts, room: room).enumerated().map { row, text in
        Row(label: row == 0 ? line.label : "", text: text, role: row == 0 ? line.role : .number)
      }
    }
  }

  /// The parts in as few rows as hold them; one that is wider than a row is broken at words.
  private static func flow(_ parts: [String], room: Int) -> [String] {
    var rows: [String] = []
    for part in parts {
      let joined = (rows.last.map { $0 + "   " } ?? "") + part
      if Glyph.width(of: joined) <= room {
        rows = rows.dropLast() + [joined]
      } else {
        rows += Wrapping.lines(of: part, width: room).map { $0.map(\.text).joined() }
      }
    }
    return rows
  }

  private typealias Line = (label: String, parts: [String], role: Role)

  private static func lines(of state: ScreenState) -> [Line] {
    let (statistics, shown) = (state.statistics, state.shown)
    let agreement = statistics.tally?.agreement
    var text = [shown.contract.words]
    if let all = agreement?.all.shortWords {
      text.append("\(all.count) as the whole model \(all.share)")
    } else {
      text.append(shown.promise)
    }
    if let early = agreement?.early.shortWords, let left = statistics.early {
      text += [left, "of those \(early.count) the same \(early.share)"]
    }
    let small = statistics.feedForwards
    let lines: [(String, [String?])] = [
      (
        "guesses",
        [statistics.rest, statistics.wordsPerPass, statistics.rightGuesses, statistics.guesses]
      ),
      ("depth", [statistics.depth] + climbed(statistics)),
      ("known", [statistics.known.map { $0.replacing("known ", with: "") }]),
      ("small", [small]), ("reach", [statistics.sight]),
      ("time", [statistics.pacePerSecond, prompt(statistics), statistics.gain]),
      ("weights", [statistics.share(\.total).map { "\($0) of full" }, statistics.weightUses]),
      ("arithmetic", [work(statistics), statistics.wrongGuesses]),
      ("memory", [memory(state)]),
    ]
    return [("text", text, shown.contract.role)]
      + lines.compactMap { label, parts in
        let known = parts.compactMap { $0 }
        return known.isEmpty ? nil : (label, known, .number)
      }
  }

  /// `19 ▇▇▇ 11`: after so many blocks left so many words.
  private static func climbed(_ statistics: Statistics) -> [String] {
    guard let depths = statistics.tally?.depths, depths.count > 1 else { return [] }
    let most = depths.values.max() ?? 1
    return depths.sorted { $0.key < $1.key }.map { depth, count in
      let bar = most <= 8 ? count : max(1, count * 8 / most)
      return "\(depth) " + String(repeating: "▇", count: bar) + " \(count)"
    }
  }

  private static func prompt(_ statistics: Statistics) -> String? {
    statistics.tally?.end?.timings.promptPerSecond.map {
      "prompt \(Numbers.fixed($0, 0)) words/s"
    }
  }

  private static func work(_ statistics: Statistics) -> String? {
    statistics.tally?.arithmetic.map { "\(Numbers.percent($0)) of full" }
  }

  private static func memory(_ state: ScreenState) -> String? {
    guard let cache = state.tokens.last?.record.kv else { return nil }
    return "\(Numbers.bytes(cache.bytes)) for \(cache.used) words of context"
  }
}

extension Progress {
  /// `measuring blocks 40%`.
  var words: String { label + (share.map { " " + Numbers.percent(min(max(0, $0), 1)) } ?? "") }
}
