import Dials
import Kernels
import Transformer

/// Judges blocks on one sequence: what is lost without each, given what is left out already.
///
/// The sequence is read once with every stream kept. A candidate then starts from the stream before it,
/// so that the blocks below are computed once for all candidates. A row's bits do not depend on its
/// company (law 2), so the loss is that of a pass which never heard of the candidate.
struct CandidatePass {
  private let pass: ForwardPass

  /// A pass for sequences of up to `length` tokens.
  init(weights: Weights, length: Int, kernels: KernelSet, crew: WorkCrew) {
    pass = ForwardPass(
      weights: weights, capacity: 0, rowCapacity: length, kernels: kernels, crew: crew,
      keepsStreams: true)
  }

  /// Blocks of the model.
  var blockCount: Int { pass.blockCount }

  /// A sequence that lies in the pass.
  struct Reading {
    let tokens: [TokenID]
    let removed: BlockSet
  }

  /// Reads a sequence without the blocks `removed`.
  func read(_ tokens: [TokenID], without removed: BlockSet) -> Reading {
    pass.discard()
    for (index, token) in tokens.enumerated() {
      pass.append(
        Row(token: token, position: Position(index), parent: index == 0 ? nil : index - 1))
    }
    pass.run(rows: 0..<tokens.count, blocks: 0..<blockCount, pruned: removed, capture: true)
    return Reading(tokens: tokens, removed: removed)
  }

  /// The summed loss of the sequence as it was read, in nats. Only before the first `loss(of:without:)`
  /// of the reading: that one leaves other streams behind.
  func loss(of reading: Reading) -> Double {
    pass.losses(targets: Array(reading.tokens.dropFirst())).reduce(0, +)
  }

  /// The summed loss when `block`, which is not the first living one, is left out as well.
  func loss(of reading: Reading, without block: BlockIndex) -> Double {
    let below = (0..<block.rawValue).last { !reading.removed.contains(BlockIndex($0)) }
    guard let below else { preconditionFailure("the first block is no candidate") }
    let rows = 0..<reading.tokens.count
    pass.restore(rows: rows, after: below)
    pass.run(
      rows: rows, blocks: block.rawValue + 1..<blockCount, pruned: reading.removed)
    return loss(of: reading)
  }

  /// What each block did to the streams of a sequence that was read whole: the mean over its tokens of
  /// 1 − cos(input, output), for every block but the first.
  func influences(of reading: Reading) -> [BlockIndex: Double] {
    var influences: [BlockIndex: Double] = [:]
    for block in 1..<blockCount {
      let sum = reading.tokens.indices.reduce(0.0) { sum, row in
        let before = pass.capturedStream(row: row, after: block - 1)
        let after = pass.capturedStream(row: row, after: block)
        return sum + 1 - cosine(before, after)
      }
      influences[BlockIndex(block)] = sum / Double(reading.tokens.count)
    }
    return influences
  }

  private func cosine(
    _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>
  ) -> Double {
    var (dot, aa, bb) = (0.0, 0.0, 0.0)
    for index in a.indices {
      let (x, y) = (Double(a[index]), Double(b[index]))
      dot += x * y
      aa += x * x
      bb += y * y
    }
    return dot / max((aa * bb).squareRoot(), .leastNormalMagnitude)
  }
}
