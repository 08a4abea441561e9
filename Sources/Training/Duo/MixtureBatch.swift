import Dials
import Kernels
import Transformer

/// A text of a step of routers.
struct MixedText {
  let tokens: [TokenID]
  /// Its rows with a loss.
  let targets: [LossTarget]
  /// Those whose feed-forwards are mixtures, ascending.
  let mixed: [Int]
}

/// The frozen base and small feed-forwards with the routers that are trained.
struct MixtureModel {
  let model: DuoModel
  let routers: RouterParameters
  /// τ.
  let sharpness: Float

  /// A pass of texts in one thread's memory; `pull` is the gradient of the budget's term for each share.
  func pass(
    _ texts: [MixedText], in space: DuoWorkspace, _ own: MixtureWorkspace, pull: Float
  ) -> BasePass {
    BasePass(
      texts.map(\.tokens), base: model.base, trained: .none, blas: model.blas, space: space.base,
      routing: .soft(
        SoftRouting(
          modules: model.modules, routers: routers, space: space.small, own: own,
          rows: Self.rows(of: texts), sharpness: sharpness, pull: pull)))
  }

  private static func rows(of texts: [MixedText]) -> SoftRouting.Rows {
    var (mixed, live, dead): ([Int], [Int], [Int]) = ([], [], [])
    var start = 0
    for text in texts {
      let own = Set(text.mixed)
      for row in text.tokens.indices {
        if own.contains(row) {
          mixed.append(start + row)
        } else if row >= text.mixed.first ?? .max {
          live.append(start + row)
        } else {
          dead.append(start + row)
        }
      }
      start += text.tokens.count
    }
    return SoftRouting.Rows(
      all: mixed + live + dead, mixedCount: mixed.count, liveCount: mixed.count + live.count)
  }
}

/// The work of one step of routers, or only the shares that it begins with: each gradient accumulator takes
/// its share of the texts in order.
final class MixtureBatch: PoolTask {
  /// What a whole step needs.
  struct Loss {
    let teacher: TeacherGuard
    /// The gradient of the budget's term for each share.
    let pull: Float
  }

  private let mixture: MixtureModel
  private let texts: [MixedText]
  private let rowsAtOnce: Int
  private let loss: Loss?
  private let spaces: [(DuoWorkspace, MixtureWorkspace)]
  /// Per accumulator: the sum of the shares, the divergence from the whole model, and its positions.
  private let sums: Matrix
  private let memory: [AlignedBytes]

  /// A step, or only its shares where there is no loss; `spaces` has memory for each thread.
  init(
    _ mixture: MixtureModel, texts: [MixedText], rowsAtOnce: Int, loss: Loss?,
    spaces: [(DuoWorkspace, MixtureWorkspace)]
  ) {
    self.mixture = mixture
    self.texts = texts
    self.rowsAtOnce = rowsAtOnce
    self.loss = loss
    self.spaces = spaces
    let arena = Arena()
    sums = Matrix(Parameters.accumulatorCount, 3, in: arena)
    memory = arena.pieces
  }

  /// How many shares there are: one for each mixed row and block.
  var shareCount: Int {
    texts.reduce(0) { $0 + $1.mixed.count } * mixture.model.base.blueprint.blockCount
  }
  /// The mean share of big feed-forwards.
  var share: Double { sum(0) / Double(max(1, shareCount)) }
  /// The mean divergence from the whole model, in nats.
  var divergence: Double { sum(1) / max(1, sum(2)) }

  private func sum(_ column: Int) -> Double {
    (0..<sums.rows).reduce(0) { $0 + Double(sums[$1][column]) }
  }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    let (space, own) = spaces[worker.index]
    pool.share(sums.rows, chunk: 1, by: &worker) { part in
      for accumulator in part {
        let texts = stride(from: accumulator, to: self.texts.count, by: sums.rows).map {
          self.texts[$0]
        }
        for pack in texts.packed(rows: rowsAtOnce, { $0.tokens.count }) {
          run(pack, accumulator, space, own)
        }
      }
    }
  }

  /// Forward, and with a loss backward, of some texts together.
  private func run(
    _ texts: [MixedText], _ accumulator: Int, _ space: DuoWorkspace, _ own: MixtureWorkspace
  ) {
    let pass = mixture.pass(texts, in: space, own, pull: loss?.pull ?? 0)
    pass.forward()
    sums[accumulator][0] += Float(own.shareSum(rows: texts.reduce(0) { $0 + $1.mixed.count }))
    guard let loss else { return }
    let targets = pass.targets(texts.map(\.targets))
    let gradient = space.base.streamGradient.prefix(pass.count)
    gradient.clear()
    let found = HeadLoss(head: mixture.model.base.head, blas: mixture.model.blas, space: space.head)
      .sums(
        space.base.stream.prefix(pass.count), targets, weight: 0, guard: loss.teacher,
        gradient: gradient)
    sums[accumulator][1] += Float(found.divergence)
    sums[accumulator][2] += Float(targets.count)
    pass.backward(exits: [], accumulator: accumulator)
  }
}
