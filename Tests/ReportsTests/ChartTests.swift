import Foundation
import Reports
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

struct ChartTests {
  private static let chart = LineChart(
    title: "loss < 2 & more", xLabel: "blocks", xTicks: [(0, "0"), (2, "2")], isLogarithmic: true,
    curves: [
      LineChart.Curve(
        name: "a<b", points: [(0, 1), (1, 10), (2, 100)], ranges: [1...1, 5...20, 90...110],
        stroke: .blue)
    ])

  private static let picture = ParetoPicture(
    points: [.init(x: 0.6, y: 0.9), .init(x: 0.6, y: 0.9), .init(x: 0.5, y: 0.3)],
    front: [.init(x: 0.6, y: 0.9)], timed: [.init(x: 0.7, y: 0.95)],
    marks: [.init(point: .init(x: 0.6, y: 0.9), interval: 0.7...0.95, label: "a & b")],
    xLabel: "bytes", yLabel: "agreement")

  @Test(arguments: [ChartPage([chart, chart]).svg, picture.svg])
  func `a picture is XML, whatever its words are`(svg: String) {
    let parser = XMLParser(data: Data(svg.utf8))
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
  }

  @Test func `a curve goes where its values are, with bars where they have a range`() {
    let svg = ChartPage([Self.chart]).svg
    // Equal factors are equal distances on a logarithmic axis.
    #expect(svg.contains("<polyline points=\"60.0,274.8 215.0,160.1 370.0,45.5\" stroke="))
    #expect(svg.split(separator: "\n").count { $0.contains("<line x1=\"215.0\"") } == 1)
    #expect(svg.contains(">a&lt;b</text>") && svg.contains(">loss &lt; 2 &amp; more</text>"))
  }

  @Test func `panels share one legend`() {
    let svg = ChartPage([Self.chart, Self.chart]).svg
    #expect(svg.split(separator: "\n").count { $0.contains(">a&lt;b</text>") } == 1)
  }

  @Test func `a point is drawn once, what is too bad never, and a bar ends at the edge`() {
    let lines = Self.picture.svg.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("<circle") } == 1)
    #expect(lines.contains("<circle cx=\"70.0\" cy=\"185.0\" r=\"1\"/>"))
    let bar = "<line class=\"mark\" x1=\"70.0\" x2=\"70.0\" y1=\"350.0\" y2=\"102.5\"/>"
    #expect(lines.contains { $0 == bar })
  }
}
