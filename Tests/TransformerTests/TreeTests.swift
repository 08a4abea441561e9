import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// Law 2 for draft trees: a node's logits are those of its path decoded plainly, bit for bit.
@Suite struct TreeTests {
  /// Lengths of the committed text: none, and around the borders of tiles and splits.
  private static let lengths = [0, 1, 15, 16, 17, 40, 255, 256, 257]

  @Test(arguments: lengths, [TensorType.f32, .q4_1])
  func `rows are invariant in random trees`(length: Int, type: TensorType) throws {
    var generator = SeededGenerator(seed: 70 + UInt64(length))
    let file = try TinyModel(blockCount: 2, type: type, seed: 70).file()
    let text = randomTokens(length, using: &generator)
    try withPass(over: file, workers: 2) { pass in
      try withPass(over: file) { plain in
        pass.read(text, waves: [40])
        plain.read(text, waves: [40])
        for _ in 0..<4 {
          let tree = RandomTree(
            nodeCount: .random(in: 1...24, using: &generator), using: &generator)
          pass.append(tree)
          pass.run(rows: 0..<tree.count, blocks: 0..<2)
          let logits = pass.logitBits(0..<tree.count)
          for leaf in tree.leaves {
            let path = tree.path(to: leaf)
            let expected = plain.decode(path.map { tree.tokens[$0] })
            #expect(path.map { logits[$0] } == expected, "\(tree.parents), path \(path)")
            plain.truncate(to: length)
          }
          pass.discard()
        }
      }
    }
  }

  @Test(arguments: lengths)
  func `rows are invariant after the commit of a path`(length: Int) throws {
    var generator = SeededGenerator(seed: 80 + UInt64(length))
    let file = try TinyModel(blockCount: 2, type: .q4_1, seed: 80).file()
    let text = randomTokens(length, using: &generator)
    try withPass(over: file) { pass in
      try withPass(over: file) { plain in
        pass.read(text, waves: [40])
        plain.read(text, waves: [40])
        for _ in 0..<5 {
          let tree = RandomTree(
            nodeCount: .random(in: 1...24, using: &generator), using: &generator)
          pass.append(tree)
          pass.run(rows: 0..<tree.count, blocks: 0..<2)
          let path = tree.path(to: .random(in: 0..<tree.count, using: &generator))
          pass.commit(path: path)
          plain.decode(path.map { tree.tokens[$0] })
          #expect(pass.cache.committedCount == plain.cache.committedCount)
          #expect(pass.cacheBits == plain.cacheBits, "\(tree.parents), path \(path)")
        }
        let next = randomTokens(3, using: &generator)
        #expect(pass.decode(next) == plain.decode(next))
      }
    }
  }

  @Test func `a tree may grow while it runs`() throws {
    var generator = SeededGenerator(seed: 90)
    let file = try TinyModel(type: .q8_0).file()
    let text = randomTokens(14, using: &generator)
    try withPass(over: file) { pass in
      try withPass(over: file) { whole in
        pass.read(text, waves: [40])
        whole.read(text, waves: [40])
        for _ in 0..<4 {
          let tree = RandomTree(nodeCount: 20, using: &generator)
          whole.append(tree)
          whole.run(rows: 0..<20, blocks: 0..<4)
          for row in 0..<20 {
            pass.append(tree, row: row)
            pass.run(rows: row..<row + 1, blocks: 0..<4)
          }
          #expect(pass.logitBits(0..<20) == whole.logitBits(0..<20))
          pass.discard()
          whole.discard()
        }
      }
    }
  }

  /// Verification of drafts made with some blocks: a tree, one node at a time through the first
  /// blocks, then all nodes through the others.
  @Test(arguments: 1...3, [true, false])
  func `shallow then deep equals dense`(depth: Int, isChain: Bool) throws {
    var generator = SeededGenerator(seed: 91)
    for type in [TensorType.f32, .q4_1, .q6K] {
      let file = try TinyModel(type: type, seed: 91).file()
      let text = randomTokens(30, using: &generator)
      try withPass(over: file, workers: 2) { pass in
        try withPass(over: file) { dense in
          pass.read(text, waves: [40])
          dense.read(text, waves: [40])
          let tree =
            isChain
            ? RandomTree(chain: randomTokens(9, using: &generator))
            : RandomTree(nodeCount: 9, using: &generator)
          for row in 0..<9 {
            pass.append(tree, row: row)
            pass.run(rows: row..<row + 1, blocks: 0..<depth)
            dense.append(tree, row: row)
          }
          pass.run(rows: 0..<9, blocks: depth..<4)
          dense.run(rows: 0..<9, blocks: 0..<4)
          #expect(pass.logitBits(0..<9) == dense.logitBits(0..<9), "\(type)")
          let path = tree.path(to: 6)
          pass.commit(path: path)
          dense.commit(path: path)
          #expect(pass.cacheBits == dense.cacheBits, "\(type)")
        }
      }
    }
  }
}

/// A tree of tokens that follows the committed text; every parent comes before its children.
struct RandomTree {
  let tokens: [TokenID]
  let parents: [Int?]

  var count: Int { tokens.count }

  /// A random tree, or forest: several nodes may follow the text. No path is longer than `depth`.
  init(nodeCount: Int, depth: Int = .max, using generator: inout SeededGenerator) {
    tokens = randomTokens(nodeCount, using: &generator)
    // Deep trees and broad ones.
    let reach = Int.random(in: 1...nodeCount, using: &generator)
    var parents: [Int?] = []
    var depths: [Int] = []
    for node in 0..<nodeCount {
      let parent = Int.random(in: max(-1, node - 1 - reach)...node - 1, using: &generator)
      let isRoot = parent < 0 || depths[parent] == depth
      parents.append(isRoot ? nil : parent)
      depths.append(isRoot ? 1 : depths[parent] + 1)
    }
    self.parents = parents
  }

  /// A tree without branches.
  init(chain: [TokenID]) {
    tokens = chain
    parents = chain.indices.map { $0 == 0 ? nil : $0 - 1 }
  }

  var leaves: [Int] { tokens.indices.filter { !parents.contains($0) } }

  /// The nodes from the first one after the text down to `node`.
  func path(to node: Int) -> [Int] {
    var path = [node]
    while let last = path.last, let parent = parents[last] { path.append(parent) }
    return path.reversed()
  }
}

extension ForwardPass {
  /// Adds all nodes of the tree, or one of them.
  func append(_ tree: RandomTree, retrieves: Bool = false) {
    for row in 0..<tree.count { append(tree, row: row, retrieves: retrieves) }
  }

  /// Adds one node of the tree.
  func append(_ tree: RandomTree, row: Int, retrieves: Bool = false) {
    let depth = tree.path(to: row).count - 1
    append(
      Row(
        token: tree.tokens[row], position: Position(cache.committedCount + depth),
        parent: tree.parents[row], retrieves: retrieves))
  }
}
