import Foundation

/// Pieces of SVG.
package enum SVGText {
  /// A number with one decimal place.
  package static func number(_ value: Double) -> String { String(format: "%.1f", value) }

  /// A straight line of a class.
  package static func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ kind: String
  ) -> String {
    let numbers = [x1, y1, x2, y2].map(number)
    return "<line x1=\"\(numbers[0])\" y1=\"\(numbers[1])\" x2=\"\(numbers[2])\" "
      + "y2=\"\(numbers[3])\" class=\"\(kind)\"/>"
  }

  /// A line through points.
  static func polyline(_ points: [(Double, Double)], _ stroke: LineChart.Stroke) -> String {
    let corners = points.map { "\(number($0)),\(number($1))" }.joined(separator: " ")
    return "<polyline points=\"\(corners)\" stroke=\"\(stroke.color)\" "
      + "stroke-dasharray=\"\(stroke.dash)\"/>"
  }

  /// Words at a place.
  package static func label(
    _ text: String, _ x: Double, _ y: Double, anchor: String, weight: String = "normal"
  ) -> String {
    let safe = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    return "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" "
      + "font-weight=\"\(weight)\">\(safe)</text>"
  }
}
