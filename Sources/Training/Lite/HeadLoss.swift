import Dials
import Kernels

/// A row of a pass with a loss.
struct LossTarget {
  /// Its row.
  var row: Int
  /// The token that follows.
  var token: TokenID
  /// Its share of the loss: every text weighs the same.
  var weight: Float
  /// Where the teacher's cache has the base's prediction.
  var teacherPosition = 0
}

/// The divergence from the base's predictions, which holds full depth to what it was.
struct TeacherGuard {
  /// The base's top-k predictions.
  let cache: HiddenCache
  /// The weight of the divergence.
  let weight: Float

  /// Where each text's positions begin in a cache, which holds held-out texts first, and the target
  /// positions of each text in order.
  static func offsets(of texts: [TrainingText], after heldOut: [TrainingText]) -> [Int] {
    var next = heldOut.reduce(0) { $0 + $1.targetCount }
    return texts.map { text in
      defer { next += text.targetCount }
      return next
    }
  }
}

/// The cross-entropy of a residual stream through the shared norm and head, and its gradient.
struct HeadLoss {
  /// The sums over the rows, in nats and without weights.
  struct Sums {
    var crossEntropy = 0.0
    /// The divergence from the base; 0 without a guard.
    var divergence = 0.0
    /// Rows whose token is the most probable one; counted where there is no gradient.
    var hits = 0
  }

  let head: FrozenHead
  let blas: BLAS
  let space: HeadWorkspace

  /// The loss of the rows `targets` of `stream`, [n, width]. The gradient of
  /// `Σ target.weight · (weight · cross-entropy + guard.weight · divergence)` is added to the same rows
  /// of `gradient`, if there is one.
  func sums(
    _ stream: Matrix, _ targets: [LossTarget], weight: Float, guard teacher: TeacherGuard? = nil,
    gradient: Matrix?
  ) -> Sums {
    let (rows, normed) = (space.stream.prefix(targets.count), space.normed.prefix(targets.count))
    for (row, target) in targets.enumerated() {
      rows[row].update(from: stream[target.row], count: head.width)
    }
    RMSNorm.forward(
      rows, gain: head.gain, epsilon: head.epsilon, into: normed, scales: space.scales)
    var sums = Sums()
    for start in stride(from: 0, to: targets.count, by: HeadWorkspace.logitRows) {
      let part = start..<min(start + HeadWorkspace.logitRows, targets.count)
      let z = space.logits.prefix(part.count)
      blas.multiply(normed.rows(part), byTransposed: head.matrix, into: z)
      if gradient == nil { sums.hits += hits(z, targets[part]) }
      addLosses(z, targets[part], weight: weight, teacher, to: &sums)
      if gradient != nil {
        blas.multiply(z, by: head.matrix, into: space.normedGradient.rows(part))
      }
    }
    if let gradient { addGradient(of: targets, to: gradient) }
    return sums
  }

  /// How many of `targets` have the greatest of the logits `z`.
  private func hits(_ z: Matrix, _ targets: ArraySlice<LossTarget>) -> Int {
    targets.enumerated().count { row, target in
      z[row][target.token.index] >= Sum.largest(z[row], count: z.columns)
    }
  }

  /// Replaces the logits `z` with the gradient of the losses.
  private func addLosses(
    _ z: Matrix, _ targets: ArraySlice<LossTarget>, weight: Float, _ teacher: TeacherGuard?,
    to sums: inout Sums
  ) {
    var guardGradient: Matrix?
    if let teacher, let logits = space.guardLogits?.prefix(z.rows) {
      logits.copy(z)
      let top = teacher.cache.teacherTopK(targets.map(\.teacherPosition))
      sums.divergence += Divergence.gradient(
        logits, columns: top.ids, probabilities: top.probabilities,
        weights: targets.map { teacher.weight * $0.weight })
      guardGradient = logits
    }
    sums.crossEntropy += CrossEntropy.gradient(
      z, targets: targets.map(\.token), weights: targets.map { weight * $0.weight })
    if let guardGradient { z.add(guardGradient) }
  }

  /// From the gradient of the normalised rows to that of the stream.
  private func addGradient(of targets: [LossTarget], to gradient: Matrix) {
    let rowGradient = space.streamGradient.prefix(targets.count)
    rowGradient.clear()
    RMSNorm.backward(
      space.normedGradient.prefix(targets.count), space.stream.prefix(targets.count),
      gain: head.gain, scales: space.scales, input: rowGradient, gain: nil)
    for (row, target) in targets.enumerated() {
      let (to, from) = (gradient[target.row], rowGradient[row])
      for i in 0..<head.width { to[i] += from[i] }
    }
  }
}

/// Memory for the losses of up to n rows; each buffer has one row for each target.
struct HeadWorkspace {
  /// The stream and its gradient, [n, width].
  let stream: Matrix
  let streamGradient: Matrix
  /// The normalised stream and its gradient, [n, width].
  let normed: Matrix
  let normedGradient: Matrix
  /// Reciprocal roots of the norm, [n, 1].
  let scales: Matrix
  /// Logits of some rows at a time, and the copy that the guard's divergence takes.
  let logits: Matrix
  let guardLogits: Matrix?
  private let memory: [AlignedBytes]

  /// Rows whose logits are there at once.
  static let logitRows = 384

  init(_ head: FrozenHead, rows: Int, hasGuard: Bool) {
    let arena = Arena()
    stream = Matrix(rows, head.width, in: arena)
    streamGradient = Matrix(rows, head.width, in: arena)
    normed = Matrix(rows, head.width, in: arena)
    normedGradient = Matrix(rows, head.width, in: arena)
    scales = Matrix(rows, 1, in: arena)
    logits = Matrix(Self.logitRows, head.vocabularyCount, in: arena)
    guardLogits = hasGuard ? Matrix(Self.logitRows, head.vocabularyCount, in: arena) : nil
    memory = arena.pieces
  }
}
