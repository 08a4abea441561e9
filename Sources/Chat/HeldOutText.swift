import Corpus
import Dials
import Evaluation
import Foundation
import Inference
import Pruning
import Reports
import Techniques
import Tokenization

/// A short text to measure settings on: written by the model itself, with a seed of its own, so that no
/// search has seen it.
struct HeldOutText {
  let model: LoadedModel

  static let length = 512
  static let count = 2
  private static let seed: UInt64 = 77_003

  /// What `dials` do to the text, in words. Writes the text the first time, which takes some seconds.
  func words(on dials: DialSettings) throws -> String {
    let scores = try TextEvaluation(
      of: model.runtime, on: windows, settings: [dials.withoutDrafts]
    ).run()
    return Self.words(scores)
  }

  /// The text, sequence by sequence.
  var sequences: [[TokenID]] {
    get throws {
      let windows = try windows
      return (0..<windows.count).map { windows[$0] }
    }
  }

  private var windows: TextWindows {
    get throws {
      let text = try SelfWrittenArchive(model: model).text(
        of: Self.length * Self.count, seed: Self.seed)
      return try TextWindows(text.tokens, length: Self.length)
    }
  }

  private static func words(_ scores: [TextScores]) -> String {
    guard scores.count == 2, scores[0].perplexity > 0 else { return "" }
    let (plain, dials) = (scores[0], scores[1])
    let change = dials.perplexity / plain.perplexity - 1
    return "\(dials.dials.summary): perplexity \(Numbers.fixed(plain.perplexity, 2)) → "
      + "\(Numbers.fixed(dials.perplexity, 2)) (\(change < 0 ? "" : "+")"
      + "\(Numbers.percent(change, 1))) on \(dials.loss.count) held-out tokens, mean KL "
      + "\(Numbers.fixed(dials.divergence.mean, 3)) nats, the same first choice for "
      + "\(Numbers.percent(dials.sameTop.mean, 1))."
  }
}
