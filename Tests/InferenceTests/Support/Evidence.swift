import Dials
import Events
import Inference

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

extension Reply {
  /// What decided each token: the text, and every number that the model gave for it.
  var evidence: [Evidence] { tokens.map(Evidence.init) }
}

extension Engine {
  /// The plain answer to `prompt`.
  nonisolated func plainReply(
    to prompt: [TokenID], limit: Int?, sampler: SessionRecord.Sampler = SessionRecord.Sampler()
  ) async -> Reply {
    await reply(to: TurnRequest(turn: 1, prompt: prompt, sampler: sampler, tokenLimit: limit))
  }
}
