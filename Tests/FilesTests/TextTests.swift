import Files
import Foundation
import TestSupport
import Testing

struct TextTests {
  private static let text = "Zwölf\nBoxkämpfer 🥊\n\nEnde"

  private static let encodings: [(String.Encoding, [UInt8], String?)] = [
    (.utf8, [], nil), (.utf8, [0xEF, 0xBB, 0xBF], nil),
    (.utf16LittleEndian, [0xFF, 0xFE], "UTF-16"), (.utf16BigEndian, [0xFE, 0xFF], "UTF-16"),
    (.utf32LittleEndian, [0xFF, 0xFE, 0, 0], "UTF-32"),
    (.utf32BigEndian, [0, 0, 0xFE, 0xFF], "UTF-32"),
  ]

  @Test(arguments: encodings.indices)
  func `a text is read as its byte order mark says, in any pieces`(index: Int) throws {
    let (encoding, mark, name) = Self.encodings[index]
    let data = Data(mark) + (try #require(Self.text.data(using: encoding)))
    let decoded = DecodedText(data)
    #expect(decoded.text == Self.text)
    #expect(decoded.notice?.contains(name ?? "-") == (name == nil ? nil : true))
    var generator = SeededGenerator(seed: UInt64(index))
    for _ in 0..<50 {
      var lines = TextLines()
      var found: [String] = []
      var rest = data[...]
      while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: 1...7, using: &generator))
        found += lines.take(piece)
        rest = rest.dropFirst(piece.count)
      }
      found += lines.finish()
      #expect(found == Self.text.components(separatedBy: "\n"))
      #expect(lines.notice == decoded.notice)
    }
  }

  @Test func `what is no UTF-8 is said with its place, and the rest is there`() {
    let decoded = DecodedText(Data("caf".utf8) + [0xE9] + Data(" noir".utf8))
    #expect(decoded.text == "caf\u{FFFD} noir")
    #expect(decoded.notice?.hasPrefix("not UTF-8 at byte 4:") == true)
    #expect(DecodedText(Data()).notice == nil)
  }

  @Test func `a line ends with a line feed or with both signs, and the last one without`() {
    var lines = TextLines()
    #expect(lines.take(Data("one\r\ntwo\n\nthr".utf8)) == ["one", "two", ""])
    #expect(lines.take(Data("ee".utf8)) == [])
    #expect(lines.finish() == ["three"] && lines.finish() == [])
  }

  @Test func `HOME is home, and a name's home is what the system says`() {
    let home = ["HOME": "/somewhere/else"]
    #expect(HomeFolder.path(environment: home) == "/somewhere/else")
    #expect(HomeFolder.expand("~", environment: home) == "/somewhere/else")
    #expect(HomeFolder.expand("~/a b", environment: home) == "/somewhere/else/a b")
    #expect(HomeFolder.expand("a/~", environment: home) == "a/~")
    #expect(
      HomeFolder.expand("~nobody-of-this-name/x", environment: home) == "~nobody-of-this-name/x")
    #expect(HomeFolder.path(environment: ["HOME": "here"]).hasPrefix("/"))
  }

  @Test func `a private file is taken away from others, and made for nobody else`() throws {
    let folder = try TemporaryFolder()
    try PrivateFile.make(folder.file("deep/new"))
    #expect(FileIdentity(path: folder.file("deep/new"))?.mode == 0o600)
    #expect(FileIdentity(path: folder.file("deep"))?.mode == 0o700)
    try Data("old".utf8).write(to: URL(filePath: folder.file("old")))
    chmod(folder.file("old"), 0o644)
    try PrivateFile.make(folder.file("old"))
    #expect(FileIdentity(path: folder.file("old"))?.mode == 0o600)
    #expect(try FileReader.contents(of: folder.file("old")) == Data("old".utf8))
  }
}
