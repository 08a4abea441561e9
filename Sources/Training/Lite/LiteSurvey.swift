import Kernels

/// Losses of held-out texts with the model as it stands, text by text and without gradients.
final class LiteSurvey: PoolTask {
  private let model: LiteModel
  private let exits: [Int]
  private let texts: [TrainingText]
  private let spaces: [LiteWorkspace]
  /// Per text: the losses of the exits, of full depth, and the positions.
  private let sums: Matrix
  private let memory: [AlignedBytes]

  init(_ model: LiteModel, exits: [Int], texts: [TrainingText], spaces: [LiteWorkspace]) {
    self.model = model
    self.exits = exits
    self.texts = texts
    self.spaces = spaces
    let arena = Arena()
    sums = Matrix(max(1, texts.count), exits.count + 2, in: arena)
    memory = arena.pieces
  }

  /// The mean losses in nats.
  var means: (exits: [Double], last: Double) {
    func total(_ column: Int) -> Double {
      (0..<sums.rows).reduce(0.0) { $0 + Double(sums[$1][column]) }
    }
    let count = max(1, total(exits.count + 1))
    return (exits.indices.map { total($0) / count }, total(exits.count) / count)
  }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    let space = spaces[worker.index]
    pool.share(texts.count, chunk: 1, by: &worker) { part in
      for index in part { run(index, space: space) }
    }
  }

  private func run(_ index: Int, space: LiteWorkspace) {
    let text = texts[index]
    model.pass([text.tokens], in: space).forward()
    let targets = text.positions.map {
      LossTarget(row: $0, token: text.tokens[$0 + 1], weight: 1)
    }
    for (column, depth) in (exits + [model.base.blocks.count]).enumerated() {
      let stream = space.base.stream(after: depth, rows: text.tokens.count)
      let loss = model.loss(in: space).sums(stream, targets, weight: 1, gradient: nil)
      sums[index][column] = Float(loss.crossEntropy)
    }
    sums[index][exits.count + 1] = Float(targets.count)
  }
}
