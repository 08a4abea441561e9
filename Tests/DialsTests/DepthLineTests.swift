import Dials
import Foundation
import TestSupport
import Testing

struct DepthLineTests {
  @Test func `every line prints and reads back, as text and as JSON`() throws {
    var generator = SeededGenerator(seed: 2)
    for _ in 0..<200 {
      let count = Int.random(in: 0...40, using: &generator)
      let line = DepthLine(
        (0..<count).compactMap { _ in DepthLine.Mark.allCases.randomElement(using: &generator) })
      #expect(DepthLine(parsing: line.description) == line)
      let json = try JSONEncoder().encode(line)
      #expect(try JSONDecoder().decode(DepthLine.self, from: json) == line)
    }
  }

  @Test func `the example of the notation counts what ran`() throws {
    let line = try #require(DepthLine(parsing: "######s#--##!....."))
    #expect(line.marks.count == 18)
    #expect(line.executedCount == 11)
    #expect(line.exitBlock == BlockIndex(12))
  }

  @Test func `a dense line runs everything and exits nowhere`() {
    let line = DepthLine(dense: 30)
    #expect(line.executedCount == 30)
    #expect(line.exitBlock == nil)
    #expect(line.description == String(repeating: "#", count: 30))
  }

  @Test(arguments: ["###?", "# #", "X"])
  func `another character is not part of it, and kept where a record has it`(text: String) throws {
    #expect(DepthLine(parsing: text) == nil)
    let data = Data("\"\(text)\"".utf8)
    let line = try JSONDecoder().decode(DepthLine.self, from: data)
    #expect(try JSONEncoder().encode(line) == data)
    #expect(line.marks.count == text.count && line.exitBlock == nil)
    #expect(line.executedCount == text.count { $0 == "#" })
  }
}
