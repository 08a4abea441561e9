/// Cost against quality as a picture: grey what was tried, a line what nothing beats, and marks.
package struct ParetoPicture {
  /// A place of the picture, in its values.
  package struct Point {
    /// The cost.
    package var x: Double
    /// The quality.
    package var y: Double

    /// A point.
    package init(x: Double, y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// A point with a name and a bar.
  package struct Mark {
    /// Where it stands.
    package var point: Point
    /// How sure its y is.
    package var interval: ClosedRange<Double>
    /// What stands beside it.
    package var label: String

    /// A mark.
    package init(point: Point, interval: ClosedRange<Double>, label: String) {
      self.point = point
      self.interval = interval
      self.label = label
    }
  }

  private let points: [Point]
  private let front: [Point]
  private let timed: [Point]
  private let marks: [Mark]
  private let xLabel: String
  private let yLabel: String
  private let xAxis: Axis
  private let yAxis = Axis(values: (lowest, 1), places: (350, 20))

  /// What is worse is left out: nobody wants it, and it would press the rest together.
  private static let lowest = 0.8

  /// A picture of points, of which `front` are joined, and marks. `timed` are points whose x is a time.
  package init(
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
    let high = ((values.max() ?? 1) * 10).rounded(.up) / 10
    xAxis = Axis(values: (low, max(low + 0.1, high)), places: (70, 610))
  }

  /// The picture.
  package var svg: String {
    var body: [String] = []
    for tick in stride(from: Self.lowest, through: 1.0001, by: 0.05) {
      let height = SVG.number(y(tick))
      let (left, right) = (SVG.number(xAxis.places.low), SVG.number(xAxis.places.high))
      body.append(
        SVG.element("line", ["class": "grid", "x1": left, "y1": height, "x2": right, "y2": height]))
      body.append(text("\(Int((100 * tick).rounded())) %", x: 62, y: y(tick) + 4, anchor: "end"))
    }
    for tick in stride(from: xAxis.values.low, through: xAxis.values.high + 1e-9, by: 0.1) {
      body.append(text(tick.rounded(to: 1), x: x(tick), y: 368, anchor: "middle"))
    }
    body.append(text(xLabel, x: 340, y: 390, anchor: "middle"))
    body.append(text(yLabel, x: 72, y: 14, anchor: "start"))
    let dots = points.map { point in
      SVG.element(
        "circle", ["cx": SVG.number(x(point.x)), "cy": SVG.number(y(point.y)), "r": "1"])
    }
    body += Set(dots).sorted()
    let corners = SVG.corners(front.map { (x($0.x), y($0.y)) })
    body.append(SVG.element("polyline", ["points": corners]))
    for point in timed {
      body.append(
        SVG.element(
          "rect",
          [
            "class": "time", "x": SVG.number(x(point.x) - 3), "y": SVG.number(y(point.y) - 3),
            "width": "6", "height": "6",
          ]))
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
    let (cx, cy) = (x(mark.point.x), y(mark.point.y))
    let low = y(max(mark.interval.lowerBound, Self.lowest))
    return [
      bar(from: (cx, low), to: (cx, y(mark.interval.upperBound))),
      bar(from: (cx - 5, cy), to: (cx + 5, cy)),
      text(mark.label, x: cx + 8, y: cy + 14, anchor: "start"),
    ]
  }

  private func bar(from start: (x: Double, y: Double), to end: (x: Double, y: Double)) -> String {
    SVG.element(
      "line",
      [
        "class": "mark", "x1": SVG.number(start.x), "x2": SVG.number(end.x),
        "y1": SVG.number(start.y), "y2": SVG.number(end.y),
      ])
  }

  private func x(_ value: Double) -> Double { xAxis.place(of: value) }

  private func y(_ value: Double) -> Double { yAxis.place(of: value) }

  private func text(_ text: String, x: Double, y: Double, anchor: String) -> String {
    SVG.element(
      "text", ["x": SVG.number(x), "y": SVG.number(y), "text-anchor": anchor], text: text)
  }
}
