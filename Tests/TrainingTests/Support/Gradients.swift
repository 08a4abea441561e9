import Kernels
import TestSupport
import Testing
import Training

/// Random numbers of mean 0 and this deviation.
func randomValues(
  _ count: Int, deviation: Float = 1, using generator: inout SeededGenerator
) -> [Float] {
  (0..<count).map { _ in generator.nextNormal() * deviation }
}

/// Compares a gradient at `values` with central differences of `loss`, which is computed in double
/// precision.
func expectGradient(
  _ gradient: [Float], at values: [Float], tolerance: Double = 2e-4,
  sourceLocation: SourceLocation = #_sourceLocation, _ loss: ([Double]) -> Double
) {
  #expect(gradient.count == values.count, sourceLocation: sourceLocation)
  let point = values.map(Double.init)
  let step = 1e-5
  let differences = point.indices.map { index in
    var (above, below) = (point, point)
    above[index] += step
    below[index] -= step
    return (loss(above) - loss(below)) / (2 * step)
  }
  let scale = differences.map(\.magnitude).max() ?? 0
  for (index, difference) in differences.enumerated() {
    let distance = (Double(gradient[index]) - difference).magnitude
    #expect(
      distance <= tolerance * max(scale, 1e-3), "\(index): \(gradient[index]) and \(difference)",
      sourceLocation: sourceLocation)
  }
  #expect(scale > 0, "the loss depends on the values", sourceLocation: sourceLocation)
}

/// Rows of doubles, as the definitions below take them.
typealias Rows = [[Double]]

extension [Double] {
  /// Rows of this length.
  func rows(of columns: Int) -> Rows {
    stride(from: 0, to: count, by: columns).map { Array(self[$0..<$0 + columns]) }
  }
}

/// The operations by their definitions, in double precision.
enum Definition {
  /// `x · wᵀ`.
  static func linear(_ x: Rows, _ w: Rows) -> Rows {
    x.map { row in w.map { zip($0, row).reduce(0) { $0 + $1.0 * $1.1 } } }
  }

  static func norm(_ x: Rows, _ gain: [Double], epsilon: Double = 1e-5) -> Rows {
    x.map { row in
      let scale = 1 / (row.reduce(0) { $0 + $1 * $1 } / Double(row.count) + epsilon).squareRoot()
      return zip(row, gain).map { $0 * scale * $1 }
    }
  }

  static func sigmoid(_ x: Double) -> Double { 1 / (1 + exponential(-x)) }

  static func swiglu(_ g: Rows, _ u: Rows) -> Rows {
    zip(g, u).map { zip($0, $1).map { $0 * sigmoid($0) * $1 } }
  }

  static func softmax(_ x: [Double]) -> [Double] {
    let largest = x.max() ?? 0
    let powers = x.map { exponential($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  static func sum(_ a: Rows, _ b: Rows) -> Rows { zip(a, b).map { zip($0, $1).map(+) } }

  /// Turns adjacent pairs by the row's position times the pair's angle.
  static func rotated(_ x: Rows, angles: [Double], width: Int) -> Rows {
    x.enumerated().map { position, row in
      var row = row
      for head in stride(from: 0, to: row.count, by: width) {
        for (pair, angle) in angles.enumerated() {
          let (c, s) = (cosine(angle * Double(position)), sine(angle * Double(position)))
          let (a, b) = (row[head + 2 * pair], row[head + 2 * pair + 1])
          row[head + 2 * pair] = a * c - b * s
          row[head + 2 * pair + 1] = a * s + b * c
        }
      }
      return row
    }
  }

  static func attention(_ q: Rows, _ k: Rows, _ v: Rows, width: Int, group: Int) -> Rows {
    q.indices.map { row in
      (0..<q[row].count / width).flatMap { head -> [Double] in
        let shared = head / group * width
        let scores = (0...row).map { past in
          (0..<width).reduce(0) { $0 + q[row][head * width + $1] * k[past][shared + $1] }
            / Double(width).squareRoot()
        }
        let weights = softmax(scores)
        return (0..<width).map { d in
          (0...row).reduce(0) { $0 + weights[$1] * v[$1][shared + d] }
        }
      }
    }
  }

  /// A random projection of the result to one number, so that every output matters.
  static func weighted(_ x: Rows, by weights: [Float]) -> Double {
    zip(x.joined(), weights).reduce(0) { $0 + $1.0 * Double($1.1) }
  }
}
