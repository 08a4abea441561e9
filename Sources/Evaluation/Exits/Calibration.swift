import Corpus
import Dials

/// What a calibration found.
package struct Calibration: Sendable {
  /// A setting that was looked for, and what was found; nil: too few answers to show it.
  package typealias Selection = (
    name: String, limit: Double, found: ExitCalibration.Selection?
  )

  /// All settings tried, and the path.
  package let calibration: ExitCalibration
  /// What was looked for, in order.
  package let selections: [Selection]
  /// By setting, full depth's time a token over the setting's, where it was measured.
  package internal(set) var times: [ExitThresholds: Double] = [:]
  /// Answers read.
  package let answerCount: Int
  /// Their tokens.
  package let tokenCount: Int
  /// The share of these that are the model's own most probable ones: 1 for its greedy answers.
  package let followed: Double

  private let dense: Int
  private let blockCount: Int
  private let job: CalibrationJob

  /// Selects a setting for each goal of `job` on the trace of a model of `blockCount` blocks.
  init(_ trace: ExitTrace, costs: ExitCosts, job: CalibrationJob, blockCount: Int) {
    let calibration = ExitCalibration(
      trace, costs: costs, fill: job.fill, unit: job.unit, confidence: job.confidence,
      seed: job.seed)
    self.calibration = calibration
    selections = job.goals.map { ($0.name, $0.limit, calibration.selection(limit: $0.limit)) }
    answerCount = trace.texts.count
    tokenCount = trace.count
    followed = Double(trace.followed) / Double(max(1, trace.count))
    dense = costs.dense
    self.job = job
    self.blockCount = blockCount
  }

  /// Blocks executed before each exit.
  package var depths: [Int] { calibration.sweep.depths }

  /// Weight bytes a token relative to full depth's.
  package func relativeBytes(_ outcome: ExitOutcome) -> Double {
    outcome.bytesPerToken / Double(dense)
  }

  /// Settings worth timing: some of the path, evenly spread, and those that were found.
  var timedSettings: [ExitThresholds] {
    let some = calibration.path.filter { !$0.isOff }.spread(10)
    let chosen = selections.compactMap { $0.found?.thresholds }.filter {
      !$0.isOff && !some.contains($0)
    }
    return some + Set(chosen)
  }

  /// How the settings were tested.
  package var test: ExitCertificate.Test {
    var effect: Double?
    if case .tokens(let value) = calibration.test { effect = value }
    return ExitCertificate.Test(
      unit: job.unit, effect: effect, confidence: job.confidence,
      choosingN: calibration.choosingCount, testingN: calibration.testingCount,
      tokenN: calibration.tokenCount, followed: followed, seed: job.seed)
  }

  /// The settings that were found, by name.
  package var presets: [String: CertifiedSetting] {
    var presets: [String: CertifiedSetting] = [:]
    for case (let name, _, let found?) in selections {
      presets[name] = CertifiedSetting(
        found, depths: depths, blockCount: blockCount, fill: job.fill)
    }
    return presets
  }
}
