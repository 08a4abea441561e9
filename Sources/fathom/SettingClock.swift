import Dials
import Events
import Inference

/// How fast answers come under settings that leave early, relative to full depth: all of them answer every
/// prompt, turn about.
final class SettingClock {
  private let engine: Engine
  private let settings: [DialSettings]
  private var milliseconds: [Double]
  private var tokens: [Int]

  /// At most this many tokens an answer: enough for a time, few enough to try many settings.
  private static let tokenLimit = 96

  /// A clock for settings of a model.
  init(model: LoadedModel, settings: [DialSettings]) {
    engine = Engine(model: model)
    self.settings = [DialSettings(draft: .off)] + settings
    milliseconds = Array(repeating: 0, count: settings.count + 1)
    tokens = Array(repeating: 0, count: settings.count + 1)
  }

  /// Answers a prompt under every setting; its number decides who goes first.
  func answer(_ prompt: [TokenID], number: Int) async {
    for turn in settings.indices {
      let place = (turn + number) % settings.count
      let request = TurnRequest(
        turn: 1, prompt: prompt, dials: settings[place], tokenLimit: Self.tokenLimit,
        alternativeCount: 1)
      for await record in engine.records(for: request) {
        guard case .end(let end) = record, end.reason != .error else { continue }
        milliseconds[place] += end.timings.predictedMs
        // The first token comes out of the prompt's own pass.
        tokens[place] += max(0, end.timings.predictedN - 1)
      }
    }
  }

  /// By setting, full depth's time a token over the setting's.
  var ratios: [Double] {
    let times = zip(milliseconds, tokens).map { $0 / Double(max(1, $1)) }
    return times.dropFirst().map { $0 > 0 ? times[0] / $0 : 1 }
  }
}
