package import Dials
import Events
package import Inference
import Techniques

/// Asks a model for numbers hidden in long texts, under several reaches.
package struct PasskeyTrial {
  /// One length, depth and setting.
  package struct Row: Codable, Hashable, Sendable {
    /// Tokens of the text at most.
    package var length: Int
    /// Where the number stands: 0 at the beginning, 1 at the end.
    package var depth: Double
    /// Tokens between the number and the end of the text.
    package var distance: Int
    /// What attention sees.
    package var reach: String
    /// Whether the number lay in the window (or attention sees everything).
    package var isInSight: Bool
    /// Numbers found.
    package var found: Int
    /// Numbers asked for.
    package var asked: Int
  }

  private let model: LoadedModel
  private let settings: [ReachSetting]
  private let lengths: [Int]
  private let depths: [Double]
  private let trials: Int
  private let seed: UInt64

  /// New tokens that an answer may have: room for a few words and five digits.
  private static let answerLength = 16

  /// `trials` numbers for each of `lengths` in tokens, each of `depths` (0...1) and each of `settings`.
  /// Full attention is left out where the text is longer than the model was trained for.
  package init(
    model: LoadedModel, settings: [ReachSetting], lengths: [Int], depths: [Double], trials: Int,
    seed: UInt64
  ) {
    self.model = model
    self.settings = settings
    self.lengths = lengths
    self.depths = depths
    self.trials = trials
    self.seed = seed
  }

  /// Full attention, and where `window` is one: the window alone, and with heads that look up single
  /// positions before it.
  package static func settings(beside window: ReachSetting) -> [ReachSetting] {
    guard window.isLimited else { return [.full] }
    var (alone, lookups) = (window, window)
    alone.lookups = 0
    lookups.lookups = window.lookups > 0 ? window.lookups : 5
    return [.full, alone] + (window.technique == .lambda ? [lookups] : [])
  }

  /// One length, depth and setting after the other, in an engine for each setting. `progress` hears what
  /// comes next; the work stops where `isWanted` says no.
  package func run(
    progress: (Int, Double, ReachSetting) -> Void = { _, _, _ in },
    isWanted: () -> Bool = { true }
  ) async throws(EvaluationError) -> [Row] {
    let room = (lengths.max() ?? 0) + Self.answerLength + 1
    let engines = settings.map { _ in Engine(model: model, contextLength: room) }
    var rows: [Row] = []
    for length in lengths {
      for depth in depths {
        for (setting, engine) in zip(settings, engines) where isWanted() {
          if !setting.isLimited, length > model.card.ctxTrain { continue }
          progress(length, depth, setting)
          var row = Row(
            length: length, depth: depth, distance: 0, reach: "\(setting)",
            isInSight: true, found: 0, asked: 0)
          for trial in 0..<trials where isWanted() {
            let text = try PasskeyText(
              length: length, depth: depth, seed: SplitMix64.mix(seed &+ UInt64(trial)),
              tokenizer: model.tokenizer)
            row.distance = text.distance
            row.isInSight = setting.local(at: text.tokens.count - 1)
              .contains(text.tokens.count - text.distance - 1)
            row.asked += 1
            if await answer(to: text, setting, engine).contains(text.key) { row.found += 1 }
          }
          rows.append(row)
        }
      }
    }
    return rows
  }

  private func answer(
    to text: PasskeyText, _ reach: ReachSetting, _ engine: Engine
  ) async -> String {
    let request = TurnRequest(
      turn: 1, prompt: text.tokens, dials: DialSettings(draft: .off, reach: reach),
      tokenLimit: Self.answerLength, alternativeCount: 0)
    return await engine.reply(to: request).text
  }
}
