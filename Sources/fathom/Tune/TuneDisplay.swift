import Foundation
import Inference
import Training

/// The course of a training on the error output: at a terminal a few lines that are drawn again, with the
/// course of each loss; else, or with `--plain`, a line now and then.
final class TuneDisplay {
  private let isPlain: Bool
  private let labels: [String]
  private let steps: Int
  private let unit: String
  private var history: [[Double]]
  private var begin = ContinuousClock().now
  private var firstStep = 0
  private var amount = 0
  private var lastShown: ContinuousClock.Instant?
  private var linesShown = 0
  private let line = ProgressLine()

  /// Columns of a plot.
  private static let plotWidth = 48
  private static let bars = Array("▁▂▃▄▅▆▇█")

  /// The display of a training of so many steps; `unit` names what is read, as `positions`.
  init(labels: [String], steps: Int, unit: String, isPlain: Bool) {
    self.labels = labels
    self.steps = steps
    self.unit = unit
    self.isPlain = isPlain || !ProgressLine.isTerminal
    history = Array(repeating: [], count: labels.count)
  }

  /// Shows what the training tells.
  func show(_ event: TuneEvent) {
    switch event {
    case .reading(let done, let all): line.draw("reading", count: done, of: all)
    case .read: line.finish()
    case .resumed(let step, let path):
      printError("fathom: goes on from step \(step) (\(path.visible))")
    case .began(let step): (firstStep, begin) = (step, ContinuousClock().now)
    case .step(let step, let losses, let amount): show(step: step, losses: losses, amount: amount)
    case .stopped(let step):
      printError("fathom: stopped; the same command goes on from step \(step)")
    }
  }

  /// Takes a step's losses and how much was read; shows them if it is time to.
  private func show(step: Int, losses: [Double?], amount: Int) {
    for (index, loss) in losses.enumerated() { if let loss { history[index].append(loss) } }
    self.amount += amount
    let now = ContinuousClock().now
    let pause: Duration = isPlain ? .seconds(10) : .milliseconds(200)
    let isLast = step == steps
    if let lastShown, now - lastShown < pause, !isLast { return }
    lastShown = now
    let lines = [summary(step, now)] + (isPlain ? [] : plots)
    var text = linesShown > 0 && !isPlain ? "\u{1B}[\(linesShown)A" : ""
    for line in lines { text += isPlain ? line + "\n" : "\u{1B}[2K" + line + "\n" }
    linesShown = lines.count
    FileHandle.standardError.write(Data(text.utf8))
  }

  private func summary(_ step: Int, _ now: ContinuousClock.Instant) -> String {
    let seconds = (now - begin).milliseconds / 1000
    let rate = Double(amount) / max(seconds, 1e-3)
    let left = seconds / Double(max(step - firstStep, 1)) * Double(steps - step)
    let losses = zip(labels, history).compactMap { label, losses in
      losses.last.map { "\(label) \($0.rounded(to: 3))" }
    }
    return "step \(step)/\(steps)  loss \(losses.joined(separator: "  "))  "
      + "\(Int(rate)) \(unit)/s  \(left.asTime) left"
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
