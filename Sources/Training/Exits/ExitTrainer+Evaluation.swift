import Kernels

/// How one exit does on positions that it was not trained on.
package struct ExitScore: Hashable, Sendable {
  /// One position as the exit sees it.
  package struct Sample: Hashable, Sendable {
    /// The probability of its most probable token.
    package var confidence: Float
    /// Whether that is the last layer's.
    package var agrees: Bool
    /// The same of the short head's most probable token, among the short head's.
    package var shortConfidence: Float
    /// Whether that is the last layer's.
    package var shortAgrees: Bool
  }

  /// Blocks executed before the exit.
  package var depth: Int
  /// The mean divergence from the last layer, in nats.
  package var divergence: Double
  /// The positions.
  package var samples: [Sample]

  /// How often the exit's most probable token is the last layer's.
  package var agreement: Double {
    samples.isEmpty ? 0 : Double(samples.count { $0.agrees }) / Double(samples.count)
  }
}

extension ExitTrainer {
  /// Looks at the first `limit` held-out positions with the whole vocabulary.
  package func evaluate(limit: Int = 2048) -> [ExitScore] {
    evaluate(Array(cache.heldOutRange.prefix(limit)))
  }

  /// Looks at these positions with the whole vocabulary.
  func evaluate(_ positions: [Int]) -> [ExitScore] {
    let survey = Survey(self, positions: positions)
    crew.run(survey)
    return survey.scores
  }
}

/// The head over many positions, shared out by exit and by piece of the positions.
private final class Survey: CrewTask {
  private let trainer: ExitTrainer
  private let positions: [Int]
  private let pieceCount: Int
  /// Confidence, short confidence, agreement, short agreement per exit and position.
  private let marks: Matrix
  /// The sum of divergences per exit and piece.
  private let sums: Matrix
  private let memory: [AlignedBytes]
  /// For each token whether it is in the short head.
  private let isFrequent: [Bool]

  /// Positions whose logits are there at once.
  private let pieceSize: Int

  init(_ trainer: ExitTrainer, positions: [Int]) {
    self.trainer = trainer
    self.positions = positions
    let exits = trainer.settings.modules.count
    pieceSize = min(64, trainer.settings.shardRows)
    pieceCount = (positions.count + pieceSize - 1) / pieceSize
    let arena = Arena()
    marks = Matrix(max(1, exits * positions.count), 4, in: arena)
    sums = Matrix(max(1, exits), max(1, pieceCount), in: arena)
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
      let sum = (0..<pieceCount).reduce(0.0) { $0 + Double(sums[exit][$1]) }
      return ExitScore(
        depth: module.depth, divergence: sum / Double(max(1, positions.count)), samples: samples)
    }
  }

  func run(as member: inout CrewMember, of crew: WorkCrew) {
    let place = member.index
    let arena = Arena()
    let logits = Matrix(pieceSize, trainer.head.vocabularyCount, in: arena)
    crew.share(trainer.settings.modules.count * pieceCount, chunk: 1, by: &member) { part in
      for item in part {
        run(exit: item / pieceCount, piece: item % pieceCount, member: place, logits: logits)
      }
    }
    withExtendedLifetime(arena) {}
  }

  private func run(exit: Int, piece: Int, member: Int, logits: Matrix) {
    let module = trainer.settings.modules[exit]
    guard let w = trainer.tensors(of: module) else { return }
    let start = piece * pieceSize
    let own = positions[start..<min(start + pieceSize, positions.count)]
    let space = trainer.workspaces[member]
    let scratch = ExitScratch(
      rows: own.count, width: trainer.head.width, inner: module.kind.inner, in: space.slab)
    let named = trainer.cache.description.named
    trainer.cache.readStreams(own, exit: exit, into: scratch.stream)
    trainer.cache.readTargets(own, ids: &space.ids, probabilities: &space.probabilities)
    ExitShape.forward(trainer.blas, w, epsilon: trainer.head.epsilon, scratch)
    let z = logits.prefix(own.count)
    trainer.blas.multiply(scratch.output, byTransposed: trainer.head.matrix, into: z)
    for (row, index) in own.indices.enumerated() {
      mark(z[row], teacher: space.ids[row * named], in: marks[exit * positions.count + index])
    }
    sums[exit][piece] = Float(
      space.ids.withUnsafeBufferPointer { ids in
        space.probabilities.withUnsafeBufferPointer { probabilities in
          guard let ids = ids.baseAddress, let p = probabilities.baseAddress else { return 0 }
          return Divergence.slope(z, columns: ids, probabilities: p, named: named, weight: 0)
        }
      })
  }

  private func mark(
    _ z: UnsafeMutablePointer<Float>, teacher: Int32, in mark: UnsafeMutablePointer<Float>
  ) {
    var (best, bestShort) = (0, -1)
    for id in isFrequent.indices {
      if z[id] > z[best] { best = id }
      if isFrequent[id], bestShort < 0 || z[id] > z[bestShort] { bestShort = id }
    }
    var (sum, shortSum) = (Float(0), Float(0))
    for id in isFrequent.indices where z[id] > z[best] - 20 {
      let power = SIMD8(repeating: z[id] - z[best]).exponential[0]
      sum += power
      if isFrequent[id] { shortSum += power }
    }
    mark[0] = 1 / sum
    mark[2] = Int32(best) == teacher ? 1 : 0
    guard bestShort >= 0, shortSum > 0 else { return }
    mark[1] = SIMD8(repeating: z[bestShort] - z[best]).exponential[0] / shortSum
    mark[3] = Int32(bestShort) == teacher ? 1 : 0
  }
}
