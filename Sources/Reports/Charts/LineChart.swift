import Foundation

/// One panel of a picture: curves over a common axis.
package struct LineChart {
  /// A curve, with bars from the lowest to the highest where a value has a range.
  package struct Curve {
    /// What the legend calls it.
    package var name: String
    /// Where it goes; a place without a value breaks nothing, it is passed over.
    package var points: [(x: Double, y: Double)]
    /// How far each value reaches; empty where that is not known.
    package var ranges: [ClosedRange<Double>]
    /// How it is drawn.
    package var stroke: Stroke

    /// A curve through `points`.
    package init(
      name: String, points: [(x: Double, y: Double)], ranges: [ClosedRange<Double>] = [],
      stroke: Stroke
    ) {
      self.name = name
      self.points = points
      self.ranges = ranges
      self.stroke = stroke
    }
  }

  /// A colour of Okabe and Ito's with a dash pattern, so that curves are told apart by either.
  package struct Stroke: Sendable {
    let color: String
    let dash: String

    /// Blue, drawn through.
    package static let blue = Stroke(color: "#0072b2", dash: "none")
    /// Orange, dashed.
    package static let orange = Stroke(color: "#d55e00", dash: "7 3")
    /// Green, dotted.
    package static let green = Stroke(color: "#009e73", dash: "2 3")
    /// Grey, dashes and dots.
    package static let gray = Stroke(color: "#999999", dash: "9 3 2 3")
    /// Purple, long dashes.
    package static let purple = Stroke(color: "#cc79a7", dash: "12 3")
  }

  /// The words above.
  package let title: String
  /// What the level axis counts.
  package let xLabel: String
  /// The places that the level axis names.
  package let xTicks: [(place: Double, name: String)]
  /// Whether the upright axis is logarithmic.
  package let isLogarithmic: Bool
  /// The curves.
  package let curves: [Curve]

  static let width = 380.0
  static let height = 340.0
  private static let area = (left: 60.0, right: 370.0, top: 36.0, bottom: 280.0)

  /// A panel. Values on a logarithmic axis are positive.
  package init(
    title: String, xLabel: String, xTicks: [(place: Double, name: String)], isLogarithmic: Bool,
    curves: [Curve]
  ) {
    self.title = title
    self.xLabel = xLabel
    self.xTicks = xTicks
    self.isLogarithmic = isLogarithmic
    self.curves = curves
  }

  private var values: [Double] {
    curves.flatMap { $0.points.map(\.y) + $0.ranges.flatMap { [$0.lowerBound, $0.upperBound] } }
  }

  private var places: [Double] { xTicks.map(\.place) + curves.flatMap { $0.points.map(\.x) } }

  /// The lowest and the highest place of the upright axis, in its own scale.
  private var bounds: (low: Double, high: Double) {
    let (low, high) = (values.min() ?? 1, values.max() ?? 2)
    return isLogarithmic
      ? (log10(low * 0.9), log10(max(high * 1.1, low * 2)))
      : (low - 0.05 * (high - low) - 0.01, high + 0.05 * (high - low) + 0.01)
  }

  private var xAxis: Axis {
    Axis(
      values: (places.min() ?? 0, places.max() ?? 1),
      places: (Self.area.left, Self.area.right))
  }

  private var yAxis: Axis {
    Axis(values: bounds, places: (Self.area.bottom, Self.area.top))
  }

  private func x(_ place: Double) -> Double { xAxis.place(of: place) }

  private func y(_ value: Double) -> Double {
    yAxis.place(of: isLogarithmic ? log10(max(value, 1e-9)) : value)
  }

  /// The panel as SVG, moved to the right by `offset`.
  func svg(offset: Double) -> String {
    let area = Self.area
    var lines = [Self.label(title, (area.left, area.top - 14), anchor: "start", weight: "bold")]
    for tick in ticks {
      lines.append(Self.line((area.left, y(tick)), (area.right, y(tick)), ("class", "grid")))
      lines.append(Self.label(name(tick), (area.left - 6, y(tick) + 4), anchor: "end"))
    }
    for tick in xTicks {
      lines.append(Self.label(tick.name, (x(tick.place), area.bottom + 16), anchor: "middle"))
    }
    lines.append(
      Self.line((area.left, area.bottom), (area.right, area.bottom), ("class", "axis")))
    let middle = (area.left + area.right) / 2
    lines.append(Self.label(xLabel, (middle, area.bottom + 32), anchor: "middle"))
    lines += curves.flatMap(draw)
    return "<g transform=\"translate(\(SVG.number(offset)) 0)\">\n"
      + lines.joined(separator: "\n") + "\n</g>"
  }

  private func draw(_ curve: Curve) -> [String] {
    let points = curve.points.map { (x: x($0.x), y: y($0.y)) }
    let bars = zip(curve.points, curve.ranges).filter { $1.lowerBound < $1.upperBound }
    return bars.map { point, range in
      Self.line(
        (x(point.x), y(range.lowerBound)), (x(point.x), y(range.upperBound)),
        ("stroke", curve.stroke.color))
    } + [Self.polyline(points, curve.stroke)]
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
    isLogarithmic && tick >= 1 ? String(Int(tick)) : tick.rounded(to: 2)
  }
}

/// Elements of a panel and of its legend.
extension LineChart {
  private static func line(
    _ start: (x: Double, y: Double), _ end: (x: Double, y: Double), _ look: (String, String)
  ) -> String {
    SVG.element(
      "line",
      [
        "x1": SVG.number(start.x), "y1": SVG.number(start.y), "x2": SVG.number(end.x),
        "y2": SVG.number(end.y), look.0: look.1,
      ])
  }

  static func polyline(_ points: [(x: Double, y: Double)], _ stroke: Stroke) -> String {
    SVG.element(
      "polyline",
      [
        "points": SVG.corners(points), "stroke": stroke.color, "stroke-dasharray": stroke.dash,
      ])
  }

  static func label(
    _ text: String, _ place: (x: Double, y: Double), anchor: String, weight: String = "normal"
  ) -> String {
    SVG.element(
      "text",
      [
        "x": SVG.number(place.x), "y": SVG.number(place.y), "text-anchor": anchor,
        "font-weight": weight,
      ], text: text)
  }
}
