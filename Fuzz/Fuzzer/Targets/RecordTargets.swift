import Events
import Foundation
import Reports
import TestSupport

@testable import Screen
@testable import Sessions

extension FuzzTarget {
  /// Lines of records: what can be read can be written again, shown on any screen, as a picture and as lines,
  /// and nothing of it steers a terminal.
  static let records = FuzzTarget(
    name: "records", isJSON: true, greatestLength: 8192, seeds: seedsOfRecords
  ) { bytes in
    do throws(EventLog.LineError) {
      let records = try EventLog.records(in: Data(bytes))
      checkWriting(of: records)
      show(records, bytes.count)
      writeLines(of: records)
    } catch {
      claim(error.line >= 1 && !error.reason.isEmpty, "an error has a line and a reason")
    }
  }

  /// What was written is read as the same. (Numbers that are none are equal to nothing, but written alike.)
  private static func checkWriting(of records: [Record]) {
    guard let data = try? EventLog.data(for: records) else {
      return claim(false, "what was read can be written")
    }
    guard let again = try? EventLog.records(in: data), let twice = try? EventLog.data(for: again)
    else {
      return claim(false, "what was written can be read: \(String(decoding: data, as: UTF8.self))")
    }
    claim(
      twice == data,
      "what was written is read as the same: \(String(decoding: data, as: UTF8.self))")
    for scalar in String(decoding: data, as: UTF8.self).unicodeScalars where scalar != "\n" {
      claim(
        !scalar.isCommand || [0x200c, 0x200d].contains(scalar.value), "U+\(scalar.value) in a line")
    }
  }

  /// On a screen of some size, with something of what can lie over the conversation.
  private static func show(_ records: [Record], _ number: Int) {
    var state = ReplayPlayer(records).state(rows: number % 31, columns: number * 7 % 101)
    let frame = draw(state)
    frame.checkWhole()
    if number % 4 == 0, let dark { checkText(frame.svg(theme: dark)) }
    _ = state.statistics.lines
    let keys: [[Key]] = [
      [.function(2), .left, .left], [.pageUp, .pageUp], [.function(4), .down, .scalar(" ")],
      [.function(1), .pageDown], [.function(2), .right],
    ]
    for key in keys[number % keys.count] { _ = state.update(.key(key)) }
    draw(state).checkWhole()
  }

  private static func writeLines(of records: [Record]) {
    var renderer = PlainRenderer(showsUser: true)
    for (record, _) in ReplayPace.paced(records) { checkText(renderer.text(for: record)) }
    _ = renderer.statistics
  }

  private static func checkText(_ text: String) {
    for scalar in text.unicodeScalars where scalar != "\n" && scalar != "\t" {
      claim(
        !scalar.isCommand || [0x200c, 0x200d].contains(scalar.value),
        "U+\(scalar.value) is told raw")
    }
  }

  private static let dark = try? ThemeCatalogue().theme(named: "dark")

  @Sendable private static func seedsOfRecords() -> [[UInt8]] {
    var generator = SeededGenerator(seed: 7)
    let session = Record.random(kind: "session", using: &generator)
    var seeds: [[UInt8]] = []
    for kinds in [
      ["turn", "token", "draft", "end"], ["probe", "param", "check"], ["compare", "measure"],
    ] {
      let records = [session] + kinds.map { Record.random(kind: $0, using: &generator) }
      if let data = try? EventLog.data(for: records) { seeds.append(Array(data)) }
    }
    let conversation = Record.conversation(id: "a", turnCount: 1, using: &generator)
    if let data = try? EventLog.data(for: conversation) { seeds.append(Array(data)) }
    return seeds
  }

  /// A row of a session's database: a length, and bytes that are packed or not. What was packed comes back.
  static let rows = FuzzTarget(name: "rows", greatestLength: 1024, seeds: seedsOfRows) { bytes in
    var decisions = Decisions(bytes)
    let length = decisions.byte() << 8 | decisions.byte()
    let data = Data(decisions.rest)
    for length in [length == 0 ? nil : length - 1, Int.max, -1] {
      let row = PieceRow(number: 1, length: length, lines: data)
      if let text = row.text { _ = try? EventLog.records(in: text) }
    }
    guard data.count < 256 else { return }
    var piece = RecordPiece(first: 1)
    for line in data.split(separator: 0x0a, omittingEmptySubsequences: false) { piece.add(line) }
    claim(piece.packedRow.text == data + [0x0a], "what was packed comes back")
  }

  @Sendable private static func seedsOfRows() -> [[UInt8]] {
    var piece = RecordPiece(first: 1)
    var generator = SeededGenerator(seed: 3)
    for record in Record.conversation(id: "a", turnCount: 0, using: &generator) {
      if let line = try? EventLog.line(for: record) { piece.add(line) }
    }
    let row = piece.packedRow
    let length = (row.length ?? 0) + 1
    return [
      [UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length)]
        + Array(row.lines),
      [0, 0] + Array(#"{"type":"mark"}"#.utf8) + [0x0a],
    ]
  }
}
