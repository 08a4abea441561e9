import Dials
import GGUF
import Inference
import Kernels
import Training
import Transformer

/// Repairs a model without some of its blocks on a text: walks the text's rows through the whole model and
/// through the repaired one side by side, block by block, and has what is left bring the stream of the one as
/// near as it can to that of the other.
///
/// Rows go through the pass that answers, so what is made up for is also what its rounding does.
final class RepairFit {
  private let model: LoadedModel
  private let file: GGUFFile
  private let removed: BlockSet
  private let method: RepairMethod
  private let sequences: [[TokenID]]
  private let blas: BLAS
  private let pass: ForwardPass
  /// The rows of all sequences, one after the other: the stream in the whole model and in the repaired one,
  /// [n, width], and what the last product of a feed-forward read, [n, innerWidth].
  private let whole: Matrix
  private let repaired: Matrix
  private let inner: Matrix
  private let memory: [AlignedBytes]
  private var tensors: [RepairedTensor] = []
  /// By how much the stream is longer than the stored matrices make it.
  private var stretch: Float = 1

  /// What is added to how often each direction of the inputs occurs, as a share of the mean: less, and what
  /// is learned is this text and no other.
  static let ridge = 1.0

  /// A repair of `model`, which lies in `file`, without `removed`.
  init(
    _ model: LoadedModel, file: GGUFFile, without removed: BlockSet, by method: RepairMethod,
    on sample: CalibrationSample
  ) throws {
    self.model = model.withoutAdapter
    (self.file, self.removed, self.method) = (file, removed, method)
    sequences = sample.sequences
    blas = try BLAS.shared()
    let shape = model.weights.blueprint
    guard !shape.architecture.normsOutputs else {
      throw PruningError(
        .unsupported, place: file.path,
        "blocks of the family \(shape.architecture.name) normalise what they bring to the stream, and "
          + "a repair changes just that. Leave the blocks out without a repair.")
    }
    pass = ForwardPass(
      self.model.runtime, capacity: 0, rowCapacity: sequences.map(\.count).max() ?? 1)
    let (count, arena) = (sequences.reduce(0) { $0 + $1.count }, Arena())
    whole = Matrix(count, shape.width, in: arena)
    repaired = Matrix(count, shape.width, in: arena)
    inner = Matrix(count, shape.innerWidth, in: arena)
    memory = arena.pieces
  }

  /// The matrices that stand in for the model's own. `goesOn` hears the share that is done; false ends the
  /// work with nil.
  func run(_ goesOn: (Double) -> Bool) throws(PruningError) -> [RepairedTensor]? {
    let count = pass.blockCount
    let kept = (0..<count).filter { !removed.contains(BlockIndex($0)) }
    embed()
    for block in 0..<(kept.first ?? 0) { walk(whole, block) }
    var differs = (kept.first ?? 0) > 0
    let gaps = kept.indices.filter { following(kept, $0) > kept[$0] + 1 }
    for (index, block) in kept.enumerated() {
      guard goesOn(Double(block) / Double(count)) else { return nil }
      if index > gaps.last ?? -1, method == .map || method == .refit { break }
      let next = following(kept, index)
      let isGap = next > block + 1
      if !differs && !isGap {
        walk(whole, block)
        continue
      }
      if !differs { repaired.copy(whole) }
      differs = true
      try scale(block)
      if method == .scale, index > gaps.last ?? -1 { continue }
      walk(repaired, block, keepsInner: true)
      for block in block..<next { walk(whole, block) }
      if method == .scale {
        if isGap { stretchStream() }
      } else if isGap || method == .follow {
        try fit(block)
      }
    }
    return goesOn(1) ? tensors : nil
  }

  /// The first block that is kept behind one, or the count of blocks.
  private func following(_ kept: [Int], _ index: Int) -> Int {
    index + 1 < kept.count ? kept[index + 1] : pass.blockCount
  }

  // MARK: - Rows through blocks

