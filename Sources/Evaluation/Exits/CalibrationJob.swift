import Corpus
import Dials
package import Inference
package import Techniques

/// Finds thresholds for exits on answers that full depth wrote, with a bound on how often they are wrong,
/// and times some of them.
package struct CalibrationJob: Sendable {
  /// A setting that is looked for, and the share of tokens that may differ from full depth's under it.
  package typealias Goal = (name: String, limit: Double)

  /// What a calibration tells of its course.
  package enum Event {
    /// So many answers of all were read.
    case reading(Int, of: Int)
    /// So many prompts of all were answered for their times.
    case timing(Int, of: Int)
    /// What was going on is over.
    case ended
  }

  /// Blocks executed before each exit.
  package var depths: [Int]
  /// What is looked for.
  package var goals: [Goal]
  /// The probability with which a risk is below its limit.
  package var confidence: Double
  /// What the bound takes as independent.
  package var unit: ExitCalibration.Unit
  /// How blocks that a token left out get their keys and values.
  package var fill: FillPolicy
  /// Decides which answers choose and which test.
  package var seed: UInt64
  /// Prompts whose answers are written to time settings; 0: none are timed.
  package var timed: Int

  /// A calibration with these settings.
  package init(
    depths: [Int], goals: [Goal], confidence: Double, unit: ExitCalibration.Unit,
    fill: FillPolicy, seed: UInt64, timed: Int
  ) {
    self.depths = depths
    self.goals = goals
    self.confidence = confidence
    self.unit = unit
    self.fill = fill
    self.seed = seed
    self.timed = timed
  }

  /// Calibrates the exits of `model` on `texts`. Throws a `CancellationError` where the task is cancelled.
  package func run(
    _ texts: [AnswerText], model: LoadedModel, observe: (Event) -> Void = { _ in }
  ) async throws -> Calibration {
    let tracer = try trace(texts, model: model, observe: observe)
    let costs = ExitCosts(
      weights: model.weights, exits: model.exits, depths: depths, headBytes: tracer.headBytes)
    var calibration = Calibration(
      tracer.trace, costs: costs, job: self, blockCount: model.blockCount)
    if timed > 0 {
      calibration.times = try await times(
        of: calibration.timedSettings, texts: texts, model: model, observe: observe)
    }
    return calibration
  }

  private func trace(
    _ texts: [AnswerText], model: LoadedModel, observe: (Event) -> Void
  ) throws -> ExitTracer {
    let length = texts.map { $0.prompt.count + $0.answer.count }.max() ?? 1
    let tracer = ExitTracer(model.runtime, depths: depths, length: length)
    for (index, text) in texts.enumerated() {
      tracer.read(text)
      observe(.reading(index + 1, of: texts.count))
      try Task.checkCancellation()
    }
    observe(.ended)
    return tracer
  }

  /// How fast answers come under each setting, relative to full depth.
  private func times(
    of settings: [ExitThresholds], texts: [AnswerText], model: LoadedModel,
    observe: (Event) -> Void
  ) async throws -> [ExitThresholds: Double] {
    let clock = SettingClock(
      model: model, settings: settings.map { $0.dials(depths: depths, fill: fill) })
    let prompts = texts.map(\.prompt).spread(timed)
    for (number, prompt) in prompts.enumerated() {
      await clock.answer(prompt, number: number)
      observe(.timing(number + 1, of: prompts.count))
      try Task.checkCancellation()
    }
    observe(.ended)
    return Dictionary(uniqueKeysWithValues: zip(settings, clock.ratios))
  }
}
