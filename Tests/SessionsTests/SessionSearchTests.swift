import Dials
import Events
import Foundation
import GRDB
import Sessions
import TestSupport
import Testing

/// Conversations are found by what was said in them.
struct SessionSearchTests {
  private let folder: TemporaryFolder
  private let store: SessionStore

  init() throws {
    folder = try TemporaryFolder()
    store = try SessionStore(path: folder.file("sessions.sqlite"))
  }

  /// A session in which the person and the model say these texts in turn.
  private func records(_ id: String, _ texts: [String]) -> [Events.Record] {
    var generator = SeededGenerator(seed: 5)
    var session = SessionRecord.random(using: &generator)
    session.id = id
    var records: [Events.Record] = [.session(session)]
    for (turn, text) in texts.enumerated() {
      if turn % 2 == 0 {
        records.append(.turn(TurnRecord(turn: turn, role: .user, text: text, tNs: turn)))
        continue
      }
      records.append(.turn(TurnRecord(turn: turn, role: .assistant, text: "", tNs: turn)))
      var token = TokenRecord.random(using: &generator)
      (token.phase, token.special, token.bytes) = (.gen, false, Array(text.utf8))
      records.append(.token(token))
      var end = EndRecord.random(using: &generator)
      end.reason = .stop
      records.append(.end(end))
    }
    return records
  }

  private func say(_ texts: String..., in id: String) throws {
    try Scribe(store).append(records(id, texts), to: id)
  }

  private func found(_ query: String) throws -> [String] {
    try store.find(SearchWords(query)).sessions.map(\.id)
  }

  @Test func `question, answer and name are found by any part, in any script and case`() throws {
    try say("Why is the sky blue?", "Rayleigh scattering.", in: "a")
    try say("为什么天空是蓝色的？", "Ein Café in der Straße", in: "b")
    try store.rename("a", to: "Physics  for\nme")
    for query in ["sky", "SCATTER", "ky bl", "why blue", "physics", "\"for me\"", "y", "?"] {
      #expect(try found(query).contains("a"), "\(query)")
    }
    for query in ["天空", "天", "天空是蓝", "cafe", "CAFÉ", "straße", "色 cafe"] {
      #expect(try found(query) == ["b"], "\(query)")
    }
    for query in ["green", "\"blue why\"", "sky 天空", "skyy"] {
      #expect(try found(query).isEmpty, "\(query)")
    }
    #expect(try found("sky scatter") == ["a"] && found("") == ["b", "a"])
  }

  @Test func `an excerpt shows the place, on one line`() throws {
    let long = Array(repeating: "nothing here", count: 20).joined(separator: "\n")
    try say(long + "\nthe RAINBOW is there\n" + long, in: "a")
    let excerpt = try #require(try store.find(SearchWords("rainbow")).sessions.first?.excerpt)
    #expect(excerpt.contains("the RAINBOW is there nothing") && excerpt.count <= 80)
    #expect(excerpt.hasPrefix("…") && excerpt.hasSuffix("…"))
  }

  @Test func `no query is an error, whatever it is made of`() throws {
    try say("\"quoted\" * - OR NOT a:b ^ (x) {y} % _ ' \\ \0 end", in: "a")
    var generator = SeededGenerator(seed: 9)
    let pieces = [
      "\"", "'", "*", "-", "OR", "AND", "NOT", "NEAR(", ")", "folded:", "^", "%", "_", "\\", "\0",
      "漢", "é", "👨‍👩‍👧", " ", "\n", "x", "quoted", "🇨🇭", "\u{301}", "{", "+",
    ]
    for _ in 0..<400 {
      let query = (0..<Int.random(in: 0...8, using: &generator))
        .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
      #expect(throws: Never.self) { try store.find(SearchWords(query)) }
    }
    for query in ["\"quoted\" *", "a:b", "(x)", "NOT", "' \\"] {
      #expect(try found(query) == ["a"])
    }
  }

