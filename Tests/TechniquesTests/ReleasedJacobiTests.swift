import Dials
import Techniques
import TestSupport
import Testing

/// TR-Jacobi's own tree, as it was released.
struct ReleasedJacobiTests {
  private let text = [4, 9, 4, 9, 5, 7].map { TokenID($0) }

  @Test func `the tree has 68 nodes in five depths`() throws {
    let tree = try #require(ReleasedJacobiDrafter().tree(after: DraftPath(text: text)))
    let depths = tree.nodes.indices.map { tree.depth(of: $0) }
    #expect((1...5).map { depth in depths.count { $0 == depth } } == [11, 29, 24, 3, 1])
    #expect(Set(ReleasedJacobiDrafter.paths).count == 68)
    let fromFirst = ReleasedJacobiDrafter.paths.filter { $0.count == 2 }.map { $0[0] }
    #expect(
      (0...10).map { column in fromFirst.count { $0 == column } }
        == [10, 7, 3, 2, 1, 1, 1, 1, 1, 1, 1])
  }

  @Test func `it begins with noise from the text, also from a text of one token`() throws {
    let tree = try #require(ReleasedJacobiDrafter().tree(after: DraftPath(text: text)))
    #expect(tree.nodes.allSatisfy { $0.source == .noise && text.contains($0.token) })
    #expect(Set(tree.nodes.map(\.token)).count > 1)
    #expect(tree == ReleasedJacobiDrafter().tree(after: DraftPath(text: text)))
    let one = [TokenID(3)]
    let small = try #require(ReleasedJacobiDrafter().tree(after: DraftPath(text: one)))
    #expect(small.count == 68 && small.nodes.allSatisfy { $0.token == TokenID(3) })
  }

  @Test func `all nodes of a depth and column hold the same token`() throws {
    var generator = SeededGenerator(seed: 31)
    var drafter = ReleasedJacobiDrafter()
    var text = text
    for _ in 0..<30 {
      let tree = try #require(drafter.tree(after: DraftPath(text: text)))
      var held: [[Int]: Set<TokenID>] = [:]
      for (columns, node) in zip(ReleasedJacobiDrafter.paths, tree.nodes) {
        held[[columns.count, columns.last ?? 0], default: []].insert(node.token)
      }
      #expect(held.values.allSatisfy { $0.count == 1 })
      var accepted: [Int] = []
      while Bool.random(using: &generator),
        let child = tree.nodes.indices.first(where: {
          tree.nodes[$0].parent == accepted.last
        })
      {
        accepted.append(child)
      }
      text +=
        accepted.map { tree.nodes[$0].token } + [TokenID(.random(in: 0..<9, using: &generator))]
      let choices = (0...68).map { _ in
        (0..<10).map { TokenChoice(token: TokenID(100 + $0), share: 0.1) }
      }
      drafter.learn(
        from: VerifiedPass(text: text, tree: tree, accepted: accepted, choices: choices))
      let next = try #require(drafter.tree(after: DraftPath(text: text)))
      // The remainder fills the first columns with candidates, best first.
      #expect(next.nodes[0].token == TokenID(100) && next.nodes[0].source == .jacobi)
    }
  }

  @Test func `retrieval continues the first best match`() throws {
    var drafter = ReleasedJacobiDrafter()
    let text = [1, 2, 3, 20, 21, 22, 1, 2, 3, 30, 5, 1, 2, 3].map { TokenID($0) }
    let tree = try #require(drafter.tree(after: DraftPath(text: text)))
    drafter.learn(
      from: VerifiedPass(
        text: text, tree: tree, accepted: [], choices: Array(repeating: [], count: 69)))
    let next = try #require(drafter.tree(after: DraftPath(text: text)))
    let branch = next.nodes.filter { $0.source == .ngram }
    #expect(branch.map(\.token.index) == [20, 21, 22, 1, 2])
  }
}
