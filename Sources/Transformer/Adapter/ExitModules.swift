package import GGUF
package import Kernels

/// What an adapter adds to its base, ready for a pass: exits, and changes of low rank of the blocks
/// (docs/ADAPTERS.md).
package struct ExitModules: Sendable {
  /// What the adapter's file says about itself.
  package let head: AdapterHead
  /// Where that file lies.
  package let path: String
  /// Its exits, by ascending depth.
  package let modules: [ExitModule]
  /// The short head, if it has one.
  package let shortHead: ShortHead?
  /// What it changes of the blocks, if it does: the base is then the model so changed.
  package let changes: LowRankChanges?

  /// The depths of the exits that have a gate, ascending.
  package var gatedDepths: [Int] { modules.filter(\.hasGate).map(\.depth) }

  /// The module after `depth` blocks.
  package func module(at depth: Int) -> ExitModule? { modules.first { $0.depth == depth } }

  /// Reads the exits of an adapter's file for the base whose weights are given. Throws where a tensor
  /// is missing or has another shape, and where the base is another model's shape.
  package init(file: GGUFFile, weights: Weights, pool: ThreadPool) throws(ModelError) {
    head = try AdapterHead(metadata: file.metadata)
    path = file.path
    let blueprint = weights.blueprint
    guard head.form != .draft else {
      throw ModelError(
        code: .badValue, place: file.path,
        message: "The adapter is a draft head: give it with --draft-head.")
    }
    try head.base.check(against: blueprint, path: file.path)
    let reader = TensorReader(file: file, pool: pool)
    var modules: [ExitModule] = []
    for exit in head.exits {
      modules.append(try ExitModule(exit, reader: reader, width: blueprint.width))
    }
    self.modules = modules
    changes = try LowRankChanges(file: file, alpha: head.alpha, blueprint: blueprint, pool: pool)
    guard changes != nil || head.form != .lora else {
      throw ModelError(
        code: .missingTensor, place: file.path,
        message:
          "The adapter says that it is a LoRA, but holds none. Train it again, or use another.")
    }
    shortHead =
      head.shortlist.isEmpty ? nil : ShortHead(tokens: head.shortlist, weights: weights, pool: pool)
  }
}

/// The rows of the LM head that belong to frequent tokens: a cheap look at the vocabulary, whose
/// probabilities are too high by what the others would have taken.
package struct ShortHead: Sendable {
  /// The tokens, in the order of the matrix's rows.
  package let tokens: [Int32]
  /// [tokens, width].
  package var matrix: MatrixView { packed.view }
  private let packed: PackedMatrix

  /// The rows of `tokens`.
  package init(tokens: [Int32], weights: Weights, pool: ThreadPool) {
    self.tokens = tokens
    packed = weights.headRows(tokens, pool: pool)
  }
}

/// A module between the residual stream after some blocks and the LM head, ready for a pass; `ExitShape`
/// has its formula.
package struct ExitModule: Sendable {
  /// Blocks executed before it.
  package let depth: Int
  /// RMSNorm gains before the head, [width].
  nonisolated(unsafe) let outputNorm: UnsafePointer<Float>
  /// Gains before the module and its gate, [width]; nil where there is neither.
  nonisolated(unsafe) let inputNorm: UnsafePointer<Float>?
  /// The weights of the gate, [width].
  nonisolated(unsafe) let gateWeights: UnsafePointer<Float>?
  let gateBias: Float
  /// [width, width], or what stands for it: B · A.
  let linear: MatrixView?
  let lowRank: (a: MatrixView, b: MatrixView)?
  /// [inner, width], [inner, width], [width, inner].
  let inner: (gate: MatrixView, up: MatrixView, down: MatrixView)?

  private let matrices: [PackedMatrix]
  private let memory: [AlignedBytes]

  /// Whether it has a gate.
  package var hasGate: Bool { gateWeights != nil }
  /// Whether it changes the stream.
  var changesStream: Bool { !matrices.isEmpty }
  /// Multiply-accumulates of the module for one row, without its gate.
  package var macs: Int { matrices.reduce(0) { $0 + $1.view.macs } }
  /// Bytes of its matrices.
  package var byteCount: Int { matrices.reduce(0) { $0 + $1.view.byteCount } }
  /// Rows of its largest inner state.
  var innerWidth: Int { matrices.map(\.rows).max() ?? 0 }

  fileprivate init(
    _ exit: AdapterHead.Exit, reader: TensorReader, width: Int
  ) throws(ModelError) {
    let shape = try ExitShape(exit, in: reader.file)
    let arena = Arena()
    var matrices: [PackedMatrix] = []
    var views: [ExitShape.Part: MatrixView] = [:]
    for matrix in shape.matrices(width: width) {
      let packed = try reader.matrix(shape.name(matrix.part), matrix.rows, matrix.columns)
      matrices.append(packed)
      views[matrix.part] = packed.view
    }
    depth = exit.depth
    outputNorm = UnsafePointer(
      arena.copy(try reader.vector(shape.name(.outputNorm), width)))
    linear = views[.linear]
    if let a = views[.loraA], let b = views[.loraB] { lowRank = (a, b) } else { lowRank = nil }
    if let gate = views[.ffnGate], let up = views[.ffnUp], let down = views[.ffnDown] {
      inner = (gate, up, down)
    } else {
      inner = nil
    }
    let gate = try reader.optionalVector(shape.name(.gateWeight), width)
    gateWeights = gate.map { UnsafePointer(arena.copy($0)) }
    if gate != nil {
      gateBias = try reader.vector(shape.name(.gateBias), 1)[0]
    } else {
      gateBias = 0
    }
    inputNorm =
      matrices.isEmpty && gate == nil
      ? nil : UnsafePointer(arena.copy(try reader.vector(shape.name(.inputNorm), width)))
    self.matrices = matrices
    memory = arena.pieces
  }
}
