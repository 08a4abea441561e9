package import Dials
package import GGUF
import Kernels

/// A trained draft head, ready to guess; `DraftShape` has its formula.
///
/// What it says depends on the state and the token alone, in the same bits on any number of threads.
package struct DraftHead: Sendable {
  /// What its file says about itself.
  package let head: AdapterHead
  /// Where that file lies.
  package let path: String
  /// What its file says of guesses.
  package let facts: AdapterHead.Draft
  private let matrices: [DraftShape.Part: PackedMatrix]
  private let shape: DraftShape
  private let weights: Weights
  private let kernels: KernelSet
  private let pool: ThreadPool

  /// A guess and the state that it leaves.
  package struct Reading: Sendable {
    /// The state, [width].
    package var state: [Float]
    /// The likeliest tokens, best first.
    package var tokens: [TokenID]
    /// Their probabilities.
    package var probabilities: [Float]
  }

  /// Tokens that a reading names at most.
  private static let candidateCount = 4

  /// Reads the draft head in `file` for the base that `runtime` runs. Throws where the file is of another
  /// kind, where a tensor is missing or has another shape, and where the base has another shape.
  package init(file: GGUFFile, runtime: ModelRuntime) throws(ModelError) {
    head = try AdapterHead(metadata: file.metadata)
    path = file.path
    guard let facts = head.draft, !head.shortlist.isEmpty else {
      throw ModelError(
        code: .badValue, place: file.path,
        message: "This adapter is no draft head. Give it with --adapter, or train one with fathom "
          + "tune draft.")
    }
    self.facts = facts
    weights = runtime.weights
    kernels = runtime.kernels
    pool = runtime.pool
    try head.base.check(against: weights.blueprint, path: file.path)
    shape = DraftShape(
      width: weights.blueprint.width, inner: facts.inner, tokenCount: head.shortlist.count)
    let reader = TensorReader(file: file, pool: pool)
    var matrices: [DraftShape.Part: PackedMatrix] = [:]
    for part in DraftShape.Part.allCases {
      let extent = shape.extent(of: part)
      matrices[part] = try reader.matrix(part.name, extent.rows, extent.columns)
    }
    self.matrices = matrices
  }

  /// What one guess takes.
  package var work: Work {
    matrices.values.reduce(into: Work()) {
      $0.macs += $1.view.macs
      $0.bytes += $1.view.byteCount
    }
  }

  /// What a guess takes in passes of one row, by the bytes that both read.
  package var cost: Double { Double(work.bytes) / Double(max(1, weights.byteCount)) }

  /// The guess behind `token`, which follows a text of this state, [width] numbers: a stream behind the last
  /// block, or the state of the guess before.
  package func read(state: UnsafeBufferPointer<Float>, token: TokenID) -> Reading {
    let arena = Arena()
    let space = DraftSpace(shape, in: arena)
    let width = shape.width
    space.fill(state, weights: weights, token: token, kernels: kernels)
    let task = ProductTask(kernels: kernels, pool: pool)
    func multiply(_ x: ActivationRows, _ part: DraftShape.Part, into y: ActivationRows) {
      guard let matrix = matrices[part]?.view else { return }
      task.multiply(x, count: 1, Products.Product(matrix, y))
    }
    if let gate = matrices[.ffnGate]?.view, let up = matrices[.ffnUp]?.view {
      task.multiply(
        space.input, count: 1, Products.Product(gate, space.inner), Products.Product(up, space.up))
    }
    multiply(space.input, .linear, into: space.output)
    kernels.add(space.output.row(0), count: width, to: space.changed.row(0))
    kernels.gate(space.inner.row(0), with: space.up.row(0), count: shape.inner)
    multiply(space.inner, .ffnDown, into: space.output)
    kernels.add(space.output.row(0), count: width, to: space.changed.row(0))
    kernels.normalize(
      space.changed.row(0), weight: space.unit, count: width, epsilon: DraftShape.epsilon,
      into: space.state.row(0))
    multiply(space.state, .output, into: space.logits)
    let reading = reading(of: space)
    withExtendedLifetime(arena) {}
    return reading
  }

  private func reading(of space: DraftSpace) -> Reading {
    let count = shape.tokenCount
    let logits = UnsafeBufferPointer(start: space.logits.row(0), count: count + 1)
    let largest = kernels.top2(logits).first
    let sum = Float(kernels.softmaxSums(logits, maximum: largest).sum)
    let guessable = UnsafeBufferPointer(rebasing: logits[..<count])
    let best = Candidates.top(Self.candidateCount, of: guessable, kernels: kernels)
    return Reading(
      state: Array(UnsafeBufferPointer(start: space.state.row(0), count: shape.width)),
      tokens: best.map { TokenID(rawValue: head.shortlist[$0.index]) },
      probabilities: best.map { kernelExp($0.value - largest) / sum })
  }
}

/// Scratch of one guess.
private struct DraftSpace {
  /// State and embedding, [2 · width]; the state again, to which the rest is added, [width].
  let input: ActivationRows
  let changed: ActivationRows
  /// A product on its way, [width].
  let output: ActivationRows
  /// [inner] each.
  let inner: ActivationRows
  let up: ActivationRows
  /// The new state, [width], and the logits, [tokens + 1].
  let state: ActivationRows
  let logits: ActivationRows
  /// Gains of a norm that has none, [width].
  let unit: UnsafeMutablePointer<Float>
  private let width: Int

  init(_ shape: DraftShape, in arena: Arena) {
    func rows(_ columns: Int, quantized: Bool = true) -> ActivationRows {
      ActivationRows(capacity: 1, columns: columns, quantized: quantized, in: arena)
    }
    width = shape.width
    input = rows(2 * width)
    changed = rows(width, quantized: false)
    output = rows(width, quantized: false)
    inner = rows(shape.inner)
    up = rows(shape.inner, quantized: false)
    state = rows(width)
    logits = rows(shape.tokenCount + 1, quantized: false)
    unit = arena.take(width, of: Float.self)
    unit.update(repeating: 1, count: width)
  }

  /// Writes state and embedding, both at root mean square 1.
  func fill(
    _ stream: UnsafeBufferPointer<Float>, weights: Weights, token: TokenID, kernels: KernelSet
  ) {
    guard let base = stream.baseAddress else { return }
    func normalize(_ x: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
      kernels.normalize(
        x, weight: unit, count: width, epsilon: DraftShape.epsilon, into: target)
    }
    normalize(base, into: changed.row(0))
    input.row(0).update(from: changed.row(0), count: width)
    weights.embed(token.index, into: output.row(0))
    normalize(output.row(0), into: input.row(0) + width)
  }
}
