import Dials
import Techniques
import TestSupport
import Testing

/// How many guesses a pass verifies, and when none: with tables of costs in place of a machine.
struct DraftPlannerTests {
  /// A text that a model would write, and a drafter that knows it.
  private struct Oracle: Drafter {
    var text: [TokenID]
    /// One guess in so many is wrong; 0 for none.
    var wrongEvery = 0
    var source: DraftSource { .ngram }
    var chances: [Double] { [0.5] }

    func draftTokens(after path: DraftPath) -> [DraftToken] {
      guard path.count < text.count else { return [] }
      let isWrong = wrongEvery > 0 && path.count % wrongEvery == 0
      return [DraftToken(token: isWrong ? TokenID(999) : text[path.count], bin: 0)]
    }
  }

  /// A drafter that is always wrong and sure of itself.
  private struct Liar: Drafter {
    var source: DraftSource { .trigram }
    var chances: [Double] { [0.9, 0.9] }
    func draftTokens(after path: DraftPath) -> [DraftToken] {
      [DraftToken(token: TokenID(998), bin: 0), DraftToken(token: TokenID(997), bin: 1)]
    }
    func window(after path: DraftPath) -> [TokenID] { [996, 995, 994].map { TokenID($0) } }
  }

  private let text = (0..<600).map { TokenID($0 % 50) }
  /// Two rows cost little more than one, many rows much: the shape that is measured.
  private static let usual: [Double] = (0..<97).map { (more: Int) -> Double in
    let rows = Double(more)
    return 1 + 0.04 * rows + 0.003 * rows * rows
  }

  /// Writes `count` tokens of the text and returns passes, their cost and the most guesses of one.
  /// `overhead` is what looking for guesses and learning take in a pass that is watched.
  private func write(
    _ count: Int, with planner: inout DraftPlanner, costs: [Double], depth: Int = 30,
    overhead: Double = 0
  ) -> (passes: Int, cost: Double, widest: Int) {
    var decided = 10
    var result = (passes: 0, cost: 0.0, widest: 0)
    while decided < count + 10 {
      let tree = planner.tree(
        after: Array(text[..<decided]), trunk: DraftTree(),
        limits: TreeBuilder.Limits(depth: depth, count: 90))
      var accepted: [Int] = []
      while let child = tree.child(
        of: accepted.last, holding: text[decided + accepted.count])
      { accepted.append(child) }
      decided += accepted.count + 1
      let cost = costs[tree.count]
      let isWatched = planner.isWatching
      let verified = VerifiedPass(
        text: Array(text[..<decided]), tree: tree, accepted: accepted,
        choices: Array(repeating: [], count: tree.count + 1))
      if isWatched {
        planner.learn(from: verified, nanoseconds: Int(cost * 3e6))
        planner.note(overhead: Int(overhead * 3e6))
      } else {
        planner.learn(fromPassBehind: verified.oldCount, nanoseconds: Int(cost * 3e6))
      }
      result.passes += 1
      result.cost += cost + (isWatched ? overhead : 0)
      result.widest = max(result.widest, tree.count)
    }
    return result
  }

  private func makePlanner(
    _ drafters: [any Drafter], costs: [Double], isNamed: Bool = false, limit: Int? = nil
  ) -> DraftPlanner {
    var planner = DraftPlanner()
    planner.begin(
      Array(text[..<10]), drafters: drafters, isNamed: isNamed, limit: limit,
      cost: PassCost(table: costs, attention: .init(first: 0, further: 0)))
    return planner
  }

  @Test func `who knows the text writes it in few passes`() {
    var planner = makePlanner([Oracle(text: text)], costs: Self.usual)
    let result = write(400, with: &planner, costs: Self.usual)
    #expect(result.cost < 200)
    #expect(result.widest > 3)
  }

  @Test func `a good drafter gets more rows where rows cost less`() {
    var widths: [Int] = []
    for slope in [0.9, 0.3, 0.1, 0.0] {
      let costs = (0..<97).map { 1 + slope * Double($0) }
      var planner = makePlanner([Oracle(text: text, wrongEvery: 7)], costs: costs)
      widths.append(write(400, with: &planner, costs: costs).widest)
    }
    #expect(widths == widths.sorted() && widths[0] < widths[3], "\(widths)")
  }

  @Test func `where every row costs as much as a pass, nothing is guessed`() {
    let costs = (0..<97).map { 1 + Double($0) }
    var planner = makePlanner([Oracle(text: text, wrongEvery: 3), Liar()], costs: costs)
    #expect(write(200, with: &planner, costs: costs).cost == 200)
  }

  @Test(arguments: [false, true], [0, 0.02, 0.1])
  func `drafting that never pays costs at most 3 passes in 100 over 256 tokens`(
    isNamed: Bool, overhead: Double
  ) {
    var planner = makePlanner([Liar()], costs: Self.usual, isNamed: isNamed)
    let result = write(256, with: &planner, costs: Self.usual, overhead: overhead)
    #expect(result.passes == 256)
    #expect(result.widest > 0)
    #expect(result.cost < 256 * 1.03, "\(result)")
  }

