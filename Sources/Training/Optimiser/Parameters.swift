import Kernels

/// Everything that is trained: values, slopes and the optimiser's two moments, each in one stretch
/// of memory, under names.
///
/// Slopes lie in a few lanes. A lane collects the slopes of its share of a batch, one after the
/// other; the lanes are added in their order. So a sum is the same on any number of threads.
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

  /// How many lanes slopes are collected in, unless said otherwise.
  package static let laneCount = 4

  /// What there is, in the order in which it was added.
  package let entries: [Entry]
  /// The values, [1, count].
  package let values: Matrix
  /// The optimiser's running mean of the slopes, [1, count].
  let firstMoments: Matrix
  /// Its running mean of their squares, [1, count].
  let secondMoments: Matrix
  /// The slopes, lane by lane, [1, count] each.
  let lanes: [Matrix]
  private let indices: [String: Int]
  private let memory: [AlignedBytes]

  /// Zeros for each of `shapes`, with slopes in `laneCount` lanes.
  package init(
    _ shapes: [(name: String, rows: Int, columns: Int)], laneCount: Int = Parameters.laneCount
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
    lanes = (0..<laneCount).map { _ in Matrix(1, offset, in: arena) }
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

  /// The slopes of an entry in a lane.
  func slopes(of entry: Entry, lane: Int) -> Matrix { view(entry, of: lanes[lane]) }

  /// Adds slopes for all values to a lane.
  package func addSlopes(_ slopes: [Float], lane: Int) {
    precondition(slopes.count == count, "there is a slope for each value")
    for (index, slope) in slopes.enumerated() { lanes[lane].base[index] += slope }
  }

  /// Forgets all slopes.
  func clearSlopes() { for lane in lanes { lane.clear() } }

  private func view(_ entry: Entry, of memory: Matrix) -> Matrix {
    Matrix(entry.rows, entry.columns, at: memory.base + entry.offset)
  }

  /// Fills an entry with bell-shaped numbers of this deviation.
  func randomize(
    _ entry: Entry, deviation: Float, using generator: inout CounterGenerator
  ) {
    let target = values(of: entry)
    for i in 0..<target.count { target.base[i] = generator.nextNormal() * deviation }
  }
}
