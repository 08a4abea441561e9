import Events
import Techniques
import Transformer

extension Decoder {
  /// The logits of rows at full depth, as far as `plan` reads them.
  ///
  /// Tokens and alternatives come from the highest, which are those of the whole head. Probability and
  /// entropy are sums over the vocabulary: of tokens below these they see coarse logits. What a row
  /// holds depends on the sampler and on the alternatives asked for, not on the rows beside it.
  func fullLogits(rows: [Int], plan: Plan) -> Logits {
    guard readsTop, let count = plan.highestCount else { return pass.logits(rows: rows) }
    return pass.logits(rows: rows, exactTop: count)
  }
}

extension Decoder.Plan {
  /// How many of the highest logits decide a token or are recorded; nil where all do.
  var highestCount: Int? {
    let settings = sampler.settings
    guard settings.repeatPenalty == 1, settings.temperature <= 0 || settings.topK > 0 else {
      return nil
    }
    return max(
      settings.temperature <= 0 ? 1 : settings.topK, alternativeCount, DraftPlanner.choiceCount)
  }
}
