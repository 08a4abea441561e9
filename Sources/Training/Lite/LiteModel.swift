import Dials
import Kernels

/// What LITE trains: the base, and the trained form of its projections.
struct LiteModel {
  let base: BaseModel
  let trained: TrainedProjections
  let blas: BLAS

  /// A pass of texts in one thread's memory.
  func pass(_ texts: [[TokenID]], in space: LiteWorkspace) -> BasePass {
    BasePass(texts, base: base, trained: trained, blas: blas, space: space.base)
  }

  /// Losses in one thread's memory.
  func loss(in space: LiteWorkspace) -> HeadLoss {
    HeadLoss(head: base.head, blas: blas, space: space.head)
  }
}

/// The memory of one thread.
struct LiteWorkspace {
  let base: BaseWorkspace
  let head: HeadWorkspace
  /// Gradients of the streams at the exits, [n, width] each.
  let exitGradients: [Matrix]
  private let memory: [AlignedBytes]

  init(_ base: BaseModel, _ settings: LiteTraining) {
    let rows = settings.rowsAtOnce
    self.base = BaseWorkspace(base, rows: rows, length: settings.length, rank: settings.rank)
    head = HeadWorkspace(base.head, rows: rows, hasGuard: settings.guardWeight > 0)
    let arena = Arena()
    exitGradients = settings.exits.map { _ in Matrix(rows, base.head.width, in: arena) }
    memory = arena.pieces
  }
}
