import Foundation

/// How Python writes a number with a fraction.
enum FloatWords {
  /// The shortest digits that give the number back; an exponent below 1e-4 and from 1e16 on.
  static func words(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    let sign = value.sign == .minus ? "-" : ""
    if value == 0 { return sign + "0.0" }
    let (digits, exponent) = parts(of: value.magnitude)
    if exponent < -4 || exponent >= 16 { return sign + scientific(digits, exponent) }
    return sign + positional(digits, exponent)
  }

  /// The digits without zeros at the ends, and the power of ten of the first one.
  private static func parts(of value: Double) -> (digits: String, exponent: Int) {
    let halves = value.description.split(separator: "e")
    let shift = halves.count > 1 ? Int(halves[1]) ?? 0 : 0
    let places = halves[0].split(separator: ".", omittingEmptySubsequences: false)
    let whole = String(places[0])
    let all = whole + (places.count > 1 ? places[1] : "")
    let leading = all.prefix { $0 == "0" }.count
    var digits = String(all.dropFirst(leading))
    while digits.count > 1 && digits.last == "0" { digits.removeLast() }
    return (digits, whole.count - 1 - leading + shift)
  }

  private static func scientific(_ digits: String, _ exponent: Int) -> String {
    let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
    let power = String(exponent.magnitude)
    return digits.prefix(1) + fraction + "e" + (exponent < 0 ? "-" : "+")
      + (power.count < 2 ? "0" : "") + power
  }

  private static func positional(_ digits: String, _ exponent: Int) -> String {
    if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + digits }
    let padded = digits + String(repeating: "0", count: max(0, exponent + 1 - digits.count))
    let fraction = padded.dropFirst(exponent + 1)
    return padded.prefix(exponent + 1) + "." + (fraction.isEmpty ? "0" : fraction)
  }
}

extension FloatWords {
  /// The number with exactly `places` digits behind the point.
  static func fixed(_ value: Double, places: Int) -> String {
    value.isFinite ? String(format: "%.\(places)f", value) : words(value)
  }
}
