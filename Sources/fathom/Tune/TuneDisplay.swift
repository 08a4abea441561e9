import Files
import Reports
import Screen
import Training

/// The course of a training on the error output: at a terminal a few lines that are drawn again, with
/// plots; else, or with `--plain`, a line now and then.
final class TuneDisplay {
  private let isPlain: Bool
  private let begin: (Int) -> TuneCourse
  private var course: TuneCourse?
  private var lastShown: ContinuousClock.Instant?
  private var linesShown = 0
  private let line = ProgressLine()

  /// The display of a training of so many steps; `unit` names what is read, as `positions`.
  init(labels: [String], steps: Int, unit: String, isPlain: Bool) {
    self.isPlain = isPlain || !ProgressLine.isTerminal
    begin = { TuneCourse(labels: labels, steps: steps, unit: unit, firstStep: $0) }
  }

  /// Shows what the training tells.
  func show(_ event: TuneEvent) {
    switch event {
    case .reading(let done, let all): line.draw("reading", count: done, of: all)
    case .counting(let what, let done, let all): line.draw(what, count: done, of: all)
    case .read: line.finish()
    case .resumed(let step, let path):
      printError("fathom: goes on from step \(step) (\(path.visible))")
    case .began(let step): course = begin(step)
    case .step(let step, let losses, let amount):
      course?.take(step: step, losses: losses, amount: amount)
      draw()
    case .clean(_, let loss, let rise): course?.take(cleanLoss: loss, rise: rise)
    case .wentBack(let from, let to, let rate):
      say(
        "the loss without noise rose too far by step \(from); goes on from step \(to) at \(rate) "
          + "times the rate")
    case .gaveUp(let step, let good):
      say(
        "the loss without noise rose too far by step \(step), for the third time; the parameters of "
          + "step \(good) are kept")
    case .stopped(let step):
      printError("fathom: stopped; the same command goes on from step \(step)")
    }
  }

  /// A line that stays: the course is drawn anew below it.
  private func say(_ line: String) {
    printError("fathom: \(line)")
    linesShown = 0
  }

  /// Draws the course if it is time to.
  private func draw() {
    guard let course else { return }
    let now = ContinuousClock().now
    let pause: Duration = isPlain ? .seconds(10) : .milliseconds(200)
    if let lastShown, now - lastShown < pause, !course.isOver { return }
    lastShown = now
    let lines = [course.summary] + (isPlain ? [] : course.plots)
    var text = linesShown > 0 && !isPlain ? "\u{1B}[\(linesShown)A" : ""
    for line in lines { text += isPlain ? line + "\n" : "\u{1B}[2K" + line + "\n" }
    linesShown = lines.count
    StandardStreams.writeError(text)
  }
}
