import Dials
import Foundation
import TestSupport
import Testing

struct BlockSetTests {
  @Test func `a set prints as people write it and reads back`() throws {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<200 {
      let count = Int.random(in: 0...12, using: &generator)
      let blocks = BlockSet(
        indices: (0..<count).map { _ in Int.random(in: 0..<16, using: &generator) })
      #expect(BlockSet(parsing: blocks.description) == blocks)
      let json = try JSONEncoder().encode(blocks)
      #expect(try JSONDecoder().decode(BlockSet.self, from: json) == blocks)
    }
  }

  @Test(arguments: [
    ("3,7-9", "3,7-9"), (" 9 , 8,7 ", "7-9"), ("none", "none"), ("", "none"), ("4-4", "4"),
    ("1,2,2-3", "1-3"), ("10 20", "10,20"), ("7 - 9, 3", "3,7-9"),
  ])
  func `spaces, order and overlaps do not matter`(text: String, printed: String) {
    #expect(BlockSet(parsing: text)?.description == printed)
  }

  @Test(arguments: [
    "x", "3-", "-3", "9-7", "1,,2", "1-2-3", "0-70000", "1.5", "99999999999999999999",
  ])
  func `anything else is not a set`(text: String) {
    #expect(BlockSet(parsing: text) == nil)
  }

  @Test(
    arguments: [
      ("200", 200), ("5,128", 128), ("120-130", 128), ("0-500", 128), ("127", nil), ("3,7-9", nil),
      ("x", nil),
    ] as [(String, Int?)])
  func `a block that no model has is named`(text: String, outside: Int?) throws {
    #expect(BlockSet.firstBeyondCapacity(in: text) == outside)
    guard outside != nil else { return }
    #expect(BlockSet(parsing: text) == nil)
    let error = #expect(throws: DialError.self) { try BlockSet.parse(text, blockCount: 30) }
    #expect(error?.code == .outsideModel)
  }

  @Test func `toggling twice changes nothing`() {
    var blocks = BlockSet(indices: [1, 2])
    blocks.toggle(BlockIndex(2))
    #expect(blocks == BlockSet(indices: [1]))
    blocks.toggle(BlockIndex(2))
    #expect(blocks == BlockSet(indices: [1, 2]))
  }

  @Test func `it is written as an ascending array`() throws {
    let json = try JSONEncoder().encode(BlockSet(indices: [9, 3, 7]))
    #expect(String(decoding: json, as: UTF8.self) == "[3,7,9]")
  }
}