  @Test func `the index finds what looking through everything finds`() throws {
    var generator = SeededGenerator(seed: 11)
    let pieces = [
      "blue", "Blue", "sky", " ", " ", "\n", "é", "É", "e", "漢字", "天", "ß", "İ", "i", "*", "-", "%",
      "a",
      "ab", "\u{301}", "👍🏽", "\0", "x",
    ]
    func text(_ count: ClosedRange<Int>) -> String {
      (0..<Int.random(in: count, using: &generator))
        .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
    }
    var said: [String: [String]] = [:]
    for number in 0..<40 {
      let texts = (0..<4).map { _ in text(1...12) }
      said["s\(number)"] = texts
      try Scribe(store).append(records("s\(number)", texts), to: "s\(number)")
    }
    var hits = 0
    for _ in 0..<300 {
      let words = SearchWords(text(1...5))
      let expected = said.filter { _, texts in
        words.words.allSatisfy { word in
          texts.contains { Data(SearchWords.fold($0).utf8).range(of: Data(word.utf8)) != nil }
        }
      }
      let list = try store.find(words)
      #expect(Set(list.sessions.map(\.id)) == Set(expected.keys), "\(words)")
      #expect(list.total == expected.count)
      hits += expected.count
    }
    #expect(hits > 300)
  }

  @Test func `an answer that is given again takes the place of the one before`() throws {
    var log = SessionLog(id: "a")
    for record in records("a", ["one", "green", "two", "purple"]) {
      try log.add(record)
      try store.write(&log, rests: false)
    }
    #expect(try found("green") == ["a"] && found("purple") == ["a"])
    for record in records("a", ["one", "yellow"]).suffix(3) {
      try log.add(record)
      try store.write(&log, rests: false)
    }
    #expect(try found("yellow") == ["a"] && found("green").isEmpty && found("purple").isEmpty)
    #expect(try store.list().map(\.answerCount) == [1])
  }

  @Test func `a name stays when more is said, and goes when it is taken away`() throws {
    var log = SessionLog(id: "a")
    let all = records("a", ["one", "green", "two", "purple"])
    for record in all.prefix(5) { try log.add(record) }
    try store.write(&log)
    try store.rename("a", to: "Colours")
    for record in all.dropFirst(5) { try log.add(record) }
    try store.writeSafely(&log)
    #expect(try store.list().map(\.title) == ["Colours"] && log.id == "a")
    try store.rename("last", to: " ")
    #expect(try store.list().map(\.title) == ["one"] && found("colours").isEmpty)
    #expect(throws: SessionError.self) { try store.rename("nobody", to: "x") }
  }

  @Test func `what is deleted is found no more, and nothing of it is left in any table`() throws {
    try say("the cat", "sat", in: "a")
    try say("the dog", "ran", in: "b")
    try store.delete("a")
    #expect(try found("cat").isEmpty && found("the") == ["b"])
    let queue = try DatabaseQueue(path: store.path)
    let (left, check) = try queue.read { db in
      var left: [Int?] = []
      for table in ["session", "piece", "message"] {
        let column = table == "session" ? "id" : "session"
        left.append(
          try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table) WHERE \(column) = 'a'"))
      }
      return (left, try String.fetchOne(db, sql: "PRAGMA integrity_check"))
    }
    #expect(left == [0, 0, 0] && check == "ok")
    try queue.write {
      try $0.execute(sql: "INSERT INTO message_words(message_words) VALUES ('integrity-check')")
    }
  }

  @Test func `a list has pages`() throws {
    for number in 0..<25 { try say("question", in: "s\(number)") }
    var seen: [String] = []
    for offset in stride(from: 0, to: 30, by: 10) {
      let page = try store.find(SearchWords("question"), limit: 10, offset: offset)
      #expect(page.total == 25)
      seen += page.sessions.map(\.id)
    }
    #expect(seen == (0..<25).reversed().map { "s\($0)" })
  }
}
