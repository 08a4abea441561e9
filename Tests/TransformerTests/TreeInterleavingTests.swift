import Dials
import GGUF
import TestSupport
import Testing
import Transformer

/// The cache behind draft trees.
struct TreeInterleavingTests {
  /// Drafts, rejections, commits and truncations in any order leave what plain decoding leaves.
  @Test(arguments: 0..<8)
  func `the cache is that of plain decoding after any interleaving`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: 95 + seed)
    let file = try TinyModel(blockCount: 3, type: seed % 2 == 0 ? .q4_1 : .f32, seed: 95).file()
    var text: [TokenID] = []
    try withPass(over: file, workers: 2, capacity: 900) { pass in
      try withPass(over: file, capacity: 900) { plain in
        for _ in 0..<40 {
          switch Int.random(in: 0..<5, using: &generator) {
          case 0 where !text.isEmpty:
            text.removeLast(Int.random(in: 0...min(text.count, 20), using: &generator))
            pass.truncate(to: text.count)
            plain.truncate(to: text.count)
          case 1:
            pass.append(RandomTree(nodeCount: 12, using: &generator))
            pass.run(rows: 0..<12, blocks: 0..<Int.random(in: 1...3, using: &generator))
            pass.discard()
          default:
            let tree = RandomTree(
              nodeCount: .random(in: 1...20, using: &generator), using: &generator)
            let depth = Int.random(in: 0...3, using: &generator)
            pass.append(tree)
            pass.run(rows: 0..<tree.count, blocks: 0..<depth)
            pass.run(rows: 0..<tree.count, blocks: depth..<3)
            let path = tree.path(to: .random(in: 0..<tree.count, using: &generator))
            pass.commit(path: path)
            plain.decode(path.map { tree.tokens[$0] })
            text += path.map { tree.tokens[$0] }
          }
          #expect(pass.cache.committedCount == text.count)
        }
        #expect(pass.cacheBits == plain.cacheBits)
        let next = randomTokens(3, using: &generator)
        #expect(pass.decode(next) == plain.decode(next))
      }
    }
  }
}
