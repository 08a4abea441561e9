import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// Changes of low rank beside the blocks' own matrices.
@Suite struct LowRankTests {
  private static let tokens = (0..<24).map { TokenID(11 * $0 + 3) }

  private static func reference(_ file: GGUFFile) throws -> [[Double]] {
    var pass = try ReferencePass(file: file)
    pass.roundsKeysAndValues = true
    return pass.run(tokens).logits
  }

  @Test(arguments: [TensorType.f32, .q4_1, .q8_0], [1, 3])
  func `a change whose B is zero is the base, bit for bit`(type: TensorType, workers: Int) throws {
    let base = TinyModel(type: type, seed: 20)
    var change = TinyLowRank(base: base)
    change.isZero = true
    for waves in [[1], [5, 9, 10]] {
      let plain = try withPass(over: base.file(), workers: workers) {
        ($0.read(Self.tokens, waves: waves), $0.cacheBits)
      }
      let changed = try withPass(over: change, workers: workers) {
        ($0.read(Self.tokens, waves: waves), $0.cacheBits)
      }
      #expect(changed == plain)
    }
  }

  /// With float weights only float32 arithmetic is left, as in law 1.
  @Test(arguments: [(TensorType.f32, 4), (.f16, 5), (.bf16, 1), (.f32, 33), (.q8_0, 32)])
  func `a changed pass is the reference pass over the merged weights`(
    type: TensorType, rank: Int
  ) throws {
    var change = TinyLowRank(base: TinyModel(seed: 21))
    change.type = type
    change.rank = rank
    change.alpha = Double(2 * rank)
    let changed = try withPass(over: change) { $0.read(Self.tokens, waves: [3, 1, 7]) }
    let expected = try Self.reference(change.merged())
    // Halves of eight bits read rows of eight bits, which are off as a quantised model's are.
    let tolerance = type == .q8_0 ? 0.04 : 3e-3
    #expect(Distance.relative(changed.map(\.floats), to: expected) < tolerance)
    // It is another model than the base by far.
    let plain = try Self.reference(change.base.file())
    #expect(Distance.relative(changed.map(\.floats), to: plain) > 0.1)
  }

  @Test(arguments: [nil, 0, 2, -3, 8] as [Double?])
  func `the factor is alpha by rank, and one where there is no alpha, as in llama.cpp`(
    alpha: Double?
  ) throws {
    var change = TinyLowRank(base: TinyModel(seed: 22))
    change.alpha = alpha
    let changed = try withPass(over: change) { $0.decode(Self.tokens) }
    change.alpha = alpha == 0 ? nil : alpha
    let expected = try Self.reference(change.merged())
    #expect(Distance.relative(changed.map(\.floats), to: expected) < 3e-3)
  }

