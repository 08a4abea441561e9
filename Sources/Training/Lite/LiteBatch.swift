import Dials
import Kernels

/// A text of a step and its rows with a loss.
struct LiteText {
  let tokens: [TokenID]
  let targets: [LossTarget]
}

/// The work of one step: each gradient accumulator takes its share of the texts in order.
final class LiteBatch: PoolTask {
  private let model: LiteModel
  private let settings: LiteTraining
  private let texts: [LiteText]
  private let teacher: TeacherGuard?
  private let spaces: [LiteWorkspace]
  /// The exits with a loss, as indices.
  private let activeExits: [Int]
  /// Per accumulator: the losses of the exits, of full depth, of the guard, and the positions.
  private let sums: Matrix
  private let memory: [AlignedBytes]

  /// Step `step`, 0 for the first; `spaces` has a workspace for each thread.
  init(
    _ model: LiteModel, _ settings: LiteTraining, step: Int, texts: [LiteText],
    guard teacher: TeacherGuard?, spaces: [LiteWorkspace]
  ) {
    self.model = model
    self.settings = settings
    self.texts = texts
    self.teacher = teacher
    self.spaces = spaces
    activeExits = settings.activeExits(step: step)
    let arena = Arena()
    sums = Matrix(settings.accumulatorCount, settings.exits.count + 3, in: arena)
    memory = arena.pieces
  }

  /// What the step came to, without the optimiser's part.
  var report: LiteTrainer.StepReport {
    let exits = settings.exits.count
    func total(_ column: Int) -> Double {
      (0..<sums.rows).reduce(0.0) { $0 + Double(sums[$1][column]) }
    }
    let count = max(1, total(exits + 2))
    return LiteTrainer.StepReport(
      step: 0, exitLosses: (0..<exits).map { activeExits.contains($0) ? total($0) / count : nil },
      lastLoss: total(exits) / count, guardLoss: total(exits + 1) / count, gradientNorm: 0,
      tokenCount: texts.reduce(0) { $0 + $1.tokens.count })
  }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    let space = spaces[worker.index]
    pool.share(settings.accumulatorCount, chunk: 1, by: &worker) { part in
      for accumulator in part {
        for texts in packs(ofAccumulator: accumulator) {
          run(texts, accumulator: accumulator, space: space)
        }
      }
    }
  }

  /// The texts of an accumulator, as many together as there are rows for.
  private func packs(ofAccumulator accumulator: Int) -> [[LiteText]] {
    stride(from: accumulator, to: texts.count, by: settings.accumulatorCount)
      .map { texts[$0] }
      .packed(rows: settings.rowsAtOnce) { $0.tokens.count }
  }

  /// Forward, losses and backward of some texts together.
  private func run(_ texts: [LiteText], accumulator: Int, space: LiteWorkspace) {
    let pass = model.pass(texts.map(\.tokens), in: space)
    pass.forward()
    let targets = pass.targets(texts.map(\.targets))
    let exits = activeExits.map { exit in
      let gradient = space.exitGradients[exit].prefix(pass.count)
      let loss = loss(
        of: targets, after: settings.exits[exit], weight: settings.exitWeights[exit],
        gradient: gradient, space: space)
      sums[accumulator][exit] += Float(loss.crossEntropy)
      return (depth: settings.exits[exit], gradient: gradient)
    }
    let last = loss(
      of: targets, after: model.base.blocks.count, weight: settings.lastWeight, guard: teacher,
      gradient: space.base.streamGradient.prefix(pass.count), space: space)
    let column = settings.exits.count
    sums[accumulator][column] += Float(last.crossEntropy)
    sums[accumulator][column + 1] += Float(last.divergence)
    sums[accumulator][column + 2] += Float(targets.count)
    pass.backward(exits: exits, accumulator: accumulator)
  }

  /// The loss after `depth` blocks; `gradient` becomes its gradient.
  private func loss(
    of targets: [LossTarget], after depth: Int, weight: Float, guard teacher: TeacherGuard? = nil,
    gradient: Matrix, space: LiteWorkspace
  ) -> HeadLoss.Sums {
    gradient.clear()
    return model.loss(in: space).sums(
      space.base.stream(after: depth, rows: gradient.rows), targets, weight: weight,
      guard: teacher, gradient: gradient)
  }
}
