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
