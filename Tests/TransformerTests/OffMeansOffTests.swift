import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// Law 4 at the level of the pass: a dial at zero is the plain model, and no extra work.
@Suite struct OffMeansOffTests {
  private static let tokens = (0..<24).map { TokenID(11 * $0 + 1) }

  @Test(arguments: [TensorType.f32, .q4_1])
  func `off means off: plain decoding does the dense model's work and no more`(
    type: TensorType
  ) throws {
    let file = try TinyModel(type: type).file()
    try withPass(over: file, keepsStreams: true) { pass in
      let plain = pass.decode(Self.tokens)
      let dense = Self.tokens.indices.reduce(Work()) { $0 + pass.weights.denseWork(at: $1) }
      #expect(pass.work.take() == dense)
      #expect(pass.work == Work())
      // The closed form, from shapes alone.
      let perBlock = 64 * 64 * 2 + 64 * 32 * 2 + 64 * 96 * 3
      let macs = Self.tokens.indices.reduce(0) {
        $0 + 4 * (perBlock + 2 * 64 * ($1 + 1)) + 300 * 64
      }
      #expect(dense.macs == macs)
      pass.truncate(to: 0)
      #expect(pass.decode(Self.tokens, pruned: BlockSet(indices: [])) == plain)
      #expect(pass.work.take() == dense)
      // Nothing is computed for the streams that are kept.
      pass.truncate(to: 0)
      for (position, token) in Self.tokens.enumerated() {
        pass.appendChain([token])
        pass.run(rows: 0..<1, blocks: 0..<4, capture: true)
        #expect(pass.logitBits([0])[0] == plain[position])
        pass.commit(path: [0])
      }
      #expect(pass.work == dense)
    }
  }

  @Test func `a wave of rows does the rows' multiplications and reads each weight once`() throws {
    let file = try TinyModel(type: .q4_1).file()
    try withPass(over: file) { pass in
      pass.appendChain(Self.tokens)
      pass.run(rows: 0..<24, blocks: 0..<4)
      _ = pass.logits(rows: Array(0..<24))
      let dense = Self.tokens.indices.reduce(Work()) { $0 + pass.weights.denseWork(at: $1) }
      #expect(pass.work.macs == dense.macs)
      #expect(pass.work.bytes == pass.weights.byteCount)
    }
  }

  @Test(arguments: [[0], [3], [1, 2], [0, 2, 3]])
  func `pruned blocks do no work, keep no cache, and might as well not be in the file`(
    blocks: [Int]
  ) throws {
    let pruned = BlockSet(indices: blocks)
    var parts = try ModelParts(TinyModel(type: .q4_1, seed: 20))
    let file = try parts.file()
    parts.removeBlocks(Set(blocks), of: 4)
    let (expected, work) = try withPass(over: parts.file()) { pass in
      (pass.decode(Self.tokens), pass.work)
    }
    try withPass(over: file) { pass in
      #expect(pass.decode(Self.tokens, pruned: pruned) == expected)
      #expect(pass.work == work)
      for slot in Self.tokens.indices {
        for block in 0..<4 {
          #expect(
            pass.cache.state(block: BlockIndex(block), slot: slot)
              == (blocks.contains(block) ? .absent : .exact))
        }
      }
    }
  }

  @Test func `filling does the work of keys and values, and not in pruned blocks`() throws {
    let file = try TinyModel(type: .f32).file()
    try withPass(over: file) { pass in
      pass.appendChain(Self.tokens)
      pass.run(rows: 0..<24, blocks: 0..<1)
      _ = pass.work.take()
      pass.fill(rows: 0..<24, blocks: 1..<4, route: Route(pruned: BlockSet(indices: [2])))
      #expect(pass.work.macs == 2 * 24 * 2 * 64 * 32)
      #expect(pass.work.bytes == 2 * 2 * 64 * 32 * 4)
    }
  }
}
