import Events
package import Reports

/// Two answers side by side, with what differs marked and what each cost.
enum ComparisonView {
  static func draw(_ comparison: Comparison, in area: Area, of frame: inout Frame) {
    guard !area.isEmpty else { return }
    var area = area
    frame.write(
      fitting: [
        (0, [Span("COMPARE", .title)]), (1, [Span(outcome(comparison), .notice)]),
      ], separator: "  ", in: area.takeTop(1), column: 1)
    let figures = figures(of: comparison)
    var foot = area.takeBottom(min(figures.count + 1, max(0, area.rows - 3)))
    var (left, right) = halves(of: area)
    for row in 0..<right.rows {
      frame.write("│", .rule, in: area, row: row, column: right.column - area.column - 2)
    }
    draw(comparison.before, comparison, isBefore: true, in: &left, of: &frame)
    if let now = comparison.now {
      draw(now, comparison, isBefore: false, in: &right, of: &frame)
    } else {
      frame.write("comes now", .detail, in: right)
    }
    guard !foot.isEmpty else { return }
    frame.rule(in: foot.takeTop(1))
    (left, right) = halves(of: foot)
    let names = left.takeLeft(13)
    for (row, figure) in figures.prefix(foot.rows).enumerated() {
      frame.write(figure.name, .detail, in: names, row: row)
      frame.write(figure.before, .number, in: left, row: row)
      frame.write(figure.now, .number, in: right, row: row)
    }
  }

  /// What stands at the left and at the right of the line between them.
  private static func halves(of area: Area) -> (left: Area, right: Area) {
    var left = area
    var right = left.takeRight(area.columns / 2)
    _ = right.takeLeft(2)
    _ = left.takeLeft(1)
    return (left, right)
  }

  /// What both have in common, as far as it is known.
  private static func outcome(_ comparison: Comparison) -> String {
    let difference = comparison.difference
    guard comparison.now != nil else { return "the same question, answered again" }
    guard comparison.isOver else { return "at left as it came, at right as it comes" }
    let measured = comparison.measure.map {
      "; perplexity \(Numbers.fixed($0.perplexityFull, 1)) → \(Numbers.fixed($0.perplexity, 1))"
    }
    return
      (difference.isEmpty
      ? "the same text, word for word"
      : "\(difference.words - difference.wordsShared) of \(difference.words) words are others")
      + (measured ?? "")
  }

  /// One answer: what it was made with, and its text.
  private static func draw(
    _ side: Comparison.Side, _ comparison: Comparison, isBefore: Bool, in area: inout Area,
    of frame: inout Frame
  ) {
    let settings = side.tally.settings
    let other = (isBefore ? comparison.now : comparison.before)?.tally.settings
    let words = other.map { settings.differences(from: $0) } ?? []
    frame.write(
      fitting: [(0, [Span(settings.contract.words, settings.contract.role)])]
        + words.enumerated().map { ($0.offset + 1, [Span($0.element, .detail)]) },
      separator: "  ", in: area.takeTop(1))
    let text = isBefore ? comparison.texts.before : comparison.texts.now
    let lines = DifferingText.lines(
      of: text, comparison.difference.kinds(ofFirst: isBefore, isOver: comparison.isOver),
      width: area.columns - 1)
    // While it comes the end is shown.
    let last = max(0, lines.count - area.rows)
    let first = comparison.isOver ? min(comparison.top, last) : last
    for (row, line) in lines.dropFirst(first).prefix(area.rows).enumerated() {
      frame.write(line, in: area, row: row)
    }
  }

  private struct Figure {
    let name: String
    let before: String
    let now: String
  }

  /// What each cost. Times are from the first word to the last.
  private static func figures(of comparison: Comparison) -> [Figure] {
    let sides = [comparison.before, comparison.now].map { side in
      side.map {
        Statistics(tally: $0.tally, next: $0.tally.settings, blockCount: $0.tally.blockCount)
      }
    }
    let rows: [(String, (Statistics) -> String?)] = [
      ("speed", { $0.speed }), ("weights", { $0.weightsRead.map { String($0.dropFirst(13)) } }),
      ("mean depth", { $0.meanDepth }), ("guesses", { $0.drafts }),
      ("as the whole", { $0.agreed }),
    ]
    return rows.compactMap { name, value in
      let texts = sides.map { $0.flatMap(value) }
      guard texts.contains(where: { $0 != nil }) else { return nil }
      return Figure(name: name, before: texts[0] ?? "", now: texts[1] ?? "")
    }
  }
}

/// A text whose words are marked where another text has others.
enum DifferingText {
  /// The lines of `text` at a width: words in the order of `kinds`, true where they differ, which
  /// brackets say too. Words without a kind are as usual.
  static func lines(of text: String, _ kinds: [Bool], width: Int) -> [[Span]] {
    guard width > 2 else { return [] }
    var lines: [[Span]] = []
    var place = 0
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var line: [Span] = []
      var columns = 0
      for word in paragraph.split(whereSeparator: \.isWhitespace) {
        let differs = kinds.indices.contains(place) && kinds[place]
        let opens = differs && !(place > 0 && kinds[place - 1])
        let closes = differs && !(kinds.indices.contains(place + 1) && kinds[place + 1])
        place += 1
        let shown = (opens ? "[" : "") + String(word).visible + (closes ? "]" : "")
        for piece in pieces(of: shown, width: width) {
          let span = Span(piece, differs ? .differs : .text)
          if columns > 0, columns + 1 + span.width > width {
            lines.append(line)
            (line, columns) = ([], 0)
          }
          if columns > 0 { line.append(Span(" ", differs && !opens ? .differs : .text)) }
          columns += (columns > 0 ? 1 : 0) + span.width
          line.append(span)
        }
      }
      lines.append(line)
    }
    return lines
  }

  /// A word in parts that fit a line.
  private static func pieces(of word: String, width: Int) -> [String] {
    guard Glyph.width(of: word) > width else { return [word] }
    var pieces: [String] = []
    var piece = ""
    for character in word {
      if !piece.isEmpty, Glyph.width(of: piece + String(character)) > width {
        pieces.append(piece)
        piece = ""
      }
      piece.append(character)
    }
    return pieces + [piece]
  }
}

extension WordDifference {
  /// By word of the first text or of the second, whether the other has another. While texts still come,
  /// what one of them has in front of the other is no difference.
  package func kinds(ofFirst isFirst: Bool, isOver: Bool) -> [Bool] {
    var end = parts.count
    if !isOver, let last = parts.lastIndex(where: { if case .same = $0 { true } else { false } }) {
      end = last + 1
    }
    var kinds: [Bool] = []
    for (index, part) in parts.enumerated() {
      switch part {
      case .same(let words): kinds += words.map { _ in false }
      case .removed(let words): if isFirst { kinds += words.map { _ in index < end } }
      case .added(let words): if !isFirst { kinds += words.map { _ in index < end } }
      }
    }
    return kinds
  }
}
