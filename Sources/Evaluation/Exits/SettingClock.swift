package import Dials
import Events
package import Inference
import Reports
package import Techniques

/// How fast answers come under settings that leave early, relative to full depth: all of them answer every
/// prompt, in turn.
package final class SettingClock {
  private let engine: Engine
  private let settings: [DialSettings]
  /// By setting, full depth's time a token over the setting's for each prompt.
  private var found: [[Double]]

  /// At most this many tokens an answer: enough for a time, few enough to try many settings.
  private static let tokenLimit = 96

  /// A clock for settings of a model.
  package init(model: LoadedModel, settings: [DialSettings]) {
    engine = Engine(model: model)
    self.settings = [DialSettings(draft: .off)] + settings
    found = settings.map { _ in [] }
  }

  /// Answers a prompt under every setting; its number decides who goes first.
  package func answer(_ prompt: [TokenID], number: Int) async {
    var times = settings.map { _ in 0.0 }
    for turn in settings.indices {
      let place = (turn + number) % settings.count
      let request = TurnRequest(
        turn: 1, prompt: prompt, dials: settings[place], tokenLimit: Self.tokenLimit,
        alternativeCount: 1)
      let reply = await engine.reply(to: request)
      if !reply.hasFailed { times[place] = reply.millisecondsPerToken }
    }
    for index in found.indices where times[index + 1] > 0 {
      found[index].append(times[0] / times[index + 1])
    }
  }

  /// By setting, full depth's time a token over the setting's: the median over the prompts, which a
  /// program that held up one answer does not move.
  package var ratios: [Double] {
    found.map { $0.isEmpty ? 1 : $0.median }
  }
}
