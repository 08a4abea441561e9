import Dials
import Kernels
import Transformer

/// Sums over some positions of what blocks' big feed-forwards read and say: all that the first values of
/// small ones are worked out from.
///
/// Passes are shared out by packs of texts, sums by blocks; the packs come in order, so that the bits do not
/// depend on the number of threads.
struct FeedForwardSums {
  /// A text and the rows of it that count.
  struct Text {
    let tokens: [TokenID]
    let rows: [Int]
  }

  /// Sums over `[units, x, 1]` and the big feed-forward's output y of one block, weighted per position.
  struct Moments: Sendable {
    /// Σ f · fᵀ, [inner + width + 1] squared.
    var features: DoubleMatrix
    /// Σ f · yᵀ, [inner + width + 1, width].
    var targets: DoubleMatrix

    init(inner: Int, width: Int) {
      let count = inner + width + 1
      features = DoubleMatrix(count, count)
      targets = DoubleMatrix(count, width)
    }
  }

  private let model: DuoModel
  private let pool: ThreadPool
  private let spaces: [DuoWorkspace]
  private let packs: [[Text]]
  /// Per block, how much each hidden neuron does, and the mean square norm of the output.
  typealias Activity = (neurons: [Double], norm: Double)

  /// Sums over the learnt positions of `texts` up to `limit` of them.
  init(
    _ texts: [TrainingText], limit: Int, rowsAtOnce: Int, model: DuoModel, pool: ThreadPool,
    spaces: [DuoWorkspace]
  ) {
    self.model = model
    self.pool = pool
    self.spaces = spaces
    var rest = limit
    var chosen: [Text] = []
    for text in texts where rest > 0 {
      let rows = Array(text.positions.prefix(rest))
      guard let last = rows.last else { continue }
      rest -= rows.count
      chosen.append(Text(tokens: Array(text.tokens.prefix(last + 1)), rows: rows))
    }
    packs = chosen.packed(rows: rowsAtOnce) { $0.tokens.count }
  }

  /// What a block read and said at the rows of a pack that count.
  private struct Seen {
    /// The normalised stream and the output, [n, width].
    let x: Matrix
    let y: Matrix
    /// The gated neurons that were asked for, [n, neurons].
    let units: Matrix
    let memory: [AlignedBytes]
  }

  /// Runs all packs; `take` hears of each in order, in parallel for all blocks. Answers false where
  /// `progress` does.
  private func visit(
    _ neurons: [[Int]]?, packs: [[Text]], progress: (Int, Int) -> Bool,
    take: @escaping (_ block: Int, _ seen: Seen) -> Void
  ) -> Bool {
    for start in stride(from: 0, to: packs.count, by: spaces.count) {
      guard progress(start, packs.count) else { return false }
      let group = Array(packs[start..<min(start + spaces.count, packs.count)])
      let passes = pool.map(group.count) { index in
        let pass = BasePass(
          group[index].map(\.tokens), base: model.base, trained: .none, blas: model.blas,
          space: spaces[index].base)
        pass.forward()
        return pass
      }
      _ = pool.map(model.base.blocks.count) { block in
        for (texts, pass) in zip(group, passes) {
          let rows = zip(texts, pass.rows).flatMap { text, range in
            text.rows.map { range.lowerBound + $0 }
          }
          let seen = seen(pass, block, rows, neurons: neurons?[block])
          take(block, seen)
          withExtendedLifetime(seen.memory) {}
        }
      }
    }
    return progress(packs.count, packs.count)
  }

