import Events
import TestSupport
import Testing

struct NumberSetTests {
  @Test(arguments: 0..<100)
  func `numbers come back from the text that they are written as`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let numbers = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
      Int.random(in: 0...20, using: &generator)
    }
    let set = NumberSet(numbers)
    #expect(set.members == Set(numbers).sorted())
    #expect(NumberSet(parsing: set.description) == set)
    #expect((0...21).allSatisfy { set.contains($0) == numbers.contains($0) })
  }

  @Test(arguments: [
    "", "x", "1-", "-1", "3-1", "1,1", "2,1", "1--2", "1-2-3", "1,,2",
    "9223372036854775807", "0-99999999999999999999",
  ])
  func `what is no such list is none`(text: String) {
    #expect(NumberSet(parsing: text) == nil)
  }

  @Test func `a list as long as a file likes takes no memory`() {
    let set = NumberSet(parsing: "0-\(NumberSet.highest)")
    #expect(set?.contains(7) == true && (set?.members.count ?? 0) <= 1 << 20)
    #expect(NumberSet([3, 4, 5, 9]).words == "3 to 5 and 9")
    #expect(NumberSet([]).description == "none")
  }

  @Test func `what is said of turns is read from the record`() {
    let forgotten = ParameterRecord.forgotten(
      from: "none", turns: NumberSet([3, 4]), messages: NumberSet(5...8), tNs: 0)
    #expect(forgotten.new == "turns 3-4, messages 5-8")
    #expect(
      forgotten.change == .forgotten(turns: NumberSet([3, 4]), messages: NumberSet(5...8)))
    #expect(ParameterRecord.takenBack(of: 5, before: 3, tNs: 0).change == .takenBack(before: 3))
    for (key, new) in [("undo", "-1"), ("undo", "x"), ("pin", "b"), ("forgotten", "turns 3")] {
      #expect(ParameterRecord(key: key, old: "", new: new, tNs: 0).change == .other)
    }
  }
}
