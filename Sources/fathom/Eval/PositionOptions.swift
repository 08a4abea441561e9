import ArgumentParser
import Dials
import Evaluation
import Events
import Inference
import Reports
import Screen
import Tokenization

/// How `fathom eval --by-position` cuts a text.
struct PositionOptions: ParsableArguments {
  @Flag(
    help: "Perplexity by position in one long text, with a window and beside it without one.")
  var byPosition = false

  @Option(parsing: .unconditional, help: "Positions in a bucket (with --by-position).")
  var bucket = 2048

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Score one bucket in so many, and the first and the last; all are read.", valueName: "n"))
  var every = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Read with full attention, and with a window alone, up to this position: what full attention "
        + "costs grows with the square; 0 leaves both out.", valueName: "position"))
  var beside = 16384

  @Option(
    help: ArgumentHelp("Draw the buckets as a picture.", valueName: "file"),
    completion: .file(extensions: ["svg"]))
  var svg: String?

  func validate() throws {
    guard bucket >= 2 else { throw ValidationError("--bucket must be 2 or more.") }
    guard every >= 1 else { throw ValidationError("--every must be 1 or more.") }
    guard beside >= 0 else { throw ValidationError("--beside must be 0 or more.") }
  }

  /// Reads `text` with the limited `reach` and beside it, prints the report and draws the picture.
  func report(
    on text: String, model: LoadedModel, reach: ReachSetting, buckets: Int?,
    as format: ReportFormat, into outputs: OutputOptions, from inputs: [String]
  ) throws {
    let evaluation = try PositionEvaluation(
      of: model.runtime, on: model.tokenizer.encode(text, addSpecial: true),
      bucketLength: bucket, limit: buckets, every: every)
    let signals = StopSignals {}
    defer { signals.cancel() }
    let line = ProgressLine()
    var clock = TimeLeft()
    let curves = evaluation.curves(reach, beside: beside) { reading, share in
      let words = reading.isAfresh ? "\(reading.reach), afresh" : "\(reading.reach)"
      line.draw("\(words): \(Int(share * 100)) %  \(clock.text(fraction: share))")
      if share >= 1 {
        line.finish()
        clock = TimeLeft()
      }
      return signals.received == nil
    }
    line.finish()
    let report = PositionReport(
      modelFile: model.card.file, evaluation: evaluation, curves: curves)
    try report.say(as: format)
    try outputs.write(report.svg, to: svg, from: inputs)
    if let number = signals.received { throw ExitCode(128 + number) }
  }
}
