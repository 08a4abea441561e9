import Kernels

/// Everything that is trained: values, gradients and the optimiser's two moments, each contiguous in
/// memory, under names.
///
/// There are several gradient accumulators. Each sums the gradients of a fixed share of the batch in a
/// fixed order, and the optimiser sums the accumulators in order. So the gradient has the same bits on
/// any number of threads.
package final class Parameters {
  /// One matrix or vector.
  package struct Entry: Hashable, Sendable {
    /// Its name, as in the adapter's file.
    package var name: String
    /// Rows (outputs); 1 for a vector.
    package var rows: Int
    /// Columns (inputs).
    package var columns: Int
    /// Where it begins.
    package var offset: Int

    /// Numbers in it.
    package var count: Int { rows * columns }
  }

  /// The usual number of gradient accumulators.
  package static let accumulatorCount = 4

  /// The matrices and vectors, in the order in which they were given.
  package let entries: [Entry]
  /// The values, [1, count].
  package let values: Matrix
  /// The optimiser's running mean of the gradients, [1, count].
  let firstMoments: Matrix
  /// Its running mean of their squares, [1, count].
  let secondMoments: Matrix
  /// The gradient accumulators, [1, count] each.
  let accumulators: [Matrix]
  private let indices: [String: Int]
  private let memory: [AlignedBytes]

  /// Zeros for each of `shapes`, with `accumulatorCount` gradient accumulators.
  package init(
    _ shapes: [(name: String, rows: Int, columns: Int)],
    accumulatorCount: Int = Parameters.accumulatorCount
  ) {
    var entries: [Entry] = []
    var offset = 0
    for shape in shapes {
      entries.append(
        Entry(name: shape.name, rows: shape.rows, columns: shape.columns, offset: offset))
      offset += shape.rows * shape.columns
    }
    let arena = Arena()
    values = Matrix(1, offset, in: arena)
    firstMoments = Matrix(1, offset, in: arena)
    secondMoments = Matrix(1, offset, in: arena)
    accumulators = (0..<accumulatorCount).map { _ in Matrix(1, offset, in: arena) }
    memory = arena.pieces
    self.entries = entries
    indices = Dictionary(uniqueKeysWithValues: entries.indices.map { (entries[$0].name, $0) })
  }

  /// How many numbers are trained.
  package var count: Int { values.count }

  /// The entry of this name, if there is one.
  package func entry(_ name: String) -> Entry? { indices[name].map { entries[$0] } }

  /// The values of an entry.
  package func values(of entry: Entry) -> Matrix { view(entry, of: values) }

  /// The gradient of an entry in one of the accumulators.
  package func gradient(of entry: Entry, accumulator: Int) -> Matrix {
    view(entry, of: accumulators[accumulator])
  }

  /// Sets the gradient to zero.
  func clearGradient() { for accumulator in accumulators { accumulator.clear() } }

  /// The gradient, summed as the optimiser does; it is zero then.
  func takeGradient() -> [Float] {
    let sum = accumulators[0]
    for accumulator in accumulators.dropFirst() { sum.add(accumulator) }
    defer { clearGradient() }
    return sum.values
  }

  private func view(_ entry: Entry, of memory: Matrix) -> Matrix {
    Matrix(entry.rows, entry.columns, at: memory.base + entry.offset)
  }

  /// Fills an entry with normal random numbers of this standard deviation.
  func randomize(
    _ entry: Entry, deviation: Float, using generator: inout CounterGenerator
  ) {
    let target = values(of: entry)
    for i in 0..<target.count { target.base[i] = generator.nextNormal() * deviation }
  }
}
