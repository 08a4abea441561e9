import Dials
import Techniques
import TestSupport
import Testing

/// The parts that the planner weighs with.
struct DraftWeightTests {
  @Test func `the chance of a guess is measured`() {
    var generator = SeededGenerator(seed: 41)
    var table = AcceptanceTable()
    for share in [0.1, 0.5, 0.9] {
      table = AcceptanceTable()
      #expect(abs(table.rates(of: .ngram).chance(bin: 2, depth: 1, start: 0.4) - 0.4) < 1e-12)
      for _ in 0..<600 {
        table.add(
          source: .ngram, bin: 2, depth: 1,
          isHit: Double.random(in: 0..<1, using: &generator) < share)
      }
      #expect(abs(table.rates(of: .ngram).chance(bin: 2, depth: 1, start: 0.4) - share) < 0.12)
      #expect(abs(table.rates(of: .trigram).chance(bin: 2, depth: 1, start: 0.4) - 0.4) < 1e-12)
      #expect(abs(table.rates(of: .ngram).chance(bin: 1, depth: 1, start: 0.4) - 0.4) < 1e-12)
      // What was seen at one depth is a hint for another.
      let elsewhere = table.rates(of: .ngram).chance(bin: 2, depth: 0, start: 0.4)
      #expect(abs(elsewhere - share) < 0.12)
    }
  }

  @Test func `attention's shares of a pass are learned from times`() {
    var generator = SeededGenerator(seed: 42)
    let table = (0..<40).map { 1 + 0.1 * Double($0) }
    for (first, further) in [(0.0002, 0.0002), (0.0004, 0.0001), (0.001, 0.0005)] {
      var cost = PassCost(table: table, attention: .init(first: 0.0004, further: 0.0004))
      func passes(_ rows: Int, _ position: Int) -> Double {
        table[rows - 1] + (first + further * Double(rows - 1)) * Double(position)
      }
      for position in stride(from: 100, to: 1300, by: 4) {
        let rows = Int.random(in: 1...9, using: &generator)
        let noise = Double.random(in: 0.98...1.02, using: &generator)
        let time = passes(rows, position) * noise * 3e6
        cost.observe(rows: rows, positions: position, nanoseconds: Int(time))
      }
      #expect(cost.cost(rows: 1, positions: 1000) == 1)
      for rows in [2, 4, 8] {
        let expected = passes(rows, 1000) / passes(1, 1000)
        #expect(
          abs(cost.cost(rows: rows, positions: 1000) / expected - 1) < 0.1, "\(rows) \(cost.shares)"
        )
      }
    }
  }

  @Test(arguments: [0.3, 1, 3])
  func `how steeply cost grows is learned from times, for rows that were not tried as well`(
    rise: Double
  ) {
    var generator = SeededGenerator(seed: 7)
    let table = (0..<40).map { 1 + 0.1 * Double($0) }
    var cost = PassCost(table: table, attention: .init(first: 0.0004, further: 0.0004))
    for position in 100..<300 {
      let rows = Int.random(in: 1...4, using: &generator)
      let noise = Double.random(in: 0.9...1.1, using: &generator)
      let passes = 1 + rise * (table[rows - 1] - 1) + 0.0004 * Double(rows * position)
      cost.observe(rows: rows, positions: position, nanoseconds: Int(passes * noise * 3e6))
    }
    for rows in [2, 4, 12] {
      let expected =
        (1 + rise * (table[rows - 1] - 1) + 0.0004 * Double(rows * 300)) / (1 + 0.0004 * 300)
      #expect(abs(cost.cost(rows: rows, positions: 300) / expected - 1) < 0.1, "\(rows)")
    }
  }

  @Test(arguments: 0..<12)
  func `one slow pass among the first does not make plain passes look slow`(slow: Int) {
    var cost = PassCost(
      table: (0..<40).map { 1 + 0.1 * Double($0) }, attention: .init(first: 0.0004, further: 0.0004)
    )
    var known = 0
    for pass in 0..<40 {
      let rows = pass % 3 + 1
      let time = (1 + 0.1 * Double(rows - 1)) * 5e6 * (pass == slow ? 7 : 1)
      cost.observe(rows: rows, positions: 40 + pass, nanoseconds: Int(time))
      guard pass > slow, let plain = cost.nanoseconds(behind: 40 + pass) else { continue }
      #expect(plain < 5e6 * 1.55 && (pass < slow + 12 || plain < 5e6 * 1.15), "\(pass): \(plain)")
      #expect(plain > 5e6 * 0.5, "\(pass): \(plain)")
      known += 1
    }
    #expect(known > 20)
  }

  @Test func `a table on which rows are free is soon found out`() {
    var cost = PassCost(
      table: [Double](repeating: 1, count: 40), attention: .init(first: 0.0004, further: 0.0004))
    for pass in 0..<100 {
      let rows = pass % 5 + 1
      cost.observe(rows: rows, positions: 50, nanoseconds: Int((1 + 0.07 * Double(rows)) * 3e6))
    }
    #expect(cost.cost(rows: 4, positions: 50) > 1.12)
  }

  @Test func `a time that is far out of line changes little, and times that stay there all`() {
    var cost = PassCost(
      table: [1, 1.1, 1.2], attention: .init(first: 0.0004, further: 0.0004))
    func observe(_ milliseconds: Int, count: Int) {
      for position in 0..<count {
        cost.observe(rows: 1, positions: position, nanoseconds: milliseconds * 1_000_000)
      }
    }
    observe(3, count: 40)
    observe(400, count: 1)
    #expect(cost.nanoseconds(behind: 20).map { abs($0 / 3e6 - 1) < 0.1 } ?? false)
    observe(12, count: 400)
    #expect(cost.nanoseconds(behind: 390).map { abs($0 / 12e6 - 1) < 0.05 } ?? false)
  }

  @Test(arguments: [false, true])
  func `while drafting rests it watches little, and always the last pass`(isTimed: Bool) {
    var planner = DraftPlanner()
    #expect(!planner.isWatching)
    planner.begin(
      [1, 2, 3].map { TokenID($0) }, drafters: [NGramDrafter()], isNamed: false, limit: nil,
      cost: PassCost(table: [1, 4, 8], attention: .init(first: 0, further: 0)), isTimed: isTimed)
    #expect(planner.isWatching)
    let text = [1, 2, 3, 4].map { TokenID($0) }
    var tree = DraftTree()
    tree.append(TokenID(9), after: nil, source: .ngram, chance: 0.5)
    while planner.rest == 0 {
      planner.learn(
        from: VerifiedPass(text: text, tree: tree, accepted: [], choices: [[], []]),
        nanoseconds: 4000)
    }
    let rest = planner.rest
    #expect(rest >= 8)
    var watched: [Int] = []
    while planner.rest > 0 {
      if planner.isWatching { watched.append(planner.rest) }
      planner.learn(fromPassBehind: text.count, nanoseconds: 1000)
    }
    // Until the end there is a debt to pay.
    #expect(watched.last == 1 && watched.count < 4, "\(watched)")
    #expect(planner.isWatching)
  }
}
