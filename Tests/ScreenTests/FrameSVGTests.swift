import Foundation
import Screen
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// A frame as SVG, read back as a viewer reads it.
struct FrameSVGTests {
  @Test(arguments: 0..<20)
  func `any frame comes back from its picture, cell by cell`(seed: UInt64) throws {
    var random = WildRecords(seed: seed)
    var state = ScreenState()
    for _ in 0..<60 { _ = state.update(.record(random.record())) }
    for (rows, columns) in [(34, 120), (24, 80), (random.number(0...60), random.number(0...200))] {
      _ = state.update(.resized(rows: rows, columns: columns))
      let frame = draw(state)
      let picture = try ReadPicture(frame.svg(theme: ThemeCatalogue().theme(named: "dark")))
      #expect(picture.lines(rows: rows, columns: columns) == frame.lines, "\(columns)x\(rows)")
    }
  }

  @Test func `what XML reserves or cannot hold is text in the picture`() throws {
    var frame = Frame(rows: 2, columns: 30)
    frame.write("<|im_end|> & ]]> \"x\"  two", .text, in: frame.area)
    frame.write("\u{FFFF}日\u{1b}", .error, in: frame.area, row: 1)
    let picture = try ReadPicture(frame.svg(theme: Theme(name: "plain")))
    let lines = picture.lines(rows: 2, columns: 30)
    #expect(lines[0] == frame.lines[0])
    #expect(lines[1].hasPrefix("\u{FFFD}日␛"))
  }

  @Test(arguments: ["dark", "light", "colorblind", "mono"])
  func `a built-in theme stands on a ground that its colours can be read on`(name: String) throws {
    let theme = try ThemeCatalogue().theme(named: name)
    let picture = try ReadPicture(ScreenState.recorded(rows: 34, columns: 120).svg(theme: theme))
    #expect(picture.ground == (name == "light" ? "#ffffff" : "#1c1c1c"))
    // Mono exchanges front and back; then the text has the ground's colour.
    #expect(name == "mono" || !picture.colors.contains(picture.ground))
  }

  @Test func `a reversed cell has the ground's colour on its own`() throws {
    var frame = Frame(rows: 1, columns: 8)
    frame.write("ab", .selected, in: frame.area)
    let theme = Theme(
      name: "own", styles: [.selected: Style(color: RGB(parsing: "#ff0000"), attributes: .reverse)])
    let svg = frame.svg(theme: theme)
    #expect(svg.contains("width=\"16.8\" height=\"17.0\" fill=\"#ff0000\"/>"))
    let picture = try ReadPicture(svg)
    #expect(picture.colors == [picture.ground])
  }

  @Test func `the finished session as a picture is as it was judged good`() throws {
    let theme = try ThemeCatalogue().theme(named: "dark")
    let svg = ScreenState.recorded(rows: 24, columns: 80).svg(theme: theme)
    try Golden.expect(svg, is: "session-80x24.svg")
  }
}

extension ScreenState {
  fileprivate func svg(theme: Theme) -> String { draw(self).svg(theme: theme) }
}

/// What stands in a picture, by its elements.
private final class ReadPicture: NSObject, XMLParserDelegate {
  /// The colour of the first rectangle, which is the ground.
  private(set) var ground = ""
  /// The colours of the texts.
  private(set) var colors: Set<String> = []
  private var glyphs: [(row: Int, column: Int, glyph: Glyph)] = []
  private var open: (row: Int, column: Int, columns: Int, text: String)?

  init(_ svg: String) throws {
    super.init()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = self
    if !parser.parse() { throw parser.parserError ?? CocoaError(.fileReadCorruptFile) }
  }

  /// The picture as rows of text.
  func lines(rows: Int, columns: Int) -> [String] {
    var frame = Frame(rows: rows, columns: columns)
    for (row, column, glyph) in glyphs {
      frame.write([glyph], .text, in: frame.area, row: row, column: column)
    }
    return frame.lines
  }

  private static func cells(_ length: Double, of size: Double) -> Int {
    Int((length / size).rounded())
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    func number(_ key: String) -> Double { Double(attributes[key] ?? "") ?? -1 }
    switch name {
    case "rect": if ground.isEmpty { ground = attributes["fill"] ?? "" }
    case "text":
      colors.insert(attributes["fill"] ?? "")
      open = (
        Self.cells(number("y") - 8 - 13, of: 17), Self.cells(number("x") - 8, of: 8.4),
        Self.cells(number("textLength"), of: 8.4), ""
      )
    case "path": readRule(attributes["d"] ?? "")
    default: break
    }
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) { open?.text += text }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    guard let run = open else { return }
    var column = run.column
    for glyph in Glyph.run(of: run.text) {
      glyphs.append((run.row, column, glyph))
      column += glyph.width
    }
    #expect(column == run.column + run.columns, "\(run.text)")
    open = nil
  }

  /// `Mx yhLENGTH` lies across cells, `Mx yvLENGTH` stands in one.
  private func readRule(_ path: String) {
    guard let match = path.wholeMatch(of: /M([\d.]+) ([\d.]+)([hv])([\d.]+)/),
      let x = Double(match.1), let y = Double(match.2), let length = Double(match.4)
    else {
      Issue.record("not a rule: \(path)")
      return
    }
    let isFlat = match.3 == "h"
    let row = Self.cells(isFlat ? y - 8 - 8.5 : y - 8, of: 17)
    let column = Self.cells(isFlat ? x - 8 : x - 8 - 4.2, of: 8.4)
    for offset in 0..<(isFlat ? Self.cells(length, of: 8.4) : 1) {
      for glyph in Glyph.run(of: isFlat ? "─" : "│") {
        glyphs.append((row, column + offset, glyph))
      }
    }
  }
}
