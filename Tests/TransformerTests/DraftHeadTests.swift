import Dials
import Foundation
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// A trained draft head at run time, and what of a file is refused.
struct DraftHeadTests {
  private func runtime(
    _ tiny: TinyModel, threads: Int = 1, kernels: KernelSet = .best
  ) throws -> ModelRuntime {
    let pool = ThreadPool(count: threads)
    return ModelRuntime(
      weights: try Weights(file: tiny.file(), pool: pool), kernels: kernels, pool: pool)
  }

  private func state(_ width: Int, seed: UInt64) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<width).map { _ in generator.nextNormal() * 3 }
  }

  private func read(_ head: DraftHead, _ state: [Float], _ token: Int) -> DraftHead.Reading {
    state.withUnsafeBufferPointer { head.read(state: $0, token: TokenID(token)) }
  }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func `a guess is what its definition says`(seed: UInt64) throws {
    let tiny = TinyModel(blockCount: 2, seed: seed)
    let runtime = try runtime(tiny)
    defer { runtime.pool.dismiss() }
    let tinyHead = TinyDraftHead(base: tiny, seed: seed)
    let head = try DraftHead(file: tinyHead.file(), runtime: runtime)
    let state = state(tiny.width, seed: seed)
    let token = 5 + Int(seed)
    let reading = read(head, state, token)
    let (expectedState, probabilities) = definition(
      tinyHead, state: state, embedding: embedding(of: token, runtime.weights))
    for (found, expected) in zip(reading.state, expectedState) {
      // Activations are rounded to sixteen bits of a group's largest one.
      #expect((Double(found) - expected).magnitude < 2e-3)
    }
    let order = tinyHead.tokens.indices.sorted { probabilities[$0] > probabilities[$1] }
    #expect(reading.tokens.first == TokenID(rawValue: tinyHead.tokens[order[0]]))
    for (found, place) in zip(reading.probabilities, order) {
      #expect((Double(found) - probabilities[place]).magnitude < 3e-3)
    }
  }

  @Test func `a guess has the same bits on any threads and kernels`() throws {
    let tiny = TinyModel(blockCount: 2, seed: 3)
    let state = state(tiny.width, seed: 4)
    var seen: Set<[UInt32]> = []
    for kernels in KernelSet.names.compactMap(KernelSet.init(named:)) {
      for threads in [1, 3] {
        let runtime = try runtime(tiny, threads: threads, kernels: kernels)
        defer { runtime.pool.dismiss() }
        let head = try DraftHead(file: TinyDraftHead(base: tiny).file(), runtime: runtime)
        let first = read(head, state, 9)
        let second = read(head, first.state, 10)
        seen.insert((first.probabilities + second.state + second.probabilities).map(\.bitPattern))
      }
    }
    #expect(seen.count == 1)
  }

  @Test func `a head that is not whole is refused`() throws {
    let tiny = TinyModel(blockCount: 2)
    let runtime = try runtime(tiny)
    defer { runtime.pool.dismiss() }
    func refusal(_ change: (inout TinyDraftHead) -> Void) -> ModelError? {
      var head = TinyDraftHead(base: tiny)
      change(&head)
      do {
        _ = try DraftHead(file: head.file(), runtime: runtime)
        return nil
      } catch let error as ModelError { return error } catch { return nil }
    }
    #expect(refusal { _ in } == nil)
    for name in TinyDraftHead(base: tiny).matrices.map(\.name) {
      #expect(refusal { $0.missing = [name] }?.code == .missingTensor, "\(name)")
    }
    for key in ["fathom.draft.inner", "fathom.draft.chances", "fathom.draft.bounds"] {
      #expect(refusal { $0.missing = [key] }?.place == key)
    }
    #expect(refusal { $0.missing = ["fathom.shortlist"] } != nil)
    #expect(refusal { $0.bounds = [0.5, 0.1] }?.place == "fathom.draft.bounds")
    #expect(refusal { $0.chances = [0.1, 1.5, 0.2] }?.place == "fathom.draft.chances")
    #expect(refusal { $0.chances = Array(repeating: 0.1, count: 17) } != nil)
    #expect(refusal { $0.tokens = [100_000] } != nil)
    #expect(refusal { $0.base.blockCount = 3 }?.code == .badShape)
    // Exits are no draft head, nor the other way round.
    let exits = try TinyAdapter(base: tiny, depths: [1]).file()
    #expect(throws: ModelError.self) { try DraftHead(file: exits, runtime: runtime) }
    #expect(throws: ModelError.self) {
      try ExitModules(
        file: TinyDraftHead(base: tiny).file(), weights: runtime.weights, pool: runtime.pool)
    }
  }

  private func embedding(of token: Int, _ weights: Weights) -> [Double] {
    let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: weights.blueprint.width)
    defer { values.deallocate() }
    if let base = values.baseAddress { weights.embed(token, into: base) }
    return values.map { Double($0) }
  }

  /// The formula of `DraftShape` in double precision.
  private func definition(
    _ head: TinyDraftHead, state: [Float], embedding: [Double]
  ) -> (state: [Double], probabilities: [Double]) {
    func norm(_ x: [Double]) -> [Double] {
      let mean = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
      let scale = 1 / (mean + Double(DraftShape.epsilon)).squareRoot()
      return x.map { $0 * scale }
    }
    let matrices = Dictionary(uniqueKeysWithValues: head.matrices.map { ($0.name, $0) })
    func multiply(_ name: String, _ x: [Double]) -> [Double] {
      guard let matrix = matrices["draft.\(name).weight"] else { return [] }
      return stride(from: 0, to: matrix.values.count, by: matrix.columns).map { start in
        x.indices.reduce(0) { $0 + Double(matrix.values[start + $1]) * x[$1] }
      }
    }
    let before = norm(state.map { Double($0) })
    let input = before + norm(embedding)
    let inner = zip(multiply("ffn_gate", input), multiply("ffn_up", input)).map {
      $0 / (1 + exp(-$0)) * $1
    }
    let changed = zip(before, zip(multiply("linear", input), multiply("ffn_down", inner))).map {
      $0 + $1.0 + $1.1
    }
    let after = norm(changed)
    let logits = multiply("output", after)
    let powers = logits.map { exp($0 - (logits.max() ?? 0)) }
    let sum = powers.reduce(0, +)
    return (after, powers.map { $0 / sum })
  }
}
