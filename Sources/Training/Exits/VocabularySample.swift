import Foundation
import Kernels

/// The sampled softmax of a shard: over the frequent tokens, the teacher's top k, and some of the other
/// tokens drawn at random.
///
/// A drawn token stands for all that are left out: its logit is raised by the logarithm of how many it
/// stands for, so the sum in the softmax is right on average (Jean et al. 2015, "On using very large
/// target vocabulary", arXiv 1412.2007).
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
  private var teacherCount = 0
  /// Each token's column of the logits; −1 for a token that is left out.
  private var columnOfToken: [Int32]
  /// Logits, and the columns of the teacher's top-k tokens, [rows · k].
  private let logits: Matrix
  private var columns: [Int32]
  private let memory: [AlignedBytes]

  /// - Parameters:
  ///   - head: [vocabulary, width].
  ///   - frequent: ids, each once.
  ///   - frequentRows: their rows of the head.
  ///   - draws: how many other tokens are drawn.
  ///   - rows: rows of a shard.
  ///   - topK: teacher tokens of a row.
  init(
    head: Matrix, frequent: [Int32], frequentRows: Matrix, draws: Int, rows: Int, topK: Int
  ) {
    self.head = head
    self.frequent = frequent
    self.frequentRows = frequentRows
    drawCount = min(draws, max(0, head.rows - frequent.count - rows * topK))
    let arena = Arena()
    extraRows = Matrix(
      min(rows * topK + drawCount, head.rows - frequent.count), head.columns, in: arena)
    logits = Matrix(rows, frequent.count + extraRows.rows, in: arena)
    memory = arena.pieces
    columnOfToken = Array(repeating: -1, count: head.rows)
    columns = Array(repeating: 0, count: rows * topK)
    for (column, id) in frequent.enumerated() { columnOfToken[Int(id)] = Int32(column) }
  }

  /// Columns of the logits now.
  var count: Int { frequent.count + extras.count }

  /// Chooses the tokens for a shard whose teacher tokens are `ids`, [rows · k].
  func choose(_ ids: [Int32], using generator: inout CounterGenerator) {
    for id in extras { columnOfToken[Int(id)] = -1 }
    extras.removeAll(keepingCapacity: true)
    for (index, id) in ids.enumerated() {
      take(Int(id))
      columns[index] = columnOfToken[Int(id)]
    }
    teacherCount = extras.count
    let left = head.rows - frequent.count - teacherCount
    let draws = min(drawCount, left)
    while extras.count < teacherCount + draws {
      take(Int.random(in: 0..<head.rows, using: &generator))
    }
    for (row, id) in extras.enumerated() {
      extraRows[row].update(from: head[Int(id)], count: head.columns)
    }
  }

  private func take(_ id: Int) {
    guard columnOfToken[id] < 0 else { return }
    columnOfToken[id] = Int32(count)
    extras.append(Int32(id))
  }

  /// The divergence of the head's `input`, [n, width], from the teacher's top-k `probabilities`, summed
  /// over the rows in nats; `gradient` becomes that of `weight` times the sum.
  func divergence(
    _ blas: BLAS, _ input: Matrix, probabilities: [Float], weight: Float, gradient: Matrix
  ) -> Double {
    let z = logits.shaped(input.rows, count)
    let (near, far) = (z.columns(0..<frequent.count), z.columns(frequent.count..<count))
    let extra = extraRows.prefix(extras.count)
    blas.multiply(input, byTransposed: frequentRows, into: near)
    blas.multiply(input, byTransposed: extra, into: far)
    raiseDrawn(z)
    let loss = Divergence.gradient(
      z, columns: columns, probabilities: probabilities,
      weights: Array(repeating: weight, count: z.rows))
    blas.multiply(near, by: frequentRows, into: gradient)
    blas.multiply(far, by: extra, adding: true, into: gradient)
    return loss
  }

  private func raiseDrawn(_ z: Matrix) {
    let drawn = extras.count - teacherCount
    guard drawn > 0 else { return }
    let standsFor = Float(head.rows - frequent.count - teacherCount) / Float(drawn)
    let logCount = Float(log(Double(standsFor)))
    for row in 0..<z.rows {
      let x = z[row]
      for column in frequent.count + teacherCount..<count { x[column] += logCount }
    }
  }
}
