import Foundation
import Training

/// The progress of a training on the error output: at a terminal a few lines that are drawn again,
/// with the course of each loss; else, or with `--plain`, a line now and then.
struct TuneDisplay {
  private let isPlain: Bool
  private let labels: [String]
  private let steps: Int
  private let batchSize: Int
  private var history: [[Double]]
  private let begin = ContinuousClock().now
  private let firstStep: Int
  private var lastShown: ContinuousClock.Instant?
  private var linesShown = 0

  /// Columns of a plot.
  private static let plotWidth = 48
  private static let bars = Array("▁▂▃▄▅▆▇█")

  /// The display of a training that has taken `firstStep` steps.
  init(labels: [String], steps: Int, batchSize: Int, firstStep: Int, isPlain: Bool) {
    self.labels = labels
    self.steps = steps
    self.batchSize = batchSize
    self.firstStep = firstStep
    self.isPlain = isPlain || !ProgressLine.isTerminal
    history = Array(repeating: [], count: labels.count)
  }

  /// Takes a step's losses and shows them, if it is time to.
  mutating func show(_ report: ExitTrainer.StepReport) {
    for (index, loss) in report.losses.enumerated() { history[index].append(loss) }
    let now = ContinuousClock().now
    let pause: Duration = isPlain ? .seconds(10) : .milliseconds(200)
    let isLast = report.step == steps
    if let lastShown, now - lastShown < pause, !isLast { return }
    lastShown = now
    let lines = isPlain ? [summary(report, now)] : [summary(report, now)] + plots
    var text = linesShown > 0 && !isPlain ? "\u{1B}[\(linesShown)A" : ""
    for line in lines { text += isPlain ? line + "\n" : "\u{1B}[2K" + line + "\n" }
    linesShown = lines.count
    FileHandle.standardError.write(Data(text.utf8))
  }

  private func summary(_ report: ExitTrainer.StepReport, _ now: ContinuousClock.Instant) -> String {
    let seconds = (now - begin).milliseconds / 1000
    let done = report.step - firstStep
    let rate = Double(done * batchSize) / max(seconds, 1e-3)
    let left = seconds / Double(max(done, 1)) * Double(steps - report.step)
    let losses = zip(labels, report.losses).map { "\($0) \($1.rounded(to: 3))" }
    return "step \(report.step)/\(steps)  loss \(losses.joined(separator: "  "))  "
      + "\(Int(rate)) positions/s  \(left.asTime) left"
  }

  private var plots: [String] {
    zip(labels, history).map { label, losses in
      let size = max(1, (losses.count + Self.plotWidth - 1) / Self.plotWidth)
      let means = stride(from: 0, to: losses.count, by: size).map { start in
        Array(losses[start..<min(start + size, losses.count)]).mean
      }
      // On a logarithmic scale: the first losses are far above the rest.
      let heights = means.map { log(max($0, 1e-6)) }
      let (low, high) = (heights.min() ?? 0, heights.max() ?? 1)
      let plot = heights.map { height in
        Self.bars[min(7, Int(8 * (height - low) / max(high - low, 1e-9)))]
      }
      return "  \(label) \(String(plot))"
    }
  }
}

extension Double {
  /// Seconds as people read them: `45 s`, `12 min`, `2 h 05 min`.
  var asTime: String {
    let seconds = Int(self.rounded())
    if seconds < 90 { return "\(seconds) s" }
    let minutes = (seconds + 30) / 60
    if minutes < 90 { return "\(minutes) min" }
    let rest = minutes % 60
    return "\(minutes / 60) h \(rest < 10 ? "0" : "")\(rest) min"
  }
}
