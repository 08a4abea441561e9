import Dials
import Events
import Kernels
import Transformer

/// One token that was decided, with the evidence.
struct Decision {
  /// The token.
  var token: TokenID
  /// Its position in the whole text.
  var position = Position(0)
  /// The uniform number drawn for it, if any.
  var uniform: Float?
  /// What the deciding distribution looks like.
  var readout: Readout
  /// The token's natural logarithmic probability there.
  var logprob: Float
  /// How many tokens were more probable.
  var rank: Int
  /// The most probable tokens with their logarithmic probabilities.
  var alternatives: [(token: TokenID, logprob: Float)]
  /// What happened in every block of the row that decided.
  var line: DepthLine
  /// Why it left where it did.
  var exit: TokenRecord.Exit
  /// Blocks that were filled from the exit state.
  var filled = 0
  /// `−ln p` of the token by the whole vocabulary, where the reach remembers what surprises.
  var loss = 0.0
  /// What attention saw for the row that decided.
  var reading: ReachReading?
  /// What drafting had to do with it.
  var speculation: TokenRecord.Speculation?

  /// Whether the distribution is one: a damaged model's logits may be no numbers.
  var isNumber: Bool { !logprob.isNaN && !readout.probability.isNaN }

  /// Reads the decision for `choice` off one row of logits, of which `best` are the highest.
  init(
    _ choice: Sampler.Choice, logits: Logits, row: Int, depth: Int,
    best entries: ArraySlice<Candidates.Entry>, line: DepthLine, exit: TokenRecord.Exit
  ) {
    token = choice.token
    uniform = choice.uniform
    readout = logits.readout(row: row, depth: depth)
    let best = logits.top(row: row)
    let logNormalizer = best.value - Self.log(readout.probability)
    if choice.token == best.token {
      (logprob, rank) = (best.value - logNormalizer, 0)
    } else {
      let view = logits[row]
      let value = view[choice.token.index]
      (logprob, rank) = (value - logNormalizer, view.count { $0 > value })
    }
    alternatives = entries.map { (TokenID($0.index), $0.value - logNormalizer) }
    self.line = line
    self.exit = exit
  }

  private static func log(_ probability: Float) -> Float {
    Float(Double(max(probability, .leastNormalMagnitude)).naturalLogarithm)
  }
}
