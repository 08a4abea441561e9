import CKernels
import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct RowKernelTests {
  /// Sizes around the kernels' 16 lanes, and real ones.
  static let sizes = [1, 2, 7, 15, 16, 17, 31, 33, 48, 100, 576, 1537]

  @Test(arguments: Machine.vectorSets)
  func `every set gives the same bits for norms and gates`(set: KernelSet) throws {
    let scalar = try Machine.scalar
    var generator = SeededGenerator(seed: 20)
    for count in Self.sizes {
      for kind in RowKind.allCases {
        let x = kind.numbers(count, using: &generator)
        let up = RowKind.plain.numbers(count, using: &generator)
        let place = "\(kind), \(count) numbers"
        #expect(
          set.normalized(x, gains: up).bits == scalar.normalized(x, gains: up).bits, "\(place)")
        #expect(set.gated(x, with: up).bits == scalar.gated(x, with: up).bits, "\(place)")
      }
    }
  }

  /// The sum of squares is a tree over 16 chains of n / 16 fma, so its relative error is at most
  /// (n / 16 + 5) · 2^-24, half of that in its root; a division, a root and two products add 4.
  @Test(arguments: Machine.sets)
  func `a norm is that of its definition up to the rounding of floats`(set: KernelSet) {
    var generator = SeededGenerator(seed: 21)
    for count in Self.sizes {
      for kind in [RowKind.plain, .outliers, .sparse, .zeros] {
        let x = kind.numbers(count, using: &generator)
        let gains = RowKind.plain.numbers(count, using: &generator)
        let square = x.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(count)
        let scale = 1 / (square + Double(Float(1e-5))).squareRoot()
        let tolerance = (Double(count) / 32 + 8) * 0x1p-24
        for (k, y) in set.normalized(x, gains: gains).enumerated() {
          let expected = Double(x[k]) * scale * Double(gains[k])
          #expect(
            abs(Double(y) - expected) <= tolerance * abs(expected), "\(kind), \(k) of \(count)")
        }
      }
    }
  }

  @Test(arguments: Machine.sets)
  func `a norm of what has no squares is no number, and never zero`(set: KernelSet) {
    for count in Self.sizes {
      let gains = Array(repeating: Float(1), count: count)
      for value in [Float(1e20), 3e38, .infinity, .nan] {
        var x = Array(repeating: Float(1), count: count)
        x[count / 2] = value
        let normalized = set.normalized(x, gains: gains)
        #expect(normalized.allSatisfy { $0.isNaN }, "\(value) of \(count)")
      }
    }
  }

  @Test func `a norm in place is the norm`() throws {
    var generator = SeededGenerator(seed: 22)
    let x = RowKind.plain.numbers(100, using: &generator)
    let gains = RowKind.plain.numbers(100, using: &generator)
    for set in Machine.sets {
      var y = x
      y.withUnsafeMutableBufferPointer { y in
        guard let base = y.baseAddress else { return }
        set.normalize(base, weight: gains, count: 100, epsilon: 1e-5, into: base)
      }
      #expect(y.bits == set.normalized(x, gains: gains).bits)
    }
  }

  /// The exponential is good to 3e-7 and there are three more roundings; gates beyond its range,
  /// where silu is 0 or the gate itself, are off by e^-87 of the gate at most.
  @Test(arguments: Machine.sets)
  func `a gate is silu times up`(set: KernelSet) {
    let gates = (-1200...1200).map { Float($0) / 10 }
    let up = gates.map { 1 + abs($0) / 3 }
    for (k, y) in set.gated(gates, with: up).enumerated() {
      let gate = Double(gates[k])
      let expected = gate / (1 + exp(-gate)) * Double(up[k])
      #expect(abs(Double(y) - expected) <= 5e-7 * abs(expected) + 1e-33, "gate \(gate)")
    }
  }

  @Test func `rotation turns adjacent pairs and leaves the rest`() throws {
    var generator = SeededGenerator(seed: 23)
    let x = RowKind.plain.numbers(3 * 10, using: &generator)
    let angles = (0..<3).map { _ in Double(generator.nextNormal()) * 3 }
    var y = x
    try Machine.scalar.rotate(
      &y, heads: 3, width: 10, rotated: 6, cosines: angles.map { Float(cos($0)) },
      sines: angles.map { Float(sin($0)) })
    for head in 0..<3 {
      for pair in 0..<3 {
        let (a, b) = (Double(x[10 * head + 2 * pair]), Double(x[10 * head + 2 * pair + 1]))
        let turned = (
          a * cos(angles[pair]) - b * sin(angles[pair]),
          a * sin(angles[pair]) + b * cos(angles[pair])
        )
        let bound = 4 * 0x1p-24 * (abs(a) + abs(b))
        #expect(abs(Double(y[10 * head + 2 * pair]) - turned.0) <= bound)
        #expect(abs(Double(y[10 * head + 2 * pair + 1]) - turned.1) <= bound)
      }
      for d in 6..<10 { #expect(y[10 * head + d].bitPattern == x[10 * head + d].bitPattern) }
    }
  }

  @Test func `a sum is taken element by element`() throws {
    var generator = SeededGenerator(seed: 24)
    let x = RowKind.outliers.numbers(77, using: &generator)
    var y = RowKind.plain.numbers(77, using: &generator)
    let expected = zip(x, y).map { $1 + $0 }
    try Machine.scalar.add(x, count: 77, to: &y)
    #expect(y.bits == expected.bits)
  }
}

extension KernelSet {
  fileprivate func normalized(_ x: [Float], gains: [Float]) -> [Float] {
    var y = x.map { _ in Float(-7) }
    normalize(x, weight: gains, count: x.count, epsilon: 1e-5, into: &y)
    return y
  }

  fileprivate func gated(_ x: [Float], with up: [Float]) -> [Float] {
    var y = x
    gate(&y, with: up, count: y.count)
    return y
  }
}