  /// Both streams begin with the embeddings.
  private func embed() {
    var first = 0
    for tokens in sequences {
      pass.discard()
      pass.appendChain(tokens)
      for row in tokens.indices {
        let stream = pass.stream(row: row)
        for (column, value) in stream.enumerated() {
          whole[first + row][column] = value
          repaired[first + row][column] = value
        }
      }
      first += tokens.count
    }
  }

  /// Takes the streams through a block of the file's own.
  private func walk(_ streams: Matrix, _ block: Int, keepsInner: Bool = false) {
    var first = 0
    for tokens in sequences {
      pass.discard()
      pass.appendChain(tokens)
      for row in tokens.indices { pass.setStream(row: row, to: streams[first + row]) }
      pass.run(rows: tokens.indices, blocks: block..<block + 1)
      for row in tokens.indices {
        if let base = pass.stream(row: row).baseAddress {
          streams[first + row].update(from: base, count: streams.columns)
        }
        if keepsInner, let base = pass.feedForwardInner(of: row).baseAddress {
          inner[first + row].update(from: base, count: inner.columns)
        }
      }
      first += tokens.count
    }
  }

  // MARK: - Least squares

  /// Solves the last matrix of a block's feed-forward anew, so that the stream comes as near as it can to the
  /// whole model's, and adds what is new to the stream.
  private func fit(_ block: Int) throws(PruningError) {
    let (pool, scale) = (model.pool, model.weights.blueprint.residualScale)
    let tensor = try self.tensor(.down, block)
    let own = file.dequantize(tensor)
    let sums = RepairSums(
      inner, output: repaired, target: whole, scale: scale, blas: blas, pool: pool)
    let factor = TriangularFactor(sums.inputs, count: inner.columns, ridge: Self.ridge)
    let change =
      method == .map
      ? sums.change(byMapping: own, ridge: Self.ridge, pool: pool)
      : sums.change(factor, pool: pool)
    let stored = RepairedTensor(
      zip(own, change).map { $0 + $1 }, inPlaceOf: tensor, factor: factor, pool: pool)
    let arena = Arena()
    let added = Matrix(
      zip(stored.values, own).map { ($0 - $1) * scale }, columns: inner.columns, in: arena)
    Linear.forward(blas, inner, added, adding: true, into: repaired)
    tensors.append(stored)
  }

  private func tensor(_ part: BlockPart, _ block: Int) throws(PruningError) -> TensorInfo {
    let name = model.weights.blueprint.place(of: part).name(block: block)
    guard let tensor = file.tensor(named: name) else {
      throw PruningError(
        .cannotRead, place: file.path, "the tensor \"\(name)\" is gone. Was the file changed?")
    }
    return tensor
  }

  // MARK: - One factor

  /// Makes the stream of the pruned model as long as that of the whole one, on average.
  private func stretchStream() {
    var sum = 0.0
    for row in 0..<whole.rows { sum += length(whole[row]) / length(repaired[row]) }
    let factor = Float(sum / Double(max(1, whole.rows)))
    stretch *= factor
    for row in 0..<repaired.rows {
      for column in 0..<repaired.columns { repaired[row][column] *= factor }
    }
  }

  private func length(_ row: UnsafeMutablePointer<Float>) -> Double {
    let square = (0..<whole.columns).reduce(0.0) { $0 + Double(row[$1]) * Double(row[$1]) }
    return max(square, .leastNormalMagnitude).squareRoot()
  }

  /// Divides what a block behind a stretched stream brings by as much.
  private func scale(_ block: Int) throws(PruningError) {
    guard method == .scale, stretch != 1 else { return }
    for part in Repair.parts {
      let tensor = try tensor(part, block)
      guard let scaled = RepairedTensor(tensor, of: file, times: 1 / stretch) else {
        throw PruningError(
          .unsupported, place: tensor.name,
          "matrices of the type \(tensor.type.name) cannot be scaled. Use --repair refit.")
      }
      tensors.append(scaled)
    }
  }
}
