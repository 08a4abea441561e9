import Files
import Reports
import Screen
import Training

/// The course of a training on the error output: at a terminal a few lines that are drawn again, with
/// plots; else, or with `--plain`, a line now and then.
final class TuneDisplay {
  private let isPlain: Bool
  private let unit: String
  private var labels: [String]
  private var steps: Int
  private var course: TuneCourse?
  private var lastShown: ContinuousClock.Instant?
  private var linesShown = 0
  private let line = ProgressLine()

  /// The display of a training of so many steps; `unit` names what is read, as `positions`.
  init(labels: [String], steps: Int, unit: String, isPlain: Bool) {
    self.isPlain = isPlain || !ProgressLine.isTerminal
    self.unit = unit
    (self.labels, self.steps) = (labels, steps)
  }

  /// Shows what the training tells.
  func show(_ event: TuneEvent) {
    switch event {
    case .reading(let done, let all): count("reading", done, of: all)
    case .counting(let what, let done, let all): count(what, done, of: all)
    case .read: line.finish()
    case .resumed(let step, let path):
      printError("fathom: goes on from step \(step) (\(path.visible))")
    case .stage(let labels, let steps): (self.labels, self.steps) = (labels, steps)
    case .began(let step):
      course = TuneCourse(labels: labels, steps: steps, unit: unit, firstStep: step)
      linesShown = 0
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

  /// Shows how far something that is counted has come: where nothing is drawn again, now and then.
  private func count(_ what: String, _ done: Int, of all: Int) {
    if !isPlain {
      line.draw(what, count: done, of: all)
    } else if isDue(after: .seconds(10), last: done == all) {
      printError("fathom: \(what) \(done)/\(all)")
    }
  }

  /// Whether so much time has passed since something was shown; it is then shown now. The last is always.
  private func isDue(after pause: Duration, last isLast: Bool) -> Bool {
    let now = ContinuousClock().now
    if let lastShown, now - lastShown < pause, !isLast { return false }
    lastShown = now
    return true
  }

  /// Draws the course if it is time to.
  private func draw() {
    guard let course,
      isDue(after: isPlain ? .seconds(10) : .milliseconds(200), last: course.isOver)
    else { return }
    let lines = [course.summary] + (isPlain ? [] : course.plots)
    var text = linesShown > 0 && !isPlain ? "\u{1B}[\(linesShown)A" : ""
    for line in lines { text += isPlain ? line + "\n" : "\u{1B}[2K" + line + "\n" }
    linesShown = lines.count
    StandardStreams.writeError(text)
  }
}
