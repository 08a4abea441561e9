import Reports

/// How fast something comes, over the last seconds.
package struct TransferSpeed: Sendable {
  private var samples: [(time: Duration, bytes: Int)] = []

  /// Seconds that are looked back on.
  private static let window = Duration.seconds(8)

  /// Nothing came yet.
  package init() {}

  /// At `time`, from any begin, `bytes` were there.
  package mutating func add(bytes: Int, at time: Duration) {
    // What was there before, or was thrown away, did not come.
    if let last = samples.last, bytes < last.bytes { samples = [] }
    if let last = samples.last, time - last.time < .milliseconds(100), samples.count > 1 {
      samples[samples.count - 1].bytes = bytes
    } else {
      samples.append((time, bytes))
    }
    samples.removeAll { $0.time < time - Self.window }
  }

  /// Bytes a second; nil before that can be told.
  package var bytesPerSecond: Double? {
    guard let first = samples.first, let last = samples.last, last.time - first.time >= .seconds(1)
    else { return nil }
    return Double(last.bytes - first.bytes) / ((last.time - first.time) / .seconds(1))
  }

  /// Speed, and the time that is left until there are `total` bytes: `12.3 MB/s, 1 min 5 s left`.
  package func words(until total: Int) -> String {
    guard let speed = bytesPerSecond, let there = samples.last?.bytes else { return "" }
    guard speed >= 1 else { return "nothing comes" }
    let left = Double(max(0, total - there)) / speed
    return "\(Int(speed).megabytes)/s, \(Self.words(seconds: left)) left"
  }

  private static func words(seconds: Double) -> String {
    let seconds = Int(min(seconds, 359_999).rounded(.up))
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
    return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
  }
}
