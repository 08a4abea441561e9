package import Dials
import Events
package import Inference
import Reports
package import Techniques

/// How fast a model writes under some settings. They take turns, so that a drift of the machine meets
/// them all, and what counts is the median.
package struct WritingSpeed {
  private let model: LoadedModel
  private let prompt: [TokenID]
  /// Turns that count; one more comes before them, to warm up.
  private let turns: Int
  /// Tokens of an answer at most.
  private let tokenLimit: Int

  /// The speed of answers that go on from `prompt`.
  package init(model: LoadedModel, prompt: [TokenID], turns: Int = 3, tokenLimit: Int = 64) {
    self.model = model
    self.prompt = prompt
    self.turns = turns
    self.tokenLimit = tokenLimit
  }

  /// Tokens per second under each of `settings`, greedy; nil where an answer came to nothing, or when
  /// `goesOn` said no.
  package func measure(_ settings: [DialSettings], goesOn: () -> Bool) async -> [Double?] {
    let engines = settings.map { _ in
      Engine(model: model, contextLength: prompt.count + tokenLimit + 1)
    }
    var rates = settings.map { _ in [Double]() }
    for turn in 0...turns {
      for (index, dials) in settings.enumerated() where goesOn() {
        let request = TurnRequest(
          turn: turn, prompt: prompt, dials: dials, tokenLimit: tokenLimit, alternativeCount: 0)
        let reply = await engines[index].reply(to: request)
        guard turn > 0, !reply.hasFailed else { continue }
        if let rate = reply.end?.timings.predictedPerSecond { rates[index].append(rate) }
      }
    }
    return rates.map { $0.isEmpty ? nil : $0.median }
  }
}
