import Foundation
import Inference
import Reports

/// The course of a training in lines of text: where it stands, and a plot of each loss.
package struct TuneCourse {
  private let labels: [String]
  private let steps: Int
  private let unit: String
  private let begin = ContinuousClock().now
  private let firstStep: Int
  private var step: Int
  private var history: [[Double]]
  private var amount = 0
  private var clean: (loss: Double, rise: Double)?

  /// Columns of a plot.
  private static let plotWidth = 48
  private static let bars = Array("▁▂▃▄▅▆▇█")

  /// A training of so many steps that goes on behind `firstStep`, with a loss for each label; `unit` names
  /// what is read, as `positions`.
  package init(labels: [String], steps: Int, unit: String, firstStep: Int) {
    self.labels = labels
    self.steps = steps
    self.unit = unit
    self.firstStep = firstStep
    step = firstStep
    history = Array(repeating: [], count: labels.count)
  }

  /// Takes a step's losses, nil where it has none, and how much was read.
  package mutating func take(step: Int, losses: [Double?], amount: Int) {
    self.step = step
    for (index, loss) in losses.enumerated() { if let loss { history[index].append(loss) } }
    self.amount += amount
  }

  /// Takes the loss without noise of held-out texts, and its rise, in nats.
  package mutating func take(cleanLoss: Double, rise: Double) { clean = (cleanLoss, rise) }

  /// Whether the last step was taken.
  package var isOver: Bool { step == steps }

  /// Step, losses, speed and the time that is left.
  package var summary: String {
    let seconds = (ContinuousClock().now - begin).milliseconds / 1000
    let rate = Double(amount) / max(seconds, 1e-3)
    let left = seconds / Double(max(step - firstStep, 1)) * Double(steps - step)
    let losses = zip(labels, history).compactMap { label, losses in
      losses.last.map { "\(label) \($0.rounded(to: 3))" }
    }
    let kept = clean.map { clean in
      "clean \(clean.loss.rounded(to: 3)) (\(clean.rise.asRise))  "
    }
    return "step \(step)/\(steps)  loss \(losses.joined(separator: "  "))  \(kept ?? "")"
      + "\(Int(rate)) \(unit)/s  \(left.asTime) left"
  }

  /// The course of each loss, the means of equal splits.
  package var plots: [String] {
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
