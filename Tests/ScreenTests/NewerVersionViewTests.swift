import Dials
import Events
import Foundation
import Screen
import TestSupport
import Testing

/// What is shown of a record that holds words of a newer version.
struct NewerVersionViewTests {
  /// The recorded session with the words replaced in every record that has them.
  private static func records(replacing old: String, by new: String) throws -> [Record] {
    let text = String(decoding: try EventLog.data(for: RecordedSession.make()), as: UTF8.self)
    #expect(text.contains(old))
    return try EventLog.records(in: Data(text.replacing(old, with: new).utf8))
  }

  private static func lines(_ records: [Record]) -> [String] {
    var state = ScreenState()
    _ = state.update(.resized(rows: 50, columns: 200))
    for record in records { _ = state.update(.record(record)) }
    return draw(state).lines
  }

  private static func plain(_ records: [Record]) -> String {
    var renderer = PlainRenderer(showsUser: true)
    return records.map { renderer.text(for: $0) }.joined()
  }

  @Test func `an end ends the answer and shows its word`() throws {
    let records = try Self.records(replacing: #""interrupt""#, by: #""eclipse""#)
    #expect(Self.lines(records).joined().contains("Stopped: eclipse."))
    #expect(Self.plain(records).contains("Stopped: eclipse."))
    #expect(Self.plain(records).hasSuffix("\n"))
  }

  @Test func `an exit is named in the title, and the text is not called identical`() throws {
    let records = try Self.records(
      replacing: #""exit":{"fixed":{"depth":12}}"#, by: #""exit":{"rainbow":{"depth":12}}"#)
    let first = Array(records.prefix(1))
    let title = Self.lines(first)[0]
    #expect(title.contains("exit rainbow (unknown to this version)"))
    #expect(title.contains("MAY DIFFER") && !title.contains("SAME TEXT"))
    #expect(Self.plain(first).contains("exit rainbow (unknown to this version)"))
    #expect(Self.plain(first).contains("text approximate"))
  }

  @Test func `a reach is named in the title`() throws {
    let records = try Self.records(
      replacing: #""reach":{"technique":"full"}"#, by: #""reach":{"technique":"mirror"}"#)
    let first = Array(records.prefix(1))
    #expect(Self.lines(first)[0].contains("reach mirror (unknown to this version)"))
    #expect(Self.plain(first).contains("reach mirror (unknown to this version)"))
  }

  @Test func `a draft's fate is a question mark, and so is what a block did`() throws {
    let plain = Self.lines(RecordedSession.make())
    let fates = Self.lines(try Self.records(replacing: #""rejected""#, by: #""adopted""#))
    #expect(fates.count == plain.count)
    // What is rejected is no word; a fate of a newer version is shown where the word is.
    #expect(fates.dropFirst().contains { $0.contains("?") } || fates == plain)
    let ran = String(repeating: "#", count: 12)
    let marks = Self.lines(
      try Self.records(replacing: ran, by: String(repeating: "@", count: 12)))
    #expect(marks.joined().contains("????????"))
    #expect(!marks.joined().contains("@@@@"))
  }
}
