import Corpus
import Dials
import Evaluation
import Events
import Foundation
import Inference
import Pruning
import Reports
import Techniques
import Tokenization
import Transformer

/// A short text to measure settings on: written by the model itself, with a seed of its own, so that no
/// search has seen it.
struct HeldOutText {
  let model: LoadedModel

  static let length = 512
  static let count = 2
  private static let seed: UInt64 = 77_003

  /// What the dials in force do to the text; nil where only the short head could change one.
  static func measure(_ dialogue: Dialogue, tNs: Int) async throws -> MeasureRecord? {
    let (model, hasShortHead) = (dialogue.model, dialogue.dials.shortHead != nil)
    var dials = dialogue.dials
    dials.shortHead = nil
    guard dials.contract == .approximate else { return nil }
    return try await Task.detached { [dials] in
      try HeldOutText(model: model).measure(dials, hasShortHead: hasShortHead, tNs: tNs)
    }.value
  }

  /// What `dials` do to the text. Writes the text the first time, which takes some seconds.
  /// `hasShortHead` says that a short head decides besides, which is not measured.
  private func measure(_ dials: DialSettings, hasShortHead: Bool, tNs: Int) throws -> MeasureRecord
  {
    let dials = dials.withoutDrafts
    let scores = try TextEvaluation(of: model.runtime, on: windows, settings: [dials]).run()
    guard let plain = scores.first, let under = scores.last else {
      throw ChatError("Nothing was measured.")
    }
    let notes = [
      hasShortHead ? "the short head is not part of it" : nil,
      model.weights.changes != nil ? "beside the model as the adapter changed it" : nil,
    ].compactMap { $0 }
    return MeasureRecord(
      policy: dials, summary: dials.summary, tokens: under.loss.count,
      perplexityFull: plain.perplexity, perplexity: under.perplexity,
      divergence: under.divergence.mean, sameTop: under.sameTop.mean,
      note: notes.isEmpty ? nil : notes.joined(separator: ", "), tNs: tNs)
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
}
