import Dials
import GGUF
import Kernels
import TestSupport
import Transformer

/// The sets of kernels that this machine can run.
let kernelSets = KernelSet.names.compactMap { KernelSet(named: $0) }

/// Calls `body` with a pass over the model in `file`; its pool is dismissed afterwards.
func withPass<Result>(
  over file: GGUFFile, kernels: KernelSet = .best, workers: Int = 1, capacity: Int = 300,
  rowCapacity: Int = 40, keepsStreams: Bool = false, _ body: (ForwardPass) throws -> Result
) throws -> Result {
  let pool = ThreadPool(count: workers)
  defer { pool.dismiss() }
  return try body(
    ForwardPass(
      ModelRuntime(weights: Weights(file: file, pool: pool), kernels: kernels, pool: pool),
      capacity: capacity, rowCapacity: rowCapacity, keepsStreams: keepsStreams))
}

/// `count` random tokens of the tiny vocabulary.
func randomTokens(_ count: Int, using generator: inout SeededGenerator) -> [TokenID] {
  (0..<count).map { _ in TokenID(.random(in: 0..<300, using: &generator)) }
}

extension ForwardPass {
  /// The logits of these rows as bit patterns, however many there are.
  func logitBits(_ rows: some Sequence<Int>) -> [[UInt32]] {
    rows.map { row in logits(rows: [row])[0].map(\.bitPattern) }
  }

  /// Reads the next tokens in waves of these sizes (the last one repeats), and returns the logits
  /// after each as bit patterns.
  @discardableResult
  func read(
    _ tokens: some Collection<TokenID>, waves: [Int], pruned: BlockSet = .none,
    retrievesFrom: Int = .max
  ) -> [[UInt32]] {
    var rest = Array(tokens)[...]
    var sizes = waves[...]
    var bits: [[UInt32]] = []
    while !rest.isEmpty {
      let size = sizes.count > 1 ? sizes.removeFirst() : sizes.first ?? 1
      let part = rest.prefix(min(size, flightLimit))
      rest = rest.dropFirst(part.count)
      appendChain(part, retrievesFrom: max(0, retrievesFrom - cache.committedCount))
      run(rows: 0..<part.count, blocks: 0..<blockCount, route: Route(pruned: pruned))
      bits += logitBits(0..<part.count)
      commit(path: Array(0..<part.count), route: Route(pruned: pruned))
    }
    return bits
  }

  /// Plain decoding: one token at a time.
  @discardableResult
  func decode(
    _ tokens: some Collection<TokenID>, pruned: BlockSet = .none
  ) -> [[UInt32]] { read(tokens, waves: [1], pruned: pruned) }

  /// Keys and values of every committed position in every block.
  var cacheBits: [[UInt8]] {
    (0..<blockCount).flatMap { block in
      (0..<cache.committedCount).map { cache.bits(block: BlockIndex(block), slot: $0) }
    }
  }
}

extension [UInt32] {
  /// The floats of these bit patterns.
  var floats: [Float] { map { Float(bitPattern: $0) } }
}
