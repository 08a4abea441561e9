import Foundation

/// Numbers as people read them: the same in every language setting.
package enum Numbers {
  /// `value` with `digits` digits behind the point, correctly rounded; `–` when it is not finite.
  package static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return "–" }
    let text = String(format: "%.\(digits)f", value)
    // What rounds to zero has no sign.
    let isZero = value.sign == .minus && text.utf8.allSatisfy { "-0.".utf8.contains($0) }
    return isZero ? String(text.dropFirst()) : text
  }

  /// A share as `46%`; reports have a space before the sign.
  package static func percent(
    _ share: Double, _ digits: Int = 0, sign: String = "%"
  ) -> String {
    fixed(share * 100, digits) + sign
  }

  /// A probability as `.91`, `1.0` or `.00`.
  package static func probability(_ value: Double) -> String {
    let text = fixed(value, 2)
    return text.hasPrefix("0.") ? String(text.dropFirst()) : String(text.prefix(3))
  }

  /// Bytes as `3.1 MiB`.
  package static func bytes(_ count: Int) -> String {
    var value = Double(count)
    for unit in ["B", "KiB", "MiB", "GiB"] {
      if value < 1024 { return fixed(value, unit == "B" ? 0 : 1) + " " + unit }
      value /= 1024
    }
    return fixed(value, 1) + " TiB"
  }

  /// `text` moved to the right end of `width` columns; ASCII only.
  package static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// The probability of a natural logarithmic one, at most 1.
  package static func exponential(_ logprob: Double) -> Double {
    let probability = exp(logprob)
    return probability > 1 ? 1 : probability
  }

  /// How many of `columns` a share fills; none when it is not a number.
  package static func filled(_ share: Double, of columns: Int) -> Int {
    guard share > 0 else { return 0 }
    return Int((min(share, 1) * Double(max(0, columns))).rounded())
  }
}

extension Double {
  /// The number with this many digits behind the point: see ``Numbers/fixed(_:_:)``.
  package func rounded(to digits: Int) -> String { Numbers.fixed(self, digits) }

  /// A share as `46.0 %`.
  package func percent(_ digits: Int) -> String { Numbers.percent(self, digits, sign: " %") }

  /// Seconds as people read them: `45 s`, `12 min`, `2 h 05 min`.
  package var asTime: String {
    let seconds = Int(self.rounded())
    if seconds < 90 { return "\(seconds) s" }
    let minutes = (seconds + 30) / 60
    if minutes < 90 { return "\(minutes) min" }
    let rest = minutes % 60
    return "\(minutes / 60) h \(rest < 10 ? "0" : "")\(rest) min"
  }
}

extension Int {
  /// A size in bytes as files have it: `98.4 MB`.
  package var megabytes: String {
    let tenths = (self + 50_000) / 100_000
    return "\(tenths / 10).\(tenths % 10) MB"
  }

  /// A count with its digits in groups: `134,515,008`.
  package var grouped: String {
    let digits = String(magnitude)
    let head = digits.count % 3
    let groups = stride(from: head, to: digits.count, by: 3).map {
      String(digits.dropFirst($0).prefix(3))
    }
    let all = (head > 0 ? [String(digits.prefix(head))] : []) + groups
    return (self < 0 ? "-" : "") + all.joined(separator: ",")
  }
}
