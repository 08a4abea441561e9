import Dials
import Techniques
import TestSupport
import Testing

struct DraftTreeTests {
  @Test func `trimming and grafting keep parents before children and paths as they were`() {
    func paths(_ tree: DraftTree, within depth: Int = .max) -> Set<[TokenID]> {
      Set(tree.nodes.indices.map { tree.path(to: $0) }.filter { $0.count <= depth })
    }
    var generator = SeededGenerator(seed: 3)
    var cut = 0
    for _ in 0..<100 {
      let (tree, other) = (randomTree(using: &generator), randomTree(using: &generator))
      let depth = Int.random(in: 0...6, using: &generator)
      let count = Int.random(in: 0...12, using: &generator)
      let trimmed = tree.trimmed(depth: depth, count: count)
      #expect(trimmed.fits(depth: depth, count: count))
      #expect(paths(trimmed).isSubset(of: paths(tree, within: depth)))
      cut += trimmed.count < paths(tree).count ? 1 : 0
      var both = tree
      both.graft(other, depth: depth, count: 99)
      #expect(Array(both.nodes[..<tree.count]) == tree.nodes)
      #expect(paths(both) == paths(tree).union(paths(other, within: depth)))
      for grown in [trimmed, both] {
        for (index, node) in grown.nodes.enumerated() {
          #expect(node.parent.map { (0..<index).contains($0) } ?? true)
        }
      }
    }
    #expect((10...90).contains(cut))
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
