import Dials
import Events
import Techniques
import Tokenization
import Transformer

extension Answer {
  /// The record of one decision, number `sharer` of its round. A rejected draft, which is no sharer,
  /// costs nothing of its own: its round's tokens share all of it.
  func token(_ decision: Decision, sharer: Int?, round: Decoder.Round) -> TokenRecord {
    let tokenizer = engine.model.tokenizer
    let bytes = tokenizer.bytes(of: decision.token)
    let count = max(1, round.decisions.count)
    return TokenRecord(
      turn: request.turn, answer: request.answer,
      i: decision.position.rawValue - request.prompt.count,
      pos: decision.position, tNs: engine.elapsed, phase: sharer == nil ? .draft : .gen,
      id: decision.token,
      token: String(decoding: bytes, as: UTF8.self), bytes: bytes,
      special: tokenizer.isControl(decision.token), logprob: decision.logprob,
      rank: decision.rank, entropy: decision.readout.entropy, margin: decision.readout.margin,
      u: decision.uniform,
      topLogprobs: decision.alternatives.map {
        TokenRecord.Alternative(
          id: $0.token, token: word($0.token), logprob: $0.logprob)
      },
      depth: decision.line, exit: decision.exit, spec: decision.speculation,
      kv: TokenRecord.Cache(
        used: round.cacheUsed, bytes: round.cacheBytes, filled: decision.filled),
      attn: request.dials.reach.isLimited ? decision.reading.map(attention) : nil,
      time: sharer.map { time($0, of: count, round: round) }
        ?? TokenRecord.Time(total: 0, blocks: 0, head: 0, probes: 0, sample: 0, fill: 0),
      cost: sharer.map {
        round.account.cost(
          $0, of: count, full: weights.denseWork(at: decision.position.rawValue - 1))
      } ?? TokenRecord.Cost(macs: 0, macsFull: 0, bytesRead: 0))
  }

  /// The time of token `index` of `count` that share the round; what a plain pass took stands at the first.
  private func time(_ index: Int, of count: Int, round: Decoder.Round) -> TokenRecord.Time {
    var time = round.account.time(sharedBy: count)
    if index == 0, yardstick.isOn {
      time.plain = round.plainMicroseconds
      time.beside = round.besideMicroseconds
    }
    return time
  }

  private func attention(_ reading: ReachReading) -> TokenRecord.Attention {
    TokenRecord.Attention(
      seen: reading.attended + reading.lookedUp, forgotten: reading.unseen - reading.lookedUp,
      sink: reading.sinkShare)
  }

  /// The record of the round itself.
  func draft(_ round: Decoder.Round) -> DraftRecord {
    let accepted = Set(round.accepted)
    return DraftRecord(
      turn: request.turn, answer: request.answer, round: roundIndex, kDrafted: round.tree.count,
      kAccepted: round.accepted.count, draftLayers: round.draftLayers,
      tDraftUs: round.draftMicroseconds,
      tVerifyUs: max(0, round.account.time(sharedBy: 1).total - round.draftMicroseconds),
      nodes: round.tree.nodes.enumerated().map { index, node in
        DraftRecord.Node(
          id: node.token, token: word(node.token), parent: node.parent, source: node.source,
          p: node.chance.map { Float($0) }, accepted: accepted.contains(index))
      },
      rest: round.rest > 0 ? round.rest : nil)
  }

  private func word(_ token: TokenID) -> String {
    String(decoding: engine.model.tokenizer.bytes(of: token), as: UTF8.self)
  }
}