  @Test func `an answer after a good one may not lose what that earned`() {
    var planner = makePlanner([Oracle(text: text)], costs: Self.usual)
    #expect(write(300, with: &planner, costs: Self.usual).cost < 200)
    planner.begin(
      Array(text[..<10]), drafters: [Oracle(text: text.map { TokenID($0.index + 1) })],
      isNamed: false, limit: nil,
      cost: PassCost(table: Self.usual, attention: .init(first: 0, further: 0)))
    #expect(write(256, with: &planner, costs: Self.usual).cost < 256 * 1.03)
  }

  @Test func `costs above the table's are seen by the times of passes`() {
    let dear = Self.usual.enumerated().map { $0.offset == 0 ? 1 : 1.3 * $0.element }
    var planner = makePlanner([Liar()], costs: Self.usual, isNamed: true)
    #expect(write(256, with: &planner, costs: dear).cost < 256 * 1.03)
  }

  @Test func `a rest ends, and a drafter that has become good is used again`() {
    var planner = makePlanner([Liar()], costs: Self.usual, isNamed: true)
    _ = write(100, with: &planner, costs: Self.usual)
    #expect(planner.acceptance.rates(of: .trigram).chance(bin: 0, depth: 0, start: 0.9) < 0.2)
    planner.begin(
      Array(text[..<10]), drafters: [Oracle(text: text)], isNamed: false, limit: nil,
      cost: PassCost(table: Self.usual, attention: .init(first: 0, further: 0)))
    #expect(write(300, with: &planner, costs: Self.usual).cost < 200)
  }

  @Test func `no tree is deeper or wider than it may be`() {
    let flat = Array(repeating: 1.0, count: 97)
    for depth in [0, 1, 2, 5] {
      var planner = makePlanner([Oracle(text: text), Liar()], costs: flat, isNamed: true)
      var deepest = 0
      for decided in 10..<20 {
        let tree = planner.tree(
          after: Array(text[..<decided]), trunk: DraftTree(),
          limits: TreeBuilder.Limits(depth: depth, count: 9))
        #expect(tree.count <= 9)
        deepest = max(deepest, tree.nodes.indices.map { tree.depth(of: $0) }.max() ?? 0)
      }
      // A window of three is asked for.
      #expect((min(depth, 3)...depth).contains(deepest))
    }
    var limited = makePlanner([Oracle(text: text)], costs: flat, limit: 2)
    #expect(write(90, with: &limited, costs: flat).widest == 2)
  }

  @Test func `where no place may have two guesses, each follows the one before`() {
    let flat = Array(repeating: 1.0, count: 97)
    for isNamed in [false, true] {
      var planner = makePlanner([Liar(), Oracle(text: text)], costs: flat, isNamed: isNamed)
      var longest = 0
      for decided in 10..<40 {
        let tree = planner.tree(
          after: Array(text[..<decided]), trunk: DraftTree(),
          limits: TreeBuilder.Limits(depth: 7, count: 9, isChain: true))
        #expect(tree.nodes.indices.allSatisfy { tree.nodes[$0].parent == ($0 > 0 ? $0 - 1 : nil) })
        longest = max(longest, tree.count)
      }
      #expect(longest > 1)
    }
  }

  @Test func `a trunk stays in the tree, whatever it costs`() {
    let costs = (0..<97).map { 1 + Double($0) }
    var planner = makePlanner([Liar()], costs: costs)
    let trunk = DraftTree(chain: [1, 2, 3].map { TokenID($0) }, source: .exit)
    let tree = planner.tree(
      after: Array(text[..<10]), trunk: trunk, limits: TreeBuilder.Limits(depth: 3, count: 9))
    #expect(Array(tree.nodes[..<3]) == trunk.nodes)
  }

  @Test func `two drafters with the same guess share a node, and siblings differ`() {
    let flat = Array(repeating: 1.0, count: 97)
    var planner = makePlanner([Oracle(text: text), Liar(), Oracle(text: text)], costs: flat)
    var widest = 0
    for decided in 10..<40 {
      let tree = planner.tree(
        after: Array(text[..<decided]), trunk: DraftTree(),
        limits: TreeBuilder.Limits(depth: 8, count: 40))
      for node in tree.nodes.indices {
        #expect(
          tree.child(of: tree.nodes[node].parent, holding: tree.nodes[node].token) == node)
      }
      let chances = tree.nodes.compactMap(\.chance)
      #expect(chances == chances.sorted(by: >) && chances.count == tree.count)
      widest = max(widest, tree.nodes.count { $0.parent == nil })
    }
    #expect(widest > 1)
  }
}

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

  @Test func `while drafting rests it watches little, and always the last pass`() {
    var planner = DraftPlanner()
    #expect(!planner.isWatching)
    planner.begin(
      [1, 2, 3].map { TokenID($0) }, drafters: [NGramDrafter()], isNamed: false, limit: nil,
      cost: PassCost(table: [1, 4, 8], attention: .init(first: 0, further: 0)))
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
