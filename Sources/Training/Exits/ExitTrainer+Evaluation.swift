import Kernels
import Transformer

/// How one exit agrees with the teacher, the base at full depth, on some positions.
package struct ExitScore: Hashable, Sendable {
  /// One position as the exit sees it.
  package struct Sample: Hashable, Sendable {
    /// The probability of the exit's most probable token.
    package var confidence: Float
    /// Whether that is the teacher's.
    package var agrees: Bool
    /// The probability that the reduced-vocabulary head gives to its most probable token.
    package var shortConfidence: Float
    /// Whether that is the teacher's.
    package var shortAgrees: Bool
  }

  /// Blocks executed before the exit.
  package var depth: Int
  /// The mean divergence from the teacher, in nats.
  package var divergence: Double
  /// The positions.
  package var samples: [Sample]

  /// The share of positions where the exit's most probable token is the teacher's.
  package var agreement: Double {
    samples.isEmpty ? 0 : Double(samples.count { $0.agrees }) / Double(samples.count)
  }
}

extension ExitTrainer {
  /// The scores on the first `limit` held-out positions, with the whole vocabulary.
  package func evaluate(limit: Int = 2048) -> [ExitScore] {
    evaluate(Array(cache.heldOutRange.prefix(limit)))
  }

  /// The scores on these positions, with the whole vocabulary.
  func evaluate(_ positions: [Int]) -> [ExitScore] {
    let survey = Survey(self, positions: positions)
    pool.run(survey)
    return survey.scores
  }
}

/// The head over many positions, shared out by exit and by chunk of the positions.
private final class Survey: PoolTask {
  private let trainer: ExitTrainer
  private let positions: [Int]
  private let chunkCount: Int
  /// Confidence, reduced-vocabulary confidence, and both agreements, per exit and position.
  private let marks: Matrix
  /// The sum of divergences per exit and chunk.
  private let sums: Matrix
  private let memory: [AlignedBytes]
  /// For each token whether it is in the reduced-vocabulary head.
  private let isFrequent: [Bool]

  /// Positions whose logits are there at once.
  private let chunkSize: Int

  init(_ trainer: ExitTrainer, positions: [Int]) {
    self.trainer = trainer
    self.positions = positions
    let exits = trainer.settings.modules.count
    chunkSize = min(64, trainer.settings.shardRows)
    chunkCount = (positions.count + chunkSize - 1) / chunkSize
    let arena = Arena()
    marks = Matrix(max(1, exits * positions.count), 4, in: arena)
    sums = Matrix(max(1, exits), max(1, chunkCount), in: arena)
    memory = arena.pieces
    var isFrequent = [Bool](repeating: false, count: trainer.head.vocabularyCount)
    for id in trainer.shortlist { isFrequent[Int(id)] = true }
    self.isFrequent = isFrequent
  }

  var scores: [ExitScore] {
    trainer.settings.modules.enumerated().map { exit, module in
      let samples = positions.indices.map { index in
        let mark = marks[exit * positions.count + index]
        return ExitScore.Sample(
          confidence: mark[0], agrees: mark[2] > 0, shortConfidence: mark[1],
          shortAgrees: mark[3] > 0)
      }
      let sum = (0..<chunkCount).reduce(0.0) { $0 + Double(sums[exit][$1]) }
      return ExitScore(
        depth: module.depth, divergence: sum / Double(max(1, positions.count)), samples: samples)
    }
  }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    let space = trainer.workspaces[worker.index]
    let arena = Arena()
    let logits = Matrix(chunkSize, trainer.head.vocabularyCount, in: arena)
    pool.share(trainer.settings.modules.count * chunkCount, chunk: 1, by: &worker) { part in
      for item in part {
        run(exit: item / chunkCount, chunk: item % chunkCount, space: space, logits: logits)
      }
    }
    withExtendedLifetime(arena) {}
  }

  private func run(exit: Int, chunk: Int, space: ExitWorkspace, logits: Matrix) {
    let module = trainer.settings.modules[exit]
    guard let pass = trainer.pass(of: module) else { return }
    let start = chunk * chunkSize
    let own = positions[start..<min(start + chunkSize, positions.count)]
    let activations = space.activations(of: module, rows: own.count)
    trainer.cache.readStreams(own, exit: exit, into: activations.stream)
    let teacher = trainer.cache.teacherTopK(own)
    pass.forward(activations)
    let z = logits.prefix(own.count)
    trainer.blas.multiply(activations.output, byTransposed: trainer.head.matrix, into: z)
    for (row, index) in own.indices.enumerated() {
      let best = teacher.ids[row * trainer.cache.description.topK]
      mark(z[row], teacher: best, in: marks[exit * positions.count + index])
    }
    sums[exit][chunk] = Float(
      Divergence.gradient(
        z, columns: teacher.ids, probabilities: teacher.probabilities,
        weights: Array(repeating: 0, count: z.rows)))
  }

  private func mark(
    _ z: UnsafeMutablePointer<Float>, teacher: Int32, in mark: UnsafeMutablePointer<Float>
  ) {
    var (best, bestFrequent) = (0, -1)
    for id in isFrequent.indices {
      if z[id] > z[best] { best = id }
      if isFrequent[id], bestFrequent < 0 || z[id] > z[bestFrequent] { bestFrequent = id }
    }
    var (sum, frequentSum) = (Float(0), Float(0))
    for id in isFrequent.indices where z[id] > z[best] - 20 {
      let power = SIMD8(repeating: z[id] - z[best]).exponential[0]
      sum += power
      if isFrequent[id] { frequentSum += power }
    }
    mark[0] = 1 / sum
    mark[2] = Int32(best) == teacher ? 1 : 0
    guard bestFrequent >= 0, frequentSum > 0 else { return }
    mark[1] = SIMD8(repeating: z[bestFrequent] - z[best]).exponential[0] / frequentSum
    mark[3] = Int32(bestFrequent) == teacher ? 1 : 0
  }
}
