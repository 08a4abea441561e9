import Kernels

/// Losses of texts with the model as it stands, text by text and without gradients.
final class LiteSurvey: PoolTask {
  private let model: LiteModel
  private let exits: [Int]
  private let texts: [LiteText]
  private let spaces: [LiteWorkspace]
  /// Per text: the losses of the exits, of full depth, the right predictions of full depth, and the
  /// positions.
  private let sums: Matrix
  private let memory: [AlignedBytes]

  /// The losses of `texts` at `exits` and at full depth; `spaces` has a workspace for each thread.
  init(_ model: LiteModel, exits: [Int], texts: [LiteText], spaces: [LiteWorkspace]) {
    self.model = model
    self.exits = exits
    self.texts = texts
    self.spaces = spaces
    let arena = Arena()
    sums = Matrix(max(1, texts.count), exits.count + 3, in: arena)
    memory = arena.pieces
  }

  /// The sum of a column over the positions.
  private func mean(_ column: Int) -> Double {
    func total(_ column: Int) -> Double {
      (0..<sums.rows).reduce(0.0) { $0 + Double(sums[$1][column]) }
    }
    return total(column) / max(1, total(exits.count + 2))
  }

  /// The mean losses of the exits and, last, of full depth, in nats.
  var losses: [Double] { (0...exits.count).map(mean) }

  /// How often the token that follows is the most probable one at full depth, 0...1.
  var accuracy: Double { mean(exits.count + 1) }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    let space = spaces[worker.index]
    pool.share(texts.count, chunk: 1, by: &worker) { part in
      for index in part { run(index, space: space) }
    }
  }

  private func run(_ index: Int, space: LiteWorkspace) {
    let text = texts[index]
    model.pass([text.tokens], in: space).forward()
    for (column, depth) in (exits + [model.base.blocks.count]).enumerated() {
      let stream = space.base.stream(after: depth, rows: text.tokens.count)
      let loss = model.loss(in: space).sums(stream, text.targets, weight: 1, gradient: nil)
      sums[index][column] = Float(loss.crossEntropy)
      sums[index][exits.count + 1] = Float(loss.hits)
    }
    sums[index][exits.count + 2] = Float(text.targets.count)
  }
}
