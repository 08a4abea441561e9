import Foundation

/// Cost against quality as a picture: grey what was tried, a line what nothing beats, and marks.
struct ParetoPicture {
  struct Point {
    var x: Double
    var y: Double
  }

  struct Mark {
    var point: Point
    /// How sure its y is.
    var interval: ClosedRange<Double>
    var label: String
  }

  private let points: [Point]
  private let front: [Point]
  private let timed: [Point]
  private let marks: [Mark]
  private let xLabel: String
  private let yLabel: String
  private let xRange: ClosedRange<Double>
  private let yRange: ClosedRange<Double> = lowest...1

  private static let area = (left: 70.0, right: 610.0, top: 20.0, bottom: 350.0)
  /// What is worse is left out: nobody wants it, and it would press the rest together.
  private static let lowest = 0.8

  /// A picture of points, of which `front` are joined, and marks. `timed` are points whose x is a time.
  init(
    points: [Point], front: [Point], timed: [Point], marks: [Mark], xLabel: String, yLabel: String
  ) {
    self.points = points.filter { $0.y >= Self.lowest }
    self.front = front.filter { $0.y >= Self.lowest }
    self.timed = timed.filter { $0.y >= Self.lowest }
    self.marks = marks
    self.xLabel = xLabel
    self.yLabel = yLabel
    // Tenths around all that is shown.
    let values = self.points.map(\.x) + self.timed.map(\.x) + [1]
    let low = ((values.min() ?? 0) * 10).rounded(.down) / 10
    xRange = low...max(low + 0.1, ((values.max() ?? 1) * 10).rounded(.up) / 10)
  }

  var svg: String {
    var body: [String] = []
    for tick in stride(from: yRange.lowerBound, through: 1.0001, by: 0.05) {
      body.append(line(Point(x: xRange.lowerBound, y: tick), Point(x: xRange.upperBound, y: tick)))
      body.append(text("\(Int((100 * tick).rounded())) %", x: 62, y: y(tick) + 4, anchor: "end"))
    }
    for tick in stride(from: xRange.lowerBound, through: xRange.upperBound + 1e-9, by: 0.1) {
      body.append(text(String(format: "%.1f", tick), x: x(tick), y: 368, anchor: "middle"))
    }
    body.append(text(xLabel, x: 340, y: 390, anchor: "middle"))
    body.append(text(yLabel, x: 72, y: 14, anchor: "start"))
    let dots = Set(
      points.map { "cx=\"\(Self.number(x($0.x)))\" cy=\"\(Self.number(y($0.y)))\"" })
    body += dots.sorted().map { "<circle \($0) r=\"1\"/>" }
    let corners = front.map { "\(Self.number(x($0.x))),\(Self.number(y($0.y)))" }
    body.append("<polyline points=\"\(corners.joined(separator: " "))\"/>")
    for point in timed {
      body.append(
        "<rect class=\"time\" x=\"\(Self.number(x(point.x) - 3))\" "
          + "y=\"\(Self.number(y(point.y) - 3))\" width=\"6\" height=\"6\"/>")
    }
    for mark in marks { body += drawn(mark) }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="640" height="400" viewBox="0 0 640 400" \
      font-family="sans-serif" font-size="12">
      <style>
      text { fill: #333 } .grid { stroke: #ddd } circle { fill: #999; fill-opacity: 0.4 }
      polyline { fill: none; stroke: #0072b2; stroke-width: 2 } .mark { stroke: #d55e00; stroke-width: 2 }
      .time { fill: #009e73 }
      @media (prefers-color-scheme: dark) { text { fill: #ccc } .grid { stroke: #333 } }
      </style>
      \(body.joined(separator: "\n"))
      </svg>

      """
  }

  private func drawn(_ mark: Mark) -> [String] {
    let (cx, cy) = (Self.number(x(mark.point.x)), y(mark.point.y))
    let (low, high) = (max(mark.interval.lowerBound, yRange.lowerBound), mark.interval.upperBound)
    return [
      "<line class=\"mark\" x1=\"\(cx)\" x2=\"\(cx)\" y1=\"\(Self.number(y(low)))\" "
        + "y2=\"\(Self.number(y(high)))\"/>",
      "<line class=\"mark\" x1=\"\(Self.number(x(mark.point.x) - 5))\" "
        + "x2=\"\(Self.number(x(mark.point.x) + 5))\" y1=\"\(Self.number(cy))\" "
        + "y2=\"\(Self.number(cy))\"/>",
      text(mark.label, x: x(mark.point.x) + 8, y: cy + 14, anchor: "start"),
    ]
  }

  private func x(_ value: Double) -> Double {
    let share = (value - xRange.lowerBound) / (xRange.upperBound - xRange.lowerBound)
    return Self.area.left + (Self.area.right - Self.area.left) * share
  }

  private func y(_ value: Double) -> Double {
    let share = (value - yRange.lowerBound) / (yRange.upperBound - yRange.lowerBound)
    return Self.area.bottom - (Self.area.bottom - Self.area.top) * share
  }

  private static func number(_ value: Double) -> String { String(format: "%.1f", value) }

  private func line(_ a: Point, _ b: Point) -> String {
    let numbers = [x(a.x), y(a.y), x(b.x), y(b.y)].map(Self.number)
    return "<line class=\"grid\" x1=\"\(numbers[0])\" y1=\"\(numbers[1])\" x2=\"\(numbers[2])\" "
      + "y2=\"\(numbers[3])\"/>"
  }

  private func text(_ text: String, x: Double, y: Double, anchor: String) -> String {
    "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" text-anchor=\"\(anchor)\">\(text)</text>"
  }
}
