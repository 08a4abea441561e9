import ArgumentParser
import Dials
import Evaluation
import Events
import Foundation
import Inference
import Tokenization

/// `fathom eval --by-position`: one long text, under a window and beside it.
struct PositionJob {
  let model: LoadedModel
  let options: PositionOptions
  /// What attention sees; limited.
  let reach: ReachSetting

  /// Reads `text` in all ways, prints the report and draws the picture.
  func run(_ text: String, buckets: Int?, as format: ReportFormat) throws {
    let evaluation = try PositionEvaluation(
      of: model.runtime, on: model.tokenizer.encode(text, addSpecial: true),
      bucketLength: options.bucket, limit: buckets, every: options.every)
    let signals = StopSignals {}
    defer { signals.cancel() }
    var curves: [PositionEvaluation.Curve] = []
    for (reading, end) in readings where signals.received == nil {
      let line = ProgressLine()
      let clock = TimeLeft()
      let words = reading.isAfresh ? "\(reading.reach), afresh" : "\(reading.reach)"
      curves.append(
        evaluation.run(reading, until: end) { share in
          line.draw("\(words): \(Int(share * 100)) %  \(clock.text(fraction: share))")
          return signals.received == nil
        })
      line.finish()
    }
    let report = PositionReport(
      modelFile: model.card.file, evaluation: evaluation, curves: curves)
    try report.print(as: format)
    if let path = options.svg {
      try OutputFile.write(report.svg, to: path)
    }
    if let number = signals.received { throw ExitCode(128 + number) }
  }

  /// The ways to read, and how far each goes.
  private var readings: [(PositionEvaluation.Reading, end: Int)] {
    var readings: [(PositionEvaluation.Reading, end: Int)] = [
      (.init(reach), .max), (.init(reach, isAfresh: true), .max),
    ]
    guard options.beside > 0 else { return readings }
    readings.append((.init(.full), options.beside))
    if reach.technique != .sliding {
      readings.append(
        (.init(ReachSetting(.sliding, window: reach.window)), options.beside))
    }
    return readings
  }
}
