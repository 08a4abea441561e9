package import GGUF
package import Kernels

/// The small feed-forwards of a model and their routers, ready for a pass (docs/ADAPTERS.md).
package struct SmallFeedForwards: Sendable {
  /// What the adapter's file says about itself.
  package let head: AdapterHead
  /// Where that file lies.
  package let path: String
  /// What the file says of them.
  package let facts: AdapterHead.Duo
  /// Their form.
  package let shape: SmallFeedForwardShape
  /// Block by block.
  let blocks: [SmallFeedForwardView]
  private let matrices: [PackedMatrix]
  private let memory: [AlignedBytes]

  /// Reads the small feed-forwards of an adapter's file for the base whose weights are given. Throws
  /// where the file is of another kind, where a tensor is missing, of another shape or belongs to
  /// nothing, and where the base is another model's shape.
  package init(file: GGUFFile, weights: Weights, pool: ThreadPool) throws(ModelError) {
    head = try AdapterHead(metadata: file.metadata)
    path = file.path
    guard let facts = head.duo else {
      throw ModelError(
        code: .badValue, place: file.path,
        message: "This adapter has no small feed-forwards. Give it with --adapter or --draft-head, "
          + "or train some with fathom tune duo.")
    }
    self.facts = facts
    try head.base.check(against: weights.blueprint, path: file.path)
    let shape = SmallFeedForwardShape(
      width: weights.blueprint.width, inner: facts.inner, rank: facts.rank)
    self.shape = shape
    let reader = TensorReader(file: file, pool: pool)
    let arena = Arena()
    var matrices: [PackedMatrix] = []
    var blocks: [SmallFeedForwardView] = []
    var known: Set<String> = []
    for block in weights.blocks.indices {
      var views: [SmallFeedForwardShape.Part: MatrixView] = [:]
      var vectors: [SmallFeedForwardShape.Part: [Float]] = [:]
      for part in shape.parts {
        let (name, extent) = (shape.name(part, block: block), shape.extent(of: part))
        known.insert(name)
        if part.isVector {
          vectors[part] = try reader.vector(name, extent.columns)
        } else {
          let packed = try reader.matrix(name, extent.rows, extent.columns)
          matrices.append(packed)
          views[part] = packed.view
        }
      }
      guard let gate = views[.ffnGate], let up = views[.ffnUp], let down = views[.ffnDown] else {
        continue
      }
      blocks.append(
        SmallFeedForwardView(
          gate: gate, up: up, linear: views[.linear], down: down,
          bias: UnsafePointer(arena.copy(vectors[.bias] ?? [])),
          routerWeight: UnsafePointer(arena.copy(vectors[.routerWeight] ?? [])),
          routerBias: vectors[.routerBias]?.first ?? 0))
    }
    if let other = file.tensors.first(where: { !known.contains($0.name) }) {
      throw ModelError(
        code: .unsupportedTensor, place: other.name,
        message:
          "The adapter's tensor \"\(other.name)\" is none of a small feed-forward. Left out in "
          + "silence it would give another model; use an adapter without it.")
    }
    self.blocks = blocks
    self.matrices = matrices
    memory = arena.pieces
  }
}

/// One block's small feed-forward and its router: what a pass reads. `SmallFeedForwardShape` has the
/// formula.
struct SmallFeedForwardView: Sendable, BitwiseCopyable {
  /// [inner, width], [inner, width], [rank, width], [width, inner + rank].
  let gate: MatrixView
  let up: MatrixView
  let linear: MatrixView?
  let down: MatrixView
  /// [width] each.
  nonisolated(unsafe) let bias: UnsafePointer<Float>
  nonisolated(unsafe) let routerWeight: UnsafePointer<Float>
  let routerBias: Float

  /// Gated units.
  var inner: Int { gate.rows }
  /// Of the matrices that read the stream one that takes quantised rows, if any does.
  var input: MatrixView { [gate, up, linear ?? gate].first { !$0.isFloat } ?? gate }

  /// What the feed-forward takes for one row.
  var work: Work {
    var work = Work()
    for matrix in [gate, up, linear, down].compactMap({ $0 }) {
      work.macs += matrix.macs
      work.bytes += matrix.byteCount
    }
    work.bytes += down.rows * MemoryLayout<Float>.size
    return work
  }

  /// What the router takes for one row.
  var routerWork: Work {
    var work = Work()
    work.macs = down.rows
    work.bytes = (down.rows + 1) * MemoryLayout<Float>.size
    return work
  }
}
