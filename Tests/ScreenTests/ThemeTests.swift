import Foundation
import Screen
import TestSupport
import Testing

/// Themes: the built-in ones, a person's own, and what a terminal makes of them.
struct ThemeTests {
  static let builtIn = ["dark", "light", "colorblind", "mono"]

  /// A folder with these theme files, removed afterwards.
  static func withThemes(
    _ files: [String: String], _ body: (ThemeCatalogue) throws -> Void
  ) throws {
    let folder = try TemporaryFolder()
    for (name, text) in files {
      try Data(text.utf8).write(to: URL(filePath: folder.file(name + ".toml")))
    }
    try body(ThemeCatalogue(folder: URL(filePath: folder.path)))
  }

  @Test(arguments: builtIn)
  func `a built-in theme has a style for every role`(name: String) throws {
    let theme = try ThemeCatalogue().theme(named: name)
    #expect(Set(theme.styles.keys) == Set(Role.allCases))
    #expect(!theme.summary.isEmpty)
  }

  @Test func `the built-in themes are the files of the themes folder`() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "themes")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) }
    #expect(Set(files) == Set(Self.builtIn))
    #expect(ThemeCatalogue().names == Self.builtIn)
  }

  @Test(arguments: ["dark", "light", "colorblind"])
  func `amounts go one way in luminance, so that they survive in grey`(name: String) throws {
    let theme = try ThemeCatalogue().theme(named: name)
    let levels = try Role.amounts.map { role in
      let color = try #require(theme.styles[role]?.color)
      return 0.2126 * Double(color.red) + 0.7152 * Double(color.green) + 0.0722 * Double(color.blue)
    }
    #expect(levels == (name == "light" ? levels.sorted(by: >) : levels.sorted()))
    #expect(Set(levels).count == levels.count)
  }

  @Test func `the monochrome theme has no colour`() throws {
    #expect(try ThemeCatalogue().theme(named: "mono").styles.values.allSatisfy { $0.color == nil })
  }

  @Test func `a person's theme changes what it names and keeps the rest of its base`() throws {
    let file = "base = \"mono\"\ndescription = \"mine\"\n[styles]\nran = \"#123456 underline\"\n"
    try Self.withThemes(["mine": file]) { catalogue in
      let theme = try catalogue.theme(named: "mine")
      let mono = try catalogue.theme(named: "mono")
      #expect(catalogue.names == Self.builtIn + ["mine"])
      #expect(
        theme.styles[.ran]
          == Style(color: RGB(red: 0x12, green: 0x34, blue: 0x56), attributes: .underline))
      #expect(theme.styles.filter { $0.key != .ran } == mono.styles.filter { $0.key != .ran })
      #expect(theme.summary == "mine")
    }
  }

  @Test func `a person's theme may build on the built-in one of its own name`() throws {
    try Self.withThemes(["dark": "base = \"dark\"\n[styles]\nran = \"bold\"\n"]) { catalogue in
      let theme = try catalogue.theme(named: "dark")
      #expect(theme.styles[.ran] == Style(attributes: .bold))
      #expect(theme.styles[.pruned] == (try ThemeCatalogue().theme(named: "dark")).styles[.pruned])
    }
  }

  @Test(arguments: [
    ("[styles]\nran = \"#12345\"\n", ["bad.toml", "styles.ran", "#12345", "#RRGGBB"]),
    ("[styles]\nran = \"blue\"\n", ["styles.ran", "blue"]),
    ("[styles]\nran = 7\n", ["styles.ran", "7"]),
    ("[styles]\nexitd = \"\"\n", ["styles.exitd", "did you mean exited?"]),
    ("amounts = [\"\"]\n", ["amounts", "list of 5"]),
    ("colour = 1\n", ["colour", "known: description"]), ("[styles\n", ["bad.toml:1", "not TOML"]),
    ("base = \"nope\"\n", ["nope", "There are: dark"]),
    ("styles = 3\n", ["styles", "must be a table"]),
    ("amounts = [\"\", \"\", \"x\", \"\", \"\"]\n", ["amounts[2]", "\"x\""]),
  ])
  func `an error names the file, the key and the value`(text: String, parts: [String]) throws {
    try Self.withThemes(["bad": text]) { catalogue in
      let error = #expect(throws: ScreenError.self) { try catalogue.theme(named: "bad") }
      for part in parts {
        #expect(error?.description.contains(part) == true, "\(error.map(\.description) ?? "")")
      }
    }
  }

  @Test(arguments: 0..<300 as Range<UInt64>)
  func `any bytes are a theme or an error that can be printed`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let pieces = [
      "[styles]\n", "[", "]", "ran", " = ", "=", "\"#123456 bold\"", "\"", "'", "\n", ",", ".", "#",
      "é", "日", "\u{9b}", "\u{0}", "\\", "\\u00e9", "\\U99999999", "\"\"\"", "[[", "{", "}",
      "1e308",
      "9999999999999999999999", "amounts", "base", "dark", "\r\n", "\t", "true", "1979-05-27", "-",
      "\u{feff}",
    ]
    let text = (0..<Int.random(in: 0...30, using: &generator)).compactMap { _ in
      pieces.randomElement(using: &generator)
    }.joined()
    try Self.withThemes(["wild": text]) { catalogue in
      do { _ = try catalogue.theme(named: "wild") } catch { #expect(!"\(error)".isEmpty) }
    }
  }

  @Test(arguments: [
    "[é]", "[", "[]", "[ styles", "a", "a =", "a = ", "= 1", "a = \"", "a = \"x\ny\"", "a = [",
    "a = [1",
    "a = [1 2]", "a = {b = 1}", "[[styles]]", "a.b.c.d.e = 1", "description = \"a\" \"b\"",
    "description = \"a\"\ndescription = \"b\"", "[styles]\nran = \"\"\n[styles]\nran = \"\"",
    "a = [[[[[[]]]]]]", "description = \"\\x\"", "\u{feff}a = 1", "base = \"\"\"dark",
  ])
  func `what is no theme is told with its line`(text: String) throws {
    try Self.withThemes(["bad": "# a comment\n" + text]) { catalogue in
      let error = #expect(throws: ScreenError.self) { try catalogue.theme(named: "bad") }
      #expect(error?.place.contains("bad.toml:") == true, "\(error.map(\.description) ?? "")")
    }
  }

  @Test func `a theme may be written as TOML allows`() throws {
    let text = """
      description = 'a \\ b' # said
      base="mono"\r
      "amounts" = [ "#111111", '#222222',
        "#333333", # the third
        "#444444", "\\u0023555555",
      ]
      styles.ran = "bold"
      [ styles ]
      small.text = 1
      """
    let whole = text.replacing("small.text = 1", with: "'small' = \"\"")
    try Self.withThemes(["bad": text, "mine": whole]) { catalogue in
      #expect(throws: ScreenError.self) { try catalogue.theme(named: "bad") }
      let theme = try catalogue.theme(named: "mine")
      #expect(theme.summary == #"a \ b"#)
      #expect(theme.styles[.ran] == Style(attributes: .bold) && theme.styles[.small] == Style())
      #expect(theme.styles[Role.amounts[4]]?.color == RGB(red: 0x55, green: 0x55, blue: 0x55))
    }
  }

  @Test(arguments: ["../dark", "/etc/passwd", "", "."])
  func `a name is no path`(name: String) throws {
    try Self.withThemes([:]) { catalogue in
      #expect(throws: ScreenError.self) { try catalogue.theme(named: name) }
    }
  }

  @Test func `colours come down to what the terminal has`() {
    let orange = RGB(red: 0xff, green: 0xaf, blue: 0)
    #expect(orange.index(at: .many) == 214)
    #expect(orange.index(at: .none) == nil)
    #expect(RGB(red: 250, green: 10, blue: 10).index(at: .sixteen) == 9)
    #expect(RGB(red: 250, green: 10, blue: 10).index(at: .eight) == 1)
    #expect(RGB(red: 128, green: 128, blue: 128).index(at: .many) == 244)
    #expect(RGB(parsing: "#ffaf00") == orange)
    #expect(RGB(parsing: "#+faf00") == nil)
    #expect(
      [0, 7, 8, 16, 88, 256, 1 << 24].map { ColorDepth(count: $0) } == [
        .none, .none, .eight, .sixteen, .sixteen, .many, .many,
      ])
  }

  @Test func `a palette without colours keeps the attributes`() throws {
    let theme = try ThemeCatalogue().theme(named: "dark")
    let palette = theme.palette(at: .none)
    #expect(Role.allCases.allSatisfy { palette[$0].color == nil })
    #expect(palette[.exited].attributes == .bold)
  }

  @Test func `environment variables ask for lines of text or for no colour`() {
    #expect(Surface.prefersPlain(environment: ["TERM": "dumb"]))
    #expect(Surface.prefersPlain(environment: ["ACCESSIBLE": "1"]))
    #expect(!Surface.prefersPlain(environment: ["ACCESSIBLE": "", "TERM": "xterm"]))
    #expect(!Surface.usesColor(environment: ["NO_COLOR": "1"]))
    #expect(Surface.usesColor(environment: ["NO_COLOR": ""]))
  }
}