  @Test(arguments: ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"])
  func `any projection may have a change, or none`(name: String) throws {
    var change = TinyLowRank(base: TinyModel(seed: 23))
    change.projections = [name]
    let changed = try withPass(over: change, workers: 2) { $0.read(Self.tokens, waves: [1, 12]) }
    let expected = try Self.reference(change.merged())
    #expect(Distance.relative(changed.map(\.floats), to: expected) < 3e-3)
    let plain = try Self.reference(change.base.file())
    #expect(Distance.relative(changed.map(\.floats), to: plain) > 0.01)
  }

  @Test(arguments: [TensorType.f16, .q8_0])
  func `rows are invariant, for any split of a prompt into waves, kernels and pool`(
    type: TensorType
  ) throws {
    var generator = SeededGenerator(seed: 24)
    var change = TinyLowRank(base: TinyModel(blockCount: 2, type: .q4_1, seed: 24))
    change.type = type
    change.rank = 32
    let tokens = randomTokens(45, using: &generator)
    let scalar = try #require(KernelSet(named: "scalar"))
    let (logits, cache) = try withPass(over: change, kernels: scalar) {
      ($0.decode(tokens), $0.cacheBits)
    }
    for kernels in kernelSets {
      for workers in 1...3 {
        let waves = (0..<45).map { _ in
          Int.random(in: 1...(workers == 1 ? 40 : 12), using: &generator)
        }
        try withPass(over: change, kernels: kernels, workers: workers) { pass in
          #expect(pass.read(tokens, waves: waves) == logits, "\(kernels), pool of \(workers)")
          #expect(pass.cacheBits == cache, "\(kernels), pool of \(workers)")
        }
      }
    }
  }

  @Test func `keys and values from where a token left are those of the changed blocks`() throws {
    let change = TinyLowRank(base: TinyModel(seed: 25))
    func filled(_ pass: ForwardPass) -> [Float] {
      pass.appendChain(Self.tokens.prefix(6))
      pass.run(rows: 0..<6, blocks: 0..<2)
      pass.fill(rows: 0..<6, blocks: 2..<4)
      pass.commit(path: Array(0..<6))
      return pass.decode([TokenID(9)]).last?.floats ?? []
    }
    let changed = try withPass(over: change, workers: 2, filled)
    let merged = try withPass(over: change.merged(), filled)
    let plain = try withPass(over: change.base.file(), filled)
    #expect(Distance.relative([changed], to: [merged.map(Double.init)]) < 3e-3)
    #expect(Distance.relative([changed], to: [plain.map(Double.init)]) > 0.05)
  }

  @Test func `what the changes take is counted, in panels of 16 outputs`() throws {
    var change = TinyLowRank(base: TinyModel(seed: 26))
    change.type = .f16
    func work(_ pass: ForwardPass) -> [Work] {
      pass.appendChain(Self.tokens.prefix(3))
      _ = pass.work.take()
      pass.run(rows: 0..<3, blocks: 0..<1)
      let block = pass.work.take()
      pass.fill(rows: 0..<3, blocks: 1..<2)
      return [block, pass.work.take(), pass.weights.denseWork(at: 0)]
    }
    let changed = try withPass(over: change, work)
    let plain = try withPass(over: change.base.file(), work)
    // Width 64, keys and values 32, inner width 96; rank 4 takes a panel of 16.
    let sums = (inputs: 5 * 64 + 64 + 96, outputs: 64 + 32 + 32 + 64 + 96 + 96 + 64)
    #expect(changed[0].macs - plain[0].macs == 3 * 4 * (sums.inputs + sums.outputs))
    #expect(changed[0].bytes - plain[0].bytes == 2 * (16 * sums.inputs + 4 * sums.outputs))
    #expect(changed[1].macs - plain[1].macs == 3 * 4 * (2 * 64 + 2 * 32))
    #expect(changed[1].bytes - plain[1].bytes == 2 * (16 * 2 * 64 + 4 * 2 * 32))
    #expect(changed[2].macs - plain[2].macs == 4 * 4 * (sums.inputs + sums.outputs))
  }

  @Test func `what does not fit is refused by name`() throws {
    let change = TinyLowRank(base: TinyModel(seed: 27))
    let name = "blk.1.attn_q.weight.lora_a"
    func refusal(_ edit: (inout [String: TinyLowRank.Tensor]) -> Void) -> ModelError? {
      do {
        _ = try withPass(over: change, edit: edit) { $0.rowCapacity }
        return nil
      } catch { return error as? ModelError }
    }
    #expect(refusal { _ in } == nil)
    let half = refusal { $0[name] = nil }
    #expect(half?.code == .missingTensor && half?.place == "blk.1.attn_q.weight.lora_b")
    let wide = refusal { $0[name]?.shape = [32, 8] }
    #expect(wide?.code == .badShape)
    for stranger in ["token_embd.weight.lora_a", "blk.4.attn_q.weight.lora_a", "blk.0.x", "other"] {
      let unknown = refusal { $0[stranger] = $0[name] }
      #expect(unknown?.code == .unsupportedTensor && unknown?.place == stranger)
    }
    let empty = refusal { $0 = $0.filter { $0.key.hasPrefix("exit.") } }
    #expect(empty?.code == .missingTensor)
  }
}

/// Calls `body` with a pass over a changed model; its pool is dismissed afterwards.
private func withPass<Result>(
  over change: TinyLowRank, kernels: KernelSet = .best, workers: Int = 1,
  edit: (inout [String: TinyLowRank.Tensor]) -> Void = { _ in },
  _ body: (ForwardPass) throws -> Result
) throws -> Result {
  let pool = ThreadPool(count: workers)
  defer { pool.dismiss() }
  let weights = try Weights(file: change.base.file(), pool: pool)
  let exits = try ExitModules(file: change.file(edit), weights: weights, pool: pool)
  return try body(
    ForwardPass(
      ModelRuntime(weights: weights, exits: exits, kernels: kernels, pool: pool), capacity: 300,
      rowCapacity: 40))
}
