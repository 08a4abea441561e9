import Dials
import Events
import Inference

/// An answer as a test looks at it: all its records, in order.
struct Reply {
  var records: [Record] = []

  /// The tokens of the text.
  var tokens: [TokenRecord] {
    records.compactMap {
      if case .token(let token) = $0, token.phase == .gen { token } else { nil }
    }
  }
  /// The drafts that full depth rejected.
  var rejected: [TokenRecord] {
    records.compactMap {
      if case .token(let token) = $0, token.phase == .draft { token } else { nil }
    }
  }
  var drafts: [DraftRecord] {
    records.compactMap { if case .draft(let draft) = $0 { draft } else { nil } }
  }
  var probes: [ProbeRecord] {
    records.compactMap { if case .probe(let probe) = $0 { probe } else { nil } }
  }
  var turn: TurnRecord? {
    records.lazy.compactMap { if case .turn(let turn) = $0 { turn } else { nil } }.first
  }
  var end: EndRecord? {
    records.lazy.compactMap { if case .end(let end) = $0 { end } else { nil } }.first
  }
  /// The text as ids.
  var ids: [TokenID] { tokens.map(\.id) }
  /// What decided each token: the text, and every number that the model gave for it.
  var evidence: [Evidence] { tokens.map(Evidence.init) }
}

/// What decided a token. Two runs with the same evidence saw the same logits, as far as a record
/// shows them, and drew the same number.
struct Evidence: Hashable {
  var i: Int
  var position: Position
  var id: TokenID
  var logprob: Float
  var rank: Int
  var entropy: Float
  var margin: Float
  var uniform: Float?
  var alternatives: [TokenRecord.Alternative]
  var line: DepthLine

  init(_ token: TokenRecord) {
    i = token.i
    position = token.pos
    id = token.id
    logprob = token.logprob
    rank = token.rank
    entropy = token.entropy
    margin = token.margin
    uniform = token.u
    alternatives = token.topLogprobs
    line = token.depth
  }
}

extension Engine {
  /// The whole answer to `request`.
  nonisolated func reply(to request: TurnRequest) async -> Reply {
    var reply = Reply()
    for await record in records(for: request) { reply.records.append(record) }
    return reply
  }

  /// The plain answer to `prompt`.
  nonisolated func plainReply(
    to prompt: [TokenID], limit: Int?, sampler: SessionRecord.Sampler = SessionRecord.Sampler()
  ) async -> Reply {
    await reply(to: TurnRequest(turn: 1, prompt: prompt, sampler: sampler, tokenLimit: limit))
  }
}
