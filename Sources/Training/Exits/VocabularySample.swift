import Kernels

/// The part of the vocabulary that the loss of a shard looks at: the frequent tokens, the tokens that
/// the teacher named, and some of the others drawn at random.
///
/// A drawn token stands for all that were not looked at: its logit is raised by the logarithm of how
/// many it stands for, so the sum in the softmax is right on average (Jean et al. 2015, "On using
/// very large target vocabulary", arXiv 1412.2007).
final class VocabularySample {
  /// The LM head, [vocabulary, width].
  private let head: Matrix
  /// The frequent tokens, and their rows of the head.
  private let frequent: [Int32]
  private let frequentRows: Matrix
  /// How many tokens are drawn.
  private let drawCount: Int
  /// Rows of the head beyond the frequent ones, and which they are.
  private let extraRows: Matrix
  private var extras: [Int32] = []
  private var namedCount = 0
  /// Where each token's logit stands; −1 for a token that is not looked at.
  private var places: [Int32]
  /// Logits, and their columns for the tokens that the teacher named.
  private let logits: Matrix
  private var columns: [Int32]
  private let memory: [AlignedBytes]

  /// - Parameters:
  ///   - head: [vocabulary, width].
  ///   - frequent: ids, each once.
  ///   - frequentRows: their rows of the head.
  ///   - draws: how many other tokens are drawn.
  ///   - rows: rows of a shard.
  ///   - named: tokens that the teacher names for each.
  init(
    head: Matrix, frequent: [Int32], frequentRows: Matrix, draws: Int, rows: Int, named: Int
  ) {
    self.head = head
    self.frequent = frequent
    self.frequentRows = frequentRows
    drawCount = min(draws, max(0, head.rows - frequent.count - rows * named))
    let arena = Arena()
    extraRows = Matrix(
      min(rows * named + drawCount, head.rows - frequent.count), head.columns, in: arena)
    logits = Matrix(rows, frequent.count + extraRows.rows, in: arena)
    memory = arena.pieces
    places = Array(repeating: -1, count: head.rows)
    columns = Array(repeating: 0, count: rows * named)
    for (column, id) in frequent.enumerated() { places[Int(id)] = Int32(column) }
  }

  /// Columns of the logits now.
  var count: Int { frequent.count + extras.count }

  /// Chooses the tokens for a shard whose teacher names `ids`, [rows · named].
  func choose(_ ids: UnsafeBufferPointer<Int32>, using generator: inout CounterGenerator) {
    for id in extras { places[Int(id)] = -1 }
    extras.removeAll(keepingCapacity: true)
    for (index, id) in ids.enumerated() {
      take(Int(id))
      columns[index] = places[Int(id)]
    }
    namedCount = extras.count
    let left = head.rows - frequent.count - namedCount
    let draws = min(drawCount, left)
    while extras.count < namedCount + draws {
      take(Int.random(in: 0..<head.rows, using: &generator))
    }
    for (row, id) in extras.enumerated() {
      extraRows[row].update(from: head[Int(id)], count: head.columns)
    }
  }

  private func take(_ id: Int) {
    guard places[id] < 0 else { return }
    places[id] = Int32(count)
    extras.append(Int32(id))
  }

  /// The loss of what the head reads, `output`, [n, width]; its slope goes to `slope`.
  func loss(
    _ blas: BLAS, _ output: Matrix, probabilities: UnsafePointer<Float>, named: Int, weight: Float,
    slope: Matrix
  ) -> Double {
    let z = logits.shaped(output.rows, count)
    let (near, far) = (z.columns(0..<frequent.count), z.columns(frequent.count..<count))
    let extra = extraRows.prefix(extras.count)
    blas.multiply(output, byTransposed: frequentRows, into: near)
    blas.multiply(output, byTransposed: extra, into: far)
    raiseDrawn(z)
    let loss = columns.withUnsafeBufferPointer { columns in
      columns.baseAddress.map {
        Divergence.slope(
          z, columns: $0, probabilities: probabilities, named: named, weight: weight)
      } ?? 0
    }
    blas.multiply(near, by: frequentRows, into: slope)
    blas.multiply(far, by: extra, adding: true, into: slope)
    return loss
  }

  private func raiseDrawn(_ z: Matrix) {
    let drawn = extras.count - namedCount
    guard drawn > 0 else { return }
    let standsFor = Float(head.rows - frequent.count - namedCount) / Float(drawn)
    let lift = Float(Double(standsFor).naturalLogarithm)
    for row in 0..<z.rows {
      let x = z[row]
      for column in frequent.count + namedCount..<count { x[column] += lift }
    }
  }
}
