/// Pieces of SVG.
package enum SVG {
  /// A number with one decimal place.
  static func number(_ value: Double) -> String { value.rounded(to: 1) }

  /// An element with its attributes in this order, closed at once or around a text.
  static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String>, text: String? = nil
  ) -> String {
    let opening = "<\(name)" + attributes.map { " \($0)=\"\($1)\"" }.joined()
    return text.map { "\(opening)>\(escaped($0))</\(name)>" } ?? opening + "/>"
  }

  /// The corners of a line, as `points` has them.
  static func corners(_ points: [(x: Double, y: Double)]) -> String {
    points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
  }

  /// The text with what XML reserves escaped, and what it cannot hold as U+FFFD.
  package static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// An axis of a picture: which values lie between its two ends.
struct Axis {
  /// The value at the beginning, and at the end.
  var values: (low: Double, high: Double)
  /// The places of the two ends in the picture.
  var places: (low: Double, high: Double)

  /// Where a value lies in the picture.
  func place(of value: Double) -> Double {
    let share = (value - values.low) / max(values.high - values.low, 1e-9)
    return places.low + (places.high - places.low) * share
  }
}
