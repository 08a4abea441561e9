import Dials
import Events
import Tokenization
import Transformer

extension Answer {
  /// The record of one decision. A rejected draft costs nothing of its own: its round's tokens
  /// share all of it.
  func token(_ decision: Decision, phase: TokenRecord.Phase, round: Decoder.Round) -> TokenRecord {
    let tokenizer = engine.model.tokenizer
    let bytes = tokenizer.bytes(of: decision.token)
    let isCommitted = phase == .gen
    let count = max(1, round.decisions.count)
    return TokenRecord(
      turn: request.turn, i: decision.position.rawValue - request.prompt.count,
      pos: decision.position, tNs: engine.elapsed, phase: phase, id: decision.token,
      token: String(decoding: bytes, as: UTF8.self), bytes: bytes,
      special: tokenizer.isControl(decision.token), logprob: decision.logprob,
      rank: decision.rank, entropy: decision.readout.entropy, margin: decision.readout.margin,
      u: decision.uniform,
      topLogprobs: decision.alternatives.map {
        TokenRecord.Alternative(
          id: $0.token, token: String(decoding: tokenizer.bytes(of: $0.token), as: UTF8.self),
          logprob: $0.logprob)
      },
      depth: decision.line, exit: decision.exit, spec: decision.speculation,
      kv: TokenRecord.Cache(
        used: round.cacheUsed, bytes: round.cacheBytes, filled: decision.filled),
      time: isCommitted
        ? round.time
        : TokenRecord.Time(
          total: 0, blocks: 0, head: 0, probes: 0, sample: 0, fill: 0),
      cost: TokenRecord.Cost(
        macs: isCommitted ? round.work.macs / count : 0,
        macsFull: isCommitted
          ? engine.model.weights.denseWork(at: decision.position.rawValue - 1).macs : 0,
        bytesRead: isCommitted ? round.work.bytes / count : 0))
  }

  /// The record of the round itself.
  func draft(_ round: Decoder.Round) -> DraftRecord {
    DraftRecord(
      turn: request.turn, round: roundIndex, kDrafted: round.draftCount,
      kAccepted: round.acceptedCount, draftLayers: round.draftLayers,
      tDraftUs: round.draftMicroseconds,
      tVerifyUs: max(0, round.time.total * max(1, round.decisions.count) - round.draftMicroseconds))
  }
}
