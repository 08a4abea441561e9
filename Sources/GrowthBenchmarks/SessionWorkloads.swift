import Chat
import Events
import Foundation
import Inference
import Reports
import Screen
import Sessions
import Tokenization

/// What is kept of a session, and what goes on from it.
func sessionWorkloads() throws -> [Workload] {
  let session = try LongSession()
  return try recordWorkloads(session) + storeWorkloads(session) + lineWorkloads()
    + conversationWorkloads()
}

private func recordWorkloads(_ session: LongSession) -> [Workload] {
  [
    Workload("keep records in memory", "record", upTo: 200_000) { size in
      { session.records(size, length: 300) }
    },
    Workload("write records as lines", "record", upTo: 40_000) { size in
      let records = session.records(size, length: 300)
      return { try EventLog.data(for: records) }
    },
    Workload("read records from lines", "record", upTo: 40_000) { size in
      let data = try EventLog.data(for: session.records(size, length: 300))
      return { try EventLog.records(in: data) }
    },
    Workload("the conversation that records tell", "record", upTo: 200_000) { size in
      let records = session.records(size, length: 300)
      return { Conversation(records: records, template: .chatML(defaultSystem: nil)) }
    },
    Workload("the answer that goes on", "record", upTo: 200_000) { size in
      let records = session.records(size, length: .max, isProbed: false)
      return { BegunAnswer(in: records) as Any }
    },
    Workload("pack records for the database", "record", upTo: 40_000) { size in
      let records = session.records(size, length: 300)
      return {
        var log = SessionLog(id: "A")
        for record in records { try log.add(record) }
        return log
      }
    },
  ]
}

private func storeWorkloads(_ session: LongSession) -> [Workload] {
  let turn = session.records(20, length: 5)
  return [
    Workload("write to the database, turn by turn", "record", upTo: 20_000) { size in
      let (store, records) = (try store(), session.records(size, length: 30))
      return {
        var log = SessionLog(id: "A")
        for record in records {
          try log.add(record)
          if case .end = record { try store.write(&log) }
        }
        return log
      }
    },
    Workload("list, find and delete sessions", "session", upTo: 4000) { size in
      let store = try store()
      for number in 0..<size { try write(turn, id: "\(number)-", to: store, rests: true) }
      return { [try store.list(), try store.list(limit: size), try store.records(of: "last")] }
    },
    Workload("pack what killed programs left", "session", upTo: 2000) { size in
      let store = try store()
      for number in 0..<size { try write(turn, id: "\(number)-", to: store, rests: false) }
      return {
        while try store.packOneSession() {}
        return store
      }
    },
    Workload("remember what was typed", "entry", upTo: 1600) { size in
      let path = folder().appending(path: "history").path
      return {
        var history = InputHistory(path: path)
        for number in 0..<size { try history.add("What is \(number) times \(number)?") }
        return history
      }
    },
  ]
}

private func conversationWorkloads() throws -> [Workload] {
  let tokenizer = try Vocabularies.sentencePiece()
  return [
    Workload("the prompt of every turn", "turn", upTo: 2400) { size in
      {
        var conversation = Conversation(template: .chatML(defaultSystem: nil))
        var tokens = ChatTokens(tokenizer: tokenizer, template: conversation.template)
        var count = 0
        for _ in 0..<size / 2 {
          conversation.say(.user, "the quick brown fox jumps over what?")
          count += tokens.prompt(conversation.messages).count
          conversation.say(.assistant, "the quick brown fox jumps over the quick brown fox.")
        }
        return (conversation, count)
      }
    },
    Workload("compare two answers", "word", upTo: 160_000) { size in
      let old = Texts.answer(count: size * 5)
      let new = old.replacing("river", with: "road")
      return { WordDifference(from: old, to: new).marked }
    },
  ]
}

private func lineWorkloads() -> [Workload] {
  [
    Workload("plain chat: one long line", "character", upTo: 300_000) { size in
      let bytes = Array(Texts.text(of: "no end ", count: size).utf8)
      return { typed(bytes) }
    },
    Workload("plain chat: a long line erased", "character", upTo: 300_000) { size in
      let bytes = Array(Texts.text(of: "no end ", count: size).utf8)
      return { typed(bytes + Array(repeating: 0x7f, count: size)) }
    },
    Workload("plain chat: many lines in quotes", "line", upTo: 300_000) { size in
      {
        var (quoted, messages) = (QuotedLines(), [String]())
        for number in 0..<size {
          let line = number == 0 || number == size - 1 ? "\"\"\"" : "line \(number)"
          if let message = quoted.take(line) { messages.append(message) }
        }
        return messages
      }
    },
  ]
}

/// What is shown of bytes that are typed where there is no screen.
private func typed(_ bytes: [UInt8]) -> String {
  var (parser, line, echo) = (KeyParser(), TypedLine(), "")
  for key in parser.keys(in: bytes) { _ = line.handle(key, echo: &echo) }
  return echo + line.text
}

/// An empty folder inside the one that is removed at the end.
private func folder() -> URL {
  let folder = GrowthBenchmarks.folder.appending(path: UUID().uuidString)
  try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder
}

private func store() throws -> SessionStore {
  try SessionStore(path: folder().appending(path: "sessions.db").path)
}

private func write(
  _ records: [Record], id: String, to store: SessionStore, rests: Bool
) throws {
  var log = SessionLog(id: id)
  for record in records { try log.add(record) }
  try store.write(&log, rests: rests)
}
