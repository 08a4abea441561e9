import Dials
import Techniques
import TestSupport
import Testing

struct DraftTreeTests {
  @Test func `a parent always comes before its child`() {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<100 {
      let tree = randomTree(using: &generator)
      for (index, node) in tree.nodes.enumerated() {
        #expect(node.parent.map { (0..<index).contains($0) } ?? true)
      }
    }
  }

  @Test func `every node is found again as the child of its parent`() {
    var generator = SeededGenerator(seed: 4)
    for _ in 0..<100 {
      let tree = randomTree(using: &generator)
      for node in tree.nodes {
        let found = tree.child(of: node.parent, holding: node.token)
        #expect(found.map { tree.nodes[$0] } == node)
      }
      #expect(tree.child(of: nil, holding: TokenID(1000)) == nil)
    }
  }

  @Test func `the spine holds the first guess for each place that it reaches`() {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<100 {
      let tree = randomTree(using: &generator)
      let spine = tree.spine
      #expect(spine.nodes.indices.allSatisfy { spine.nodes[$0].parent == ($0 > 0 ? $0 - 1 : nil) })
      var here: Int?
      for node in spine.nodes {
        let first = tree.nodes.firstIndex { $0.parent == here }
        #expect(first.map { tree.nodes[$0].token } == node.token)
        here = first
      }
      #expect(!tree.hasChild(here))
    }
  }

  @Test func `a chain is a tree in which each guess follows the one before`() {
    let tree = DraftTree(chain: [7, 8, 9].map { TokenID($0) }, source: .exit)
    #expect(tree.nodes.map(\.parent) == [nil, 0, 1])
    #expect(tree.nodes.map(\.token) == [TokenID(7), TokenID(8), TokenID(9)])
    #expect(DraftTree(chain: [TokenID](), source: .ngram) == DraftTree())
  }

  private func randomTree(using generator: inout SeededGenerator) -> DraftTree {
    var tree = DraftTree()
    for index in 0..<Int.random(in: 0...20, using: &generator) {
      let parent = Int.random(in: -1..<index, using: &generator)
      tree.append(
        TokenID(Int.random(in: 0..<4, using: &generator)), after: parent < 0 ? nil : parent,
        source: .trigram)
    }
    return tree
  }
}
