import Inference

/// How long work of so many equal parts will still take, from how long it took so far.
struct TimeLeft {
  private let total: Int
  private let begin = ContinuousClock().now

  /// Work of `total` parts that begins now.
  init(total: Int) { self.total = total }

  /// `2 min 10 s left`, after `done` parts; empty before the first.
  func text(after done: Int) -> String {
    guard done > 0 else { return "" }
    let elapsed = (ContinuousClock().now - begin).milliseconds / 1000
    return Self.text(seconds: elapsed / Double(done) * Double(max(0, total - done))) + " left"
  }

  /// `2 min 10 s`, `45 s`.
  static func text(seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    return whole >= 60 ? "\(whole / 60) min \(whole % 60) s" : "\(whole) s"
  }
}
