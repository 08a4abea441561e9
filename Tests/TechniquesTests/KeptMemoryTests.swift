import Dials
import Techniques
import TestSupport
import Testing

/// What drafters keep comes back, and what is no table is refused.
struct KeptMemoryTests {
  private static let vocabularyCount = 500

  private func look(_ ids: [Int]) -> [TokenChoice] {
    ids.enumerated().map { TokenChoice(token: TokenID($1), share: 0.6 / Float($0 + 1)) }
  }

  /// A drafter that has seen random passes.
  private func taught<D: KeptMemory>(_ drafter: D, _ generator: inout SeededGenerator) -> D {
    var drafter = drafter
    for _ in 0..<300 {
      let ids = (0..<3).map { _ in Int.random(in: 0..<Self.vocabularyCount, using: &generator) }
      drafter.learn(
        from: VerifiedPass(
          text: ids.map { TokenID($0) }, tree: DraftTree(), accepted: [],
          choices: [look([ids[2], 7, 8].filter { $0 != ids[2] || ids[2] > 8 })]))
    }
    return drafter
  }

  private func check<D: KeptMemory>(_ empty: D, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var drafter = taught(empty, &generator)
    let memory = drafter.memory
    var restored = taught(empty, &generator)
    let isTaken = restored.restore(memory, vocabularyCount: Self.vocabularyCount)
    #expect(isTaken)
    for first in 0..<Self.vocabularyCount {
      let path = DraftPath(text: [TokenID(first / 3), TokenID(first)])
      #expect(
        restored.draftTokens(after: path).map(\.token)
          == drafter.draftTokens(after: path).map(\.token))
    }
    #expect(restored.memory == memory)
    // A vocabulary that lacks some of the tokens.
    let isTakenWithout = restored.restore(memory, vocabularyCount: 9)
    #expect(!isTakenWithout && !memory.isEmpty && restored.memory == memory)
  }

  @Test(arguments: 0..<5 as Range<UInt64>)
  func `a table that was kept says what it said before`(seed: UInt64) {
    check(RecyclingDrafter(vocabularyCount: Self.vocabularyCount), seed: 2700 + seed)
    check(TrigramDrafter(), seed: 2700 + seed)
  }

  @Test func `random bytes are no table or one without foreign tokens`() {
    var generator = SeededGenerator(seed: 2710)
    var (taken, refused) = (0, 0)
    for round in 0..<3000 {
      var bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
        UInt8.random(in: 0...3, using: &generator)
      }
      if round % 3 == 0 { bytes = [1, 0, 0, 1, 2, 0, 0, 200] + bytes }
      for contextCount in 1...2 {
        guard
          let rows = ShareRows.rows(
            in: bytes, contextCount: contextCount, vocabularyCount: Self.vocabularyCount)
        else {
          refused += 1
          continue
        }
        taken += 1
        for row in rows {
          #expect(row.context.count == contextCount && (1...4).contains(row.choices.count))
          let tokens = row.context + row.choices.map(\.token)
          #expect(tokens.allSatisfy { (0..<Self.vocabularyCount).contains($0.index) })
        }
      }
    }
    #expect(taken > 10 && refused > 10)
  }

  @Test func `a table takes no more room than it may, what was learned last stays`() {
    let rows = (0..<200_000).lazy.map { index in
      ShareRow(
        context: [TokenID(index % 50_000), TokenID(index % 999)],
        choices: [TokenChoice(token: TokenID(index), share: 1)])
    }
    let bytes = ShareRows.bytes(of: rows)
    #expect((ShareRows.byteLimit - 30...ShareRows.byteLimit).contains(bytes.count))
    let back = ShareRows.rows(in: bytes, contextCount: 2, vocabularyCount: 1 << 24)
    #expect(back?.first == rows.first)
    #expect(ShareRows.rows(in: bytes + bytes, contextCount: 2, vocabularyCount: 1 << 24) == nil)
  }

  // MARK: - The file

  @Test func `a file of tables is read as it was written`() throws {
    let memory = DraftMemory(
      model: "ab+cd", tables: ["recycle": [1, 2, 3], "trigram": [], "é": [9]])
    #expect(try DraftMemory(memory.bytes) == memory)
    let empty = DraftMemory(model: "", tables: [:])
    #expect(try DraftMemory(empty.bytes) == empty)
  }

  @Test func `a file with any byte changed, cut off or added is refused`() {
    let bytes = DraftMemory(model: "abc", tables: ["recycle": Array(0..<40), "x": [1]]).bytes
    for index in bytes.indices {
      for change: UInt8 in [1, 0x80, 0xff] {
        var other = bytes
        other[index] ^= change
        #expect(throws: DraftMemory.Problem.self) { try DraftMemory(other) }
      }
      #expect(throws: DraftMemory.Problem.self) { try DraftMemory(Array(bytes[..<index])) }
    }
    #expect(throws: DraftMemory.Problem.damaged) { try DraftMemory(bytes + [0]) }
    #expect(throws: DraftMemory.Problem.foreign) { try DraftMemory([]) }
    #expect(throws: DraftMemory.Problem.foreign) { try DraftMemory(Array("GGUF and more".utf8)) }
    var later = bytes
    later[8] = 2
    #expect(throws: DraftMemory.Problem.version(2)) { try DraftMemory(later) }
  }

  // MARK: - The planner

  private func begin(_ planner: inout DraftPlanner, _ setting: DraftSetting) {
    planner.begin(
      [1, 2, 3].map { TokenID($0) },
      drafters: Catalogue.drafters(for: setting, vocabularyCount: Self.vocabularyCount),
      isNamed: false, limit: nil,
      cost: PassCost(table: [1, 1, 1, 1], attention: .init(first: 0, further: 0)))
  }

  private func learn(_ planner: inout DraftPlanner) {
    planner.learn(
      from: VerifiedPass(
        text: [1, 2, 3, 4].map { TokenID($0) }, tree: DraftTree(), accepted: [],
        choices: [look([4, 5])]))
  }

  @Test func `tables go through a planner, and through settings without their drafters`() throws {
    var planner = DraftPlanner()
    begin(&planner, .auto)
    #expect(planner.memory == nil)
    learn(&planner)
    let memory = try #require(planner.memory)
    #expect(Set(memory.keys) == ["recycle", "trigram"] && memory.values.allSatisfy { !$0.isEmpty })
    begin(&planner, DraftSetting([.ngram]))
    #expect(planner.memory == memory)
    var other = DraftPlanner()
    let isWhole = other.restore(memory, vocabularyCount: Self.vocabularyCount)
    #expect(isWhole && other.memory == nil)
    begin(&other, .auto)
    let tree = other.tree(
      after: [9, 2, 3].map { TokenID($0) }, trunk: DraftTree(),
      limits: TreeBuilder.Limits(depth: 3, count: 3))
    #expect(tree.nodes.contains { $0.token == TokenID(4) })
    other.forget()
    begin(&other, .auto)
    learn(&other)
    #expect(other.memory == memory)
  }

  @Test func `what is nobody's table is left out`() {
    var planner = DraftPlanner()
    for tables: [String: [UInt8]] in [
      ["ngram": [1]], ["nobody": []], ["recycle": [1]], ["trigram": [255, 255, 255]],
    ] {
      let isWhole = planner.restore(tables, vocabularyCount: Self.vocabularyCount)
      #expect(!isWhole)
    }
  }
}
