/// How long work will still take, from how long it took so far.
package struct TimeLeft {
  private let begin = ContinuousClock().now

  /// Begins to count.
  package init() {}

  /// `2 min 10 s left`, when this share (0...1) is done; empty while nothing is.
  package func text(fraction: Double) -> String {
    guard fraction > 0 else { return "" }
    let elapsed = (ContinuousClock().now - begin) / .seconds(1)
    return Self.text(seconds: elapsed / fraction * max(0, 1 - fraction)) + " left"
  }

  /// `2 min 10 s`, `45 s`.
  static func text(seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    return whole >= 60 ? "\(whole / 60) min \(whole % 60) s" : "\(whole) s"
  }
}
