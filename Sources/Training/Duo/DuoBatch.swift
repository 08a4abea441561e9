import Dials
import Kernels
import Transformer

/// A text of a step: its rows with a loss, and those that take small feed-forwards.
struct DuoText {
  let tokens: [TokenID]
  let targets: [LossTarget]
  /// The first row that a small feed-forward can change.
  let firstLive: Int
  /// Per block, ascending.
  let small: [[Int]]

  /// Per block those of `positions` that are small: in the whole text one share, which is drawn from
  /// `shares`, and each row and block by itself.
  static func pattern(
    of positions: [Int], blockCount: Int, shares: ClosedRange<Float>,
    using generator: inout CounterGenerator
  ) -> [[Int]] {
    let width = shares.upperBound - shares.lowerBound
    let share = shares.lowerBound + width * generator.nextUniform()
    return (0..<blockCount).map { _ in
      positions.filter { _ in generator.nextUniform() < share }
    }
  }
}

/// The work of one step: each gradient accumulator takes its share of the texts in order.
final class DuoBatch: PoolTask {
  private let model: DuoModel
  private let texts: [DuoText]
  private let rowsAtOnce: Int
  private let teacher: TeacherGuard
  private let spaces: [DuoWorkspace]
  /// Per accumulator: the divergence from the whole model, and the positions.
  private let sums: Matrix
  private let memory: [AlignedBytes]

  /// A step; `spaces` has a workspace for each thread.
  init(
    _ model: DuoModel, texts: [DuoText], rowsAtOnce: Int, teacher: TeacherGuard,
    spaces: [DuoWorkspace]
  ) {
    self.model = model
    self.texts = texts
    self.rowsAtOnce = rowsAtOnce
    self.teacher = teacher
    self.spaces = spaces
    let arena = Arena()
    sums = Matrix(Parameters.accumulatorCount, 2, in: arena)
    memory = arena.pieces
  }

  /// The mean divergence from the whole model, in nats.
  var loss: Double {
    let rows = 0..<sums.rows
    let count = rows.reduce(0.0) { $0 + Double(sums[$1][1]) }
    return rows.reduce(0.0) { $0 + Double(sums[$1][0]) } / max(1, count)
  }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    let space = spaces[worker.index]
    pool.share(sums.rows, chunk: 1, by: &worker) { part in
      for accumulator in part {
        for texts in packs(ofAccumulator: accumulator) {
          run(texts, accumulator: accumulator, space: space)
        }
      }
    }
  }

  /// The texts of an accumulator, as many together as there are rows for.
  private func packs(ofAccumulator accumulator: Int) -> [[DuoText]] {
    let own = stride(from: accumulator, to: texts.count, by: sums.rows).map { texts[$0] }
    return own.packed(rows: rowsAtOnce) { $0.tokens.count }
  }

  /// Forward, losses and backward of some texts together.
  private func run(_ texts: [DuoText], accumulator: Int, space: DuoWorkspace) {
    let pass = model.pass(texts, in: space)
    pass.forward()
    let targets = pass.targets(texts.map(\.targets))
    let gradient = space.base.streamGradient.prefix(pass.count)
    gradient.clear()
    let loss = HeadLoss(head: model.base.head, blas: model.blas, space: space.head).sums(
      space.base.stream.prefix(pass.count), targets, weight: 0, guard: teacher, gradient: gradient)
    sums[accumulator][0] += Float(loss.divergence)
    sums[accumulator][1] += Float(targets.count)
    pass.backward(exits: [], accumulator: accumulator)
  }
}

/// The frozen base with the small feed-forwards that are trained.
struct DuoModel {
  let base: BaseModel
  let modules: SmallModules
  let blas: BLAS
  /// Nothing of the base is trained.
  private let trained = TrainedProjections.none

  init(base: BaseModel, modules: SmallModules, blas: BLAS) {
    self.base = base
    self.modules = modules
    self.blas = blas
  }

  /// A pass of texts in one thread's memory.
  func pass(_ texts: [DuoText], in space: DuoWorkspace) -> BasePass {
    BasePass(
      texts.map(\.tokens), base: base, trained: trained, blas: blas, space: space.base,
      routing: .hard(
        SmallRouting(
          modules: modules, space: space.small,
          rows: base.blocks.indices.map { rows(of: texts, block: $0) })))
  }

  /// The rows of a pass of these texts by what they take in a block.
  private func rows(of texts: [DuoText], block: Int) -> SmallRouting.Rows {
    var rows = SmallRouting.Rows()
    var dead: [Int] = []
    var start = 0
    for text in texts {
      let small = Set(text.small[block])
      for row in text.tokens.indices {
        if small.contains(row) {
          rows.small.append(start + row)
        } else if row >= text.firstLive {
          rows.big.append(start + row)
        } else {
          dead.append(start + row)
        }
      }
      start += text.tokens.count
    }
    rows.liveCount = rows.big.count
    rows.big += dead
    return rows
  }
}

/// The memory of one thread.
struct DuoWorkspace {
  let base: BaseWorkspace
  let small: SmallWorkspace
  let head: HeadWorkspace

  init(_ base: BaseModel, shape: SmallFeedForwardShape, rows: Int, length: Int) {
    self.base = BaseWorkspace(base, rows: rows, length: length, rank: 0)
    small = SmallWorkspace(shape, blockCount: base.blueprint.blockCount, rows: rows)
    head = HeadWorkspace(base.head, rows: rows, hasGuard: true)
  }
}
