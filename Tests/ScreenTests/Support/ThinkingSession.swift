import Dials
import Events
import Testing

/// A session in which the model thinks before it answers; its marks are split over tokens.
enum ThinkingSession {
  /// What the model thinks, in tokens with the marks around it.
  static let thought = [
    "<th", "ink>", "\n", "The", " question", " is", " about", " a", " capital", ".", " Sydney",
    " is", " larger", ",", " but", " Canberra", " is", " the", " capital", ".\n", "</", "think",
    ">",
    "\n\n",
  ]
  /// What it says.
  static let said = ["Canberra", " is", " the", " capital", " of", " Australia", "."]

  /// The records of a session, with the setting at its beginning.
  static func records(_ thinking: Thinking? = nil) throws -> [Record] {
    let session = Array(RecordedSession.make().prefix(2))
    let change = thinking.map { Record.parameter(.thinking(from: .on, to: $0, tNs: 1)) }
    return try session.prefix(1) + [change].compactMap(\.self) + session.suffix(1)
      + answer(thought + said)
  }

  /// The records of an answer that says `words` behind `begun`.
  static func answer(
    _ words: [String], begun: String = "", isOpen: Bool? = nil,
    reason: EndRecord.Reason = .stop
  ) throws -> [Record] {
    let tokens = RecordedSession.make().compactMap { record in
      if case .token(let token) = record, token.phase == .gen { token } else { nil }
    }
    var token = try #require(tokens.first)
    (token.turn, token.special, token.spec) = (1, false, nil)
    let made = words.enumerated().map { place, word in
      (token.i, token.token, token.bytes) = (place, word, Array(word.utf8))
      token.tNs = (place + 1) * 10_000_000
      return Record.token(token)
    }
    let timings = EndRecord.Timings(
      cacheN: 0, promptN: 1, promptMs: 1, predictedN: words.count, predictedMs: 1, draftN: 0,
      draftNAccepted: 0)
    return [
      .turn(TurnRecord(turn: 1, role: .assistant, text: begun, opensThought: isOpen, tNs: 0))
    ] + made + [.end(EndRecord(turn: 1, reason: reason, timings: timings, tNs: 1_000_000_000))]
  }
}
