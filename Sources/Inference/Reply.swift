package import Dials
package import Events

/// A whole answer: its records in order, and what they add up to.
///
/// For who looks at an answer once it is there. It keeps every record: who only shows the text as it
/// comes uses `ReplyText`.
package struct Reply: Hashable, Sendable {
  /// The records, in the order in which they came.
  package private(set) var records: [Record] = []
  /// The text so far.
  package private(set) var text = ""

  private var joiner = ReplyText()

  /// An answer of which nothing is there yet.
  package init() {}

  /// Takes in the next record.
  package mutating func append(_ record: Record) {
    records.append(record)
    text += joiner.append(record)
  }

  /// The record that opens the answer.
  package var turn: TurnRecord? {
    records.lazy.compactMap { if case .turn(let turn) = $0 { turn } else { nil } }.first
  }

  /// The tokens of the text.
  package var tokens: [TokenRecord] {
    records.compactMap {
      if case .token(let token) = $0, token.phase == .gen { token } else { nil }
    }
  }

  /// The tokens that passes of their own decided: all but the first. The first token comes out of the
  /// prompt's own pass.
  package var laterTokens: ArraySlice<TokenRecord> { tokens.dropFirst() }

  /// The text as ids.
  package var ids: [TokenID] { tokens.map(\.id) }

  /// The self-drafts that full depth rejected.
  package var rejected: [TokenRecord] {
    records.compactMap {
      if case .token(let token) = $0, token.phase == .draft { token } else { nil }
    }
  }

  /// The rounds in which draft tokens were verified.
  package var drafts: [DraftRecord] {
    records.compactMap { if case .draft(let draft) = $0 { draft } else { nil } }
  }

  /// The closer looks, where the request asked for them.
  package var probes: [ProbeRecord] {
    records.compactMap { if case .probe(let probe) = $0 { probe } else { nil } }
  }

  /// What the whole model says, where the request asked it.
  package var check: CheckRecord? {
    records.lazy.compactMap { if case .check(let check) = $0 { check } else { nil } }.first
  }

  /// The last record of the answer proper; nil where it did not end.
  package var end: EndRecord? {
    records.lazy.compactMap { if case .end(let end) = $0 { end } else { nil } }.first
  }

  /// Whether the answer came to nothing, for example because the prompt is too long.
  package var hasFailed: Bool { end?.reason == .error }

  /// Passes that decided the later tokens: one for each round of drafts, and one for each token that
  /// no round has.
  package var passes: Int { drafts.count + laterTokens.count { $0.spec == nil } }

  /// Milliseconds between the first token and the end; 0 where the answer did not end.
  package var milliseconds: Double { end?.timings.predictedMs ?? 0 }

  /// Milliseconds of a later token on average; 0 where the answer did not end.
  package var millisecondsPerToken: Double { milliseconds / Double(max(1, laterTokens.count)) }
}

extension Engine {
  /// The whole answer to `request`, with its closer looks where it asks for them.
  package nonisolated func reply(to request: TurnRequest) async -> Reply {
    var reply = Reply()
    for await record in records(for: request) { reply.append(record) }
    return reply
  }
}
