import Dials
import Kernels
import Pruning
import TestSupport
import Testing
import Transformer

struct BlockSetPassTests {
  /// Random sets of blocks, the first and the last among them, but never all.
  private func sets(_ count: Int, of blockCount: Int, seed: UInt64) -> [BlockSet] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      let size = Int.random(in: 0..<blockCount, using: &generator)
      return BlockSet(indices: (0..<blockCount).shuffled(using: &generator).prefix(size))
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `what is shared changes no bit, whatever came before`(seed: UInt64) throws {
    let tiny = TinySearch(model: TinyModel(blockCount: 5, seed: seed))
    let pool = ThreadPool(count: 2)
    defer { pool.dismiss() }
    let weights = try Weights(file: tiny.file(), pool: pool)
    let tokens = try tiny.sample(seed: seed).sequences[0]
    let pass = BlockSetPass(
      ModelRuntime(weights: weights, pool: pool), length: tokens.count)
    pass.begin(tokens)
    for set in sets(12, of: 5, seed: seed) {
      #expect(pass.loss(without: set) == loss(tokens, weights, pool: pool, pruned: set), "\(set)")
    }
  }

  @Test func `a part of the sequence is scored as if it were alone`() throws {
    let tiny = TinySearch()
    let pool = ThreadPool(count: 1)
    defer { pool.dismiss() }
    let weights = try Weights(file: tiny.file(), pool: pool)
    let tokens = try tiny.sample().sequences[0]
    let pass = BlockSetPass(
      ModelRuntime(weights: weights, pool: pool), length: tokens.count)
    pass.begin(tokens)
    let set = BlockSet(indices: [2])
    let last = tokens.count - 1
    let parts = [0..<7, 7..<20, 20..<last].map { pass.loss(at: $0, without: set) }
    #expect(abs(parts.reduce(0, +) - pass.loss(without: set)) < 1e-9)
    #expect(parts.allSatisfy { $0 > 0 })
  }

  @Test func `sets that are alike at the bottom follow one another`() {
    let sets = [[13, 14], [14], [], [13], [13, 17], [2, 14], [13, 14, 17]].map {
      BlockSet(indices: $0)
    }
    let blockCount = 20
    func shared(_ a: BlockSet, _ b: BlockSet) -> Int {
      (0..<blockCount).first { a.contains(BlockIndex($0)) != b.contains(BlockIndex($0)) }
        ?? blockCount
    }
    let order = BlockSetPass.sharing(sets)
    #expect(Set(order) == Set(sets))
    // No set has more in common with any earlier one than with the one just before.
    for index in order.indices.dropFirst() {
      let nearest = shared(order[index], order[index - 1])
      #expect(order[..<index].allSatisfy { shared(order[index], $0) <= nearest })
    }
  }
}
