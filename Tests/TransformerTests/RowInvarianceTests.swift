import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// Law 2: row i of an n-row pass is bit-equal to the same row computed alone.
@Suite struct RowInvarianceTests {
  @Test(arguments: TensorType.allCases)
  func `rows are invariant, for any split of a prompt into waves, kernels and pool`(
    type: TensorType
  ) throws {
    var generator = SeededGenerator(seed: 60 + UInt64(type.rawValue))
    let file = try TinyModel(blockCount: 2, type: type, seed: 60).file()
    let tokens = randomTokens(45, using: &generator)
    let scalar = try #require(KernelSet(named: "scalar"))
    let (logits, cache) = try withPass(over: file, kernels: scalar) {
      ($0.decode(tokens), $0.cacheBits)
    }
    for kernels in kernelSets {
      for workers in 1...3 {
        let waves = (0..<45).map { _ in
          Int.random(in: 1...(workers == 1 ? 40 : 12), using: &generator)
        }
        try withPass(over: file, kernels: kernels, workers: workers) { pass in
          #expect(pass.read(tokens, waves: waves) == logits, "\(kernels), pool of \(workers)")
          #expect(pass.cacheBits == cache, "\(kernels), pool of \(workers)")
        }
      }
    }
  }

  @Test func `rows are invariant over splits of attention`() throws {
    var generator = SeededGenerator(seed: 61)
    let file = try TinyModel(blockCount: 2, type: .q8_0, seed: 61).file()
    let tokens = randomTokens(530, using: &generator)
    let alone = try withPass(over: file, capacity: 530) { $0.decode(tokens) }
    // Of a single row the splits are shared out.
    let shared = try withPass(over: file, workers: 3, capacity: 530) { $0.decode(tokens) }
    #expect(shared == alone)
    let waves = (0..<530).map { _ in Int.random(in: 1...40, using: &generator) }
    let together = try withPass(over: file, workers: 2, capacity: 530) {
      $0.read(tokens, waves: waves)
    }
    #expect(together == alone)
  }

  @Test func `logits of many rows at once are those of each alone, in any order`() throws {
    var generator = SeededGenerator(seed: 62)
    let file = try TinyModel(type: .q4_1).file()
    try withPass(over: file, workers: 2) { pass in
      pass.appendChain(randomTokens(20, using: &generator))
      pass.run(rows: 0..<20, blocks: 0..<4)
      let alone = pass.logitBits(0..<20)
      let order = Array(0..<20).shuffled(using: &generator)
      let together = pass.logits(rows: order)
      #expect(together.count == 20)
      for (index, row) in order.enumerated() {
        #expect(together[index].map(\.bitPattern) == alone[row], "row \(row)")
      }
    }
  }
}
