import Foundation

/// One panel of a study's picture: curves over the number of blocks gone.
struct StudyChart {
  /// A curve, with bars from the lowest to the highest where values have a range.
  struct Curve {
    var values: [Double]
    var ranges: [[Double]]
    var color: String
    var dash: String
  }

  let title: String
  /// Whether the upright axis is logarithmic.
  let isLogarithmic: Bool
  let curves: [Curve]

  static let width = 380.0
  static let height = 340.0
  private static let area = (left: 60.0, right: 370.0, top: 36.0, bottom: 280.0)

  private var count: Int { max(1, (curves.map(\.values.count).max() ?? 1) - 1) }
  private var values: [Double] { curves.flatMap { $0.values + $0.ranges.joined() } }

  /// The lowest and the highest place of the upright axis, in its own scale.
  private var bounds: (low: Double, high: Double) {
    let (low, high) = (values.min() ?? 1, values.max() ?? 2)
    return isLogarithmic
      ? (log10(low * 0.9), log10(max(high * 1.1, low * 2)))
      : (low - 0.05 * (high - low) - 0.01, high + 0.05 * (high - low) + 0.01)
  }

  private func x(_ gone: Int) -> Double {
    Self.area.left + (Self.area.right - Self.area.left) * Double(gone) / Double(count)
  }

  private func y(_ value: Double) -> Double {
    let place = isLogarithmic ? log10(max(value, 1e-9)) : value
    let share = (place - bounds.low) / (bounds.high - bounds.low)
    return Self.area.bottom - (Self.area.bottom - Self.area.top) * share
  }

  /// The panel as SVG, moved to the right by `offset`.
  func svg(offset: Double) -> String {
    let area = Self.area
    var lines = [SVGText.label(title, area.left, area.top - 14, anchor: "start", weight: "bold")]
    for tick in ticks {
      lines.append(SVGText.line(area.left, y(tick), area.right, y(tick), "grid"))
      lines.append(SVGText.label(name(tick), area.left - 6, y(tick) + 4, anchor: "end"))
    }
    for gone in 0...count {
      lines.append(SVGText.label("\(gone)", x(gone), area.bottom + 16, anchor: "middle"))
    }
    lines.append(SVGText.line(area.left, area.bottom, area.right, area.bottom, "axis"))
    let middle = (area.left + area.right) / 2
    lines.append(SVGText.label("blocks gone", middle, area.bottom + 32, anchor: "middle"))
    lines += curves.flatMap(draw)
    return "<g transform=\"translate(\(SVGText.number(offset)) 0)\">\n"
      + lines.joined(separator: "\n") + "\n</g>"
  }

  private func draw(_ curve: Curve) -> [String] {
    let points = curve.values.enumerated().map {
      "\(SVGText.number(x($0))),\(SVGText.number(y($1)))"
    }
    let bars = curve.ranges.enumerated().filter { $1[0] < $1[1] }.map { gone, range in
      "<line x1=\"\(SVGText.number(x(gone)))\" y1=\"\(SVGText.number(y(range[0])))\" "
        + "x2=\"\(SVGText.number(x(gone)))\" y2=\"\(SVGText.number(y(range[1])))\" "
        + "stroke=\"\(curve.color)\"/>"
    }
    return bars + [
      "<polyline points=\"\(points.joined(separator: " "))\" stroke=\"\(curve.color)\" "
        + "stroke-dasharray=\"\(curve.dash)\"/>"
    ]
  }

  /// 1, 2 and 5 times the powers of ten on a logarithmic axis, tenths on another.
  private var ticks: [Double] {
    let (low, high) = bounds
    if isLogarithmic {
      return (Int(low.rounded(.down))...Int(high.rounded(.up))).flatMap { power in
        [1.0, 2, 5].map { $0 * pow(10, Double(power)) }
      }.filter { log10($0) >= low && log10($0) <= high }
    }
    let step = high - low > 1 ? 0.2 : high - low > 0.25 ? 0.1 : 0.05
    return stride(from: (low / step).rounded(.up) * step, through: high, by: step).map { $0 }
  }

  private func name(_ tick: Double) -> String {
    isLogarithmic && tick >= 1 ? String(Int(tick)) : String(format: "%.2f", tick)
  }
}

/// Pieces of SVG.
enum SVGText {
  static func number(_ value: Double) -> String { String(format: "%.1f", value) }

  static func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ kind: String
  ) -> String {
    let numbers = [x1, y1, x2, y2].map(number)
    return "<line x1=\"\(numbers[0])\" y1=\"\(numbers[1])\" x2=\"\(numbers[2])\" "
      + "y2=\"\(numbers[3])\" class=\"\(kind)\"/>"
  }

  static func label(
    _ text: String, _ x: Double, _ y: Double, anchor: String, weight: String = "normal"
  ) -> String {
    let safe = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    return "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" "
      + "font-weight=\"\(weight)\">\(safe)</text>"
  }
}
