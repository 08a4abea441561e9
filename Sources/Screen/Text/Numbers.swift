import Foundation

/// Numbers as the screen writes them: the same in every language setting.
package enum Numbers {
  /// `value` with `digits` digits behind the point; `–` when it is not finite.
  package static func fixed(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (value * scale).rounded()
    guard scaled.isFinite, abs(scaled) < 1e15 else { return "–" }
    let units = Int(abs(scaled))
    let sign = scaled < 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(units)" }
    let fraction = String(units % Int(scale))
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(sign)\(units / Int(scale)).\(zeros)\(fraction)"
  }

  /// A share as `46%`.
  package static func percent(_ share: Double, _ digits: Int = 0) -> String {
    fixed(share * 100, digits) + "%"
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

  /// By what share a factor exp(`x`) makes something grow.
  package static func exponentialGrowth(_ x: Double) -> Double { exp(x) - 1 }

  /// How many of `columns` a share fills; none when it is not a number.
  package static func filled(_ share: Double, of columns: Int) -> Int {
    guard share > 0 else { return 0 }
    return Int((min(share, 1) * Double(max(0, columns))).rounded())
  }
}
