import Screen
import Testing

/// Frames as pictures.
struct PictureTests {
  @Test func `a picture holds the text, in the theme's colours`() throws {
    var frame = Frame(rows: 2, columns: 20)
    frame.write("a<b & \"c\"", .exited, in: frame.area)
    frame.write("日", .ran, in: frame.area, row: 1)
    let theme = try ThemeCatalogue().theme(named: "dark")
    let svg = frame.svg(theme: theme)
    #expect(svg.contains(">a&lt;b &amp; \"c\"</text>"))
    #expect(svg.contains("fill=\"#ffaf00\" font-weight=\"bold\""))
    #expect(svg.contains("textLength=\"16.8\" fill=\"#5f87d7\">日</text>"))
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
  }

  @Test func `control characters stay out of a picture`() throws {
    let svg = draw(ScreenState.recorded(rows: 50, columns: 160))
      .svg(theme: try ThemeCatalogue().theme(named: "mono"))
    #expect(svg.unicodeScalars.allSatisfy { $0 == "\n" || !$0.isCommand })
  }

  @Test func `no cells make an empty picture`() {
    #expect(Frame(rows: 0, columns: 0).svg(theme: Theme(name: "dark")).contains("<g"))
  }
}