  private func seen(_ pass: BasePass, _ block: Int, _ rows: [Int], neurons: [Int]?) -> Seen {
    let (kept, base) = (pass.space.blocks[block], model.base)
    let arena = Arena()
    let width = base.blueprint.width
    let (x, y) = (Matrix(rows.count, width, in: arena), Matrix(rows.count, width, in: arena))
    x.gather(kept.feedForwardInput, rows)
    y.gather(pass.space.stream(after: block + 1, rows: pass.count), rows)
    for row in 0..<y.rows { for i in 0..<width { y[row][i] -= x[row][i] } }
    RMSNorm.forward(
      x, gain: base.blocks[block].feedForwardNorm, epsilon: base.head.epsilon, into: x,
      scales: Matrix(rows.count, 1, in: arena))
    let chosen = neurons ?? Array(0..<base.blueprint.innerWidth)
    let gate = Matrix(rows.count, chosen.count, in: arena)
    let up = Matrix(rows.count, chosen.count, in: arena)
    for (row, source) in rows.enumerated() {
      for (column, neuron) in chosen.enumerated() {
        gate[row][column] = kept.gate[source][neuron]
        up[row][column] = kept.up[source][neuron]
      }
    }
    SwiGLU.forward(gate: gate, up: up, into: gate)
    return Seen(x: x, y: y, units: gate, memory: arena.pieces)
  }

  /// How much the neurons of each block do on some of the positions; nil where `progress` ends it.
  func activities(progress: (Int, Int) -> Bool) -> [Activity]? {
    let blueprint = model.base.blueprint
    let sums = PerBlock(blueprint.blockCount) {
      (neurons: Array(repeating: 0.0, count: blueprint.innerWidth), norm: 0.0, count: 0)
    }
    let part = Array(packs.prefix(max(1, packs.count / 3)))
    let isWhole = visit(nil, packs: part, progress: progress) { block, seen in
      for row in 0..<seen.units.rows {
        for neuron in 0..<seen.units.columns {
          sums[block].neurons[neuron] += Double(seen.units[row][neuron].magnitude)
        }
        sums[block].norm += Double(
          Sum.ofProducts(seen.y[row], seen.y[row], count: seen.y.columns))
      }
      sums[block].count += seen.units.rows
    }
    guard isWhole else { return nil }
    return (0..<blueprint.blockCount).map { block in
      let sum = sums[block]
      return (sum.neurons, sum.norm / Double(max(1, sum.count)))
    }
  }

  /// The moments of each block for these neurons; nil where `progress` ends it. A position's error counts
  /// by `norm / (|y|² + norm)`: the largest outputs do not outweigh all others.
  func moments(
    neurons: [[Int]], norms: [Double], progress: (Int, Int) -> Bool
  ) -> [Moments]? {
    let blueprint = model.base.blueprint
    let sums = PerBlock(blueprint.blockCount) {
      Moments(inner: neurons[0].count, width: blueprint.width)
    }
    let isWhole = visit(neurons, packs: packs, progress: progress) { block, seen in
      let arena = Arena()
      let (inner, width) = (seen.units.columns, seen.x.columns)
      let f = Matrix(seen.x.rows, inner + width + 1, in: arena)
      for row in 0..<f.rows {
        let size = Double(Sum.ofProducts(seen.y[row], seen.y[row], count: width))
        let weight = Float((norms[block] / max(size + norms[block], 1e-30)).squareRoot())
        for i in 0..<inner { f[row][i] = seen.units[row][i] * weight }
        for i in 0..<width { f[row][inner + i] = seen.x[row][i] * weight }
        f[row][inner + width] = weight
        for i in 0..<width { seen.y[row][i] *= weight }
      }
      let features = Matrix(f.columns, f.columns, in: arena)
      let targets = Matrix(f.columns, width, in: arena)
      model.blas.multiply(transposed: f, by: f, into: features)
      model.blas.multiply(transposed: f, by: seen.y, into: targets)
      sums[block].features.add(features)
      sums[block].targets.add(targets)
      withExtendedLifetime(arena) {}
    }
    return isWhole ? sums.values : nil
  }
}

/// A value for each block, which threads change one block each.
private final class PerBlock<Value> {
  private let storage: UnsafeMutableBufferPointer<Value>

  init(_ count: Int, _ make: () -> Value) {
    storage = .allocate(capacity: count)
    for index in 0..<count { storage.initializeElement(at: index, to: make()) }
  }

  deinit {
    storage.deinitialize()
    storage.deallocate()
  }

  subscript(block: Int) -> Value {
    get { storage[block] }
    _modify { yield &storage[block] }
  }

  var values: [Value] { Array(storage) }
}
