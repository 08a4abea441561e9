import CKernels
import Kernels

/// What is done to single rows between products, on one thread, as a pass of one row does it; and
/// what is done to the logits of a vocabulary of 49152.
///
/// A row lies in the first cache, so these say what the work costs; the rate counts the floats read,
/// and its share is of one thread's part of the bandwidth.
func rowBenchmarks() {
  for columns in [576, 1536] {
    measure("norm and quantise \(columns)", from: .cache) {
      let rows = Rows(columns: columns)
      return Work(bytes: columns * 4 * Rows.turns, isAlone: true) { rows.normalizeAndQuantize() }
    }
  }
  measure("quantise 1536", from: .cache) {
    let rows = Rows(columns: 1536)
    return Work(bytes: 1536 * 4 * Rows.turns, isAlone: true) { rows.quantize() }
  }
  measure("gate 1536", from: .cache) {
    let rows = Rows(columns: 1536)
    return Work(bytes: 1536 * 8 * Rows.turns, isAlone: true) { rows.gate() }
  }
}

/// The most probable token and the sums behind probability and entropy, on one thread.
func vocabularyBenchmarks() {
  measure("top 2 of 49152", from: .cache) {
    let rows = Rows(columns: 49152)
    return Work(bytes: 49152 * 4, isAlone: true) { rows.top() }
  }
  measure("softmax sums of 49152", from: .cache) {
    let rows = Rows(columns: 49152)
    return Work(bytes: 49152 * 4, isAlone: true) { rows.sums() }
  }
}

private final class Rows {
  /// Calls that are timed together where one is too short for the clock.
  static let turns = 1000

  private let arena = Arena()
  private let columns: Int
  private let rows: ActivationRows
  private let weight: UnsafeMutablePointer<Float>
  /// Anything: it decides whether rows are quantised.
  private let matrix = PackedMatrix(
    rows: 16, columns: 32, coding: PackedMatrix.Coding(CK_CODE_U4, zero: 8))
  private(set) var result = 0.0

  init(columns: Int) {
    self.columns = columns
    rows = ActivationRows(capacity: 2, columns: columns, in: arena)
    weight = arena.take(columns, of: Float.self)
    for row in 0..<2 { rows.fill(row) }
    for column in 0..<columns { weight[column] = 1 }
  }

  private var logits: UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: rows.row(0), count: columns)
  }

  func normalizeAndQuantize() {
    for _ in 0..<Self.turns {
      Machine.kernels.normalize(
        rows.row(0), weight: weight, count: columns, epsilon: 1e-5, into: rows.row(1))
      Machine.kernels.prepare(rows, rows: 1..<2, for: matrix.view)
    }
  }

  func quantize() {
    for _ in 0..<Self.turns { Machine.kernels.prepare(rows, rows: 0..<1, for: matrix.view) }
  }

  func gate() {
    for _ in 0..<Self.turns {
      Machine.kernels.gate(rows.row(1), with: rows.row(0), count: columns)
    }
  }

  func top() { result += Double(Machine.kernels.top2(logits).first) }

  func sums() { result += Machine.kernels.softmaxSums(logits, maximum: 30).sum }
}
