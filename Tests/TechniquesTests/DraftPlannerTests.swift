import Dials
import Foundation
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
    _ drafters: [any Drafter], costs: [Double], isNamed: Bool = false, limit: Int? = nil,
    isTimed: Bool = false
  ) -> DraftPlanner {
    var planner = DraftPlanner()
    planner.begin(
      Array(text[..<10]), drafters: drafters, isNamed: isNamed, limit: limit,
      cost: PassCost(table: costs, attention: .init(first: 0, further: 0)), isTimed: isTimed)
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
    var planner = makePlanner([Liar()], costs: Self.usual, isNamed: isNamed, isTimed: true)
    let result = write(256, with: &planner, costs: Self.usual, overhead: overhead)
    #expect(result.passes == 256)
    #expect(result.widest > 0)
    #expect(result.cost < 256 * 1.03, "\(result)")
  }

  @Test(arguments: [false, true])
  func `without a clock it costs no more where looks take what is put down for them`(isNamed: Bool)
  {
    var planner = makePlanner([Liar()], costs: Self.usual, isNamed: isNamed)
    let result = write(256, with: &planner, costs: Self.usual, overhead: 0.025)
    #expect(result.passes == 256)
    #expect(result.widest > 0)
    #expect(result.cost < 256 * 1.03, "\(result)")
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `a planner that is not told to ask the clock does the same at any pace`(seed: UInt64) {
    var generator = SeededGenerator(seed: 1700 + seed)
    let drafters: [any Drafter] = [
      Oracle(text: text, wrongEvery: Int.random(in: 0...4, using: &generator)), Liar(),
      NGramDrafter(),
    ].shuffled(using: &generator)
    let isNamed = Bool.random(using: &generator)
    var fast = makePlanner(drafters, costs: Self.usual, isNamed: isNamed)
    var slow = fast
    let expected = trees(300, with: &fast) { 0 }
    let pace = Double.random(in: 1...1e4, using: &generator)
    let found = trees(300, with: &slow) {
      Int(pace * exp(.random(in: 0...9, using: &generator)))
    }
    #expect(found == expected && fast.rest == slow.rest)
    #expect(expected.contains { $0.count > 0 })
    #expect(fast.cost == slow.cost && fast.cost?.nanoseconds(behind: 10) == nil)
  }

  /// The trees of `count` tokens, where passes and looks take as long as `time` says.
  private func trees(
    _ count: Int, with planner: inout DraftPlanner, time: () -> Int
  ) -> [DraftTree] {
    var decided = 10
    var trees: [DraftTree] = []
    while decided < count + 10 {
      let tree = planner.tree(
        after: Array(text[..<decided]), trunk: DraftTree(),
        limits: TreeBuilder.Limits(depth: 30, count: 90))
      trees.append(tree)
      var accepted: [Int] = []
      while let child = tree.child(of: accepted.last, holding: text[decided + accepted.count]) {
        accepted.append(child)
      }
      decided += accepted.count + 1
      if planner.isWatching {
        planner.learn(
          from: VerifiedPass(
            text: Array(text[..<decided]), tree: tree, accepted: accepted,
            choices: Array(repeating: [], count: tree.count + 1)),
          nanoseconds: time())
      } else {
        planner.learn(fromPassBehind: decided - 1, nanoseconds: time())
      }
      planner.note(overhead: time())
    }
    return trees
  }

  @Test func `what the clock taught counts where an answer asks it, and nowhere else`() {
    let cost = PassCost(table: Self.usual, attention: .init(first: 0, further: 0))
    let flat = [Double](repeating: 1, count: 97)
    var planner = makePlanner([Oracle(text: text)], costs: Self.usual, isTimed: true)
    _ = write(300, with: &planner, costs: flat)
    let learned = planner.cost
    #expect(learned != cost)
    for isTimed in [true, false, false, true] {
      planner.begin(
        Array(text[..<10]), drafters: [Oracle(text: text)], isNamed: false, limit: nil, cost: cost,
        isTimed: isTimed)
      #expect(planner.cost == (isTimed ? learned : cost))
    }
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
    var planner = makePlanner([Liar()], costs: Self.usual, isNamed: true, isTimed: true)
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
