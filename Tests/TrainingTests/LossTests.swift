import Dials
import Kernels
import TestSupport
import Testing
import Training

struct LossTests {
  private let arena = Arena()

  @Test func `cross-entropy and its slope are those of the definition`() {
    var generator = SeededGenerator(seed: 7)
    let z = randomValues(3 * 10, deviation: 3, using: &generator)
    let targets = [9, 0, 4]
    func loss(_ z: [Double]) -> Double {
      zip(z.rows(of: 10), targets).reduce(0) { $0 - logarithm(Definition.softmax($1.0)[$1.1]) }
    }
    let slope = Matrix(z, columns: 10, in: arena)
    let value = CrossEntropy.slope(slope, targets: targets.map { TokenID($0) }, weight: 0.5)
    #expect((value - loss(z.map(Double.init))).magnitude < 1e-5)
    expectSlope(slope.values, at: z) { 0.5 * loss($0) }
  }

  @Test func `the divergence with every token named is that of the definition`() {
    var generator = SeededGenerator(seed: 8)
    let z = randomValues(4 * 9, deviation: 2, using: &generator)
    let teacher = teachers(rows: 4, columns: 9, using: &generator)
    let named = teacher.map { Self.ordered($0, count: 9) }
    func loss(_ z: [Double]) -> Double {
      zip(z.rows(of: 9), teacher).reduce(0) { sum, row in
        let q = Definition.softmax(row.0)
        return sum + zip(row.1, q).reduce(0) { $0 + $1.0 * logarithm($1.0 / $1.1) }
      }
    }
    let (value, slope) = divergence(z, columns: 9, named: named)
    #expect((value - loss(z.map(Double.init))).magnitude < 1e-4)
    expectSlope(slope, at: z, tolerance: 1e-3) { 0.25 * loss($0) }
  }

  @Test func `with some tokens named it is the divergence of the rest as one`() {
    var generator = SeededGenerator(seed: 9)
    let z = randomValues(4 * 12, deviation: 2, using: &generator)
    let teacher = teachers(rows: 4, columns: 12, using: &generator)
    let named = teacher.map { Self.ordered($0, count: 4) }
    func loss(_ z: [Double]) -> Double {
      zip(z.rows(of: 12), named).reduce(0) { sum, row in
        let q = Definition.softmax(row.0)
        let own = row.1.map { ($0.probability, q[$0.id]) }
        let rest = (
          1 - own.reduce(0) { $0 + $1.0 }, 1 - own.reduce(0) { $0 + $1.1 }
        )
        return sum + (own + [rest]).reduce(0) { $0 + $1.0 * logarithm($1.0 / $1.1) }
      }
    }
    let (value, slope) = divergence(z, columns: 12, named: named)
    #expect((value - loss(z.map(Double.init))).magnitude < 1e-4)
    expectSlope(slope, at: z, tolerance: 1e-3) { 0.25 * loss($0) }
    let whole = divergence(
      z, columns: 12, named: teacher.map { Self.ordered($0, count: 12) })
    #expect(value <= whole.0 + 1e-6, "never more than the whole divergence")
  }

  @Test func `a teacher who is certain asks for certainty`() {
    // Probabilities that add up to 1 without the rest: nothing may become infinite.
    let (value, slope) = divergence(
      [50, -50, 0, 30, 2, 1], columns: 3, named: [[Named(0, 1)], [Named(1, 1)]])
    #expect(value.isFinite)
    #expect(!slope.contains { !$0.isFinite })
    #expect(slope[4] < 0)
  }

  private struct Named {
    var id: Int
    var probability: Double
    init(_ id: Int, _ probability: Double) { (self.id, self.probability) = (id, probability) }
  }

  private func teachers(
    rows: Int, columns: Int, using generator: inout SeededGenerator
  ) -> Rows {
    (0..<rows).map { _ in
      Definition.softmax(
        randomValues(columns, deviation: 2, using: &generator).map { Double($0) }
      ).map { Double(Float($0)) }
    }
  }

  private static func ordered(_ p: [Double], count: Int) -> [Named] {
    p.indices.sorted { p[$0] > p[$1] }.prefix(count).map { Named($0, p[$0]) }
  }

  private func divergence(
    _ z: [Float], columns: Int, named: [[Named]]
  ) -> (Double, [Float]) {
    let slope = Matrix(z, columns: columns, in: arena)
    let ids = named.joined().map { Int32($0.id) }
    let probabilities = named.joined().map { Float($0.probability) }
    let value = ids.withUnsafeBufferPointer { ids in
      probabilities.withUnsafeBufferPointer { probabilities -> Double in
        guard let ids = ids.baseAddress, let p = probabilities.baseAddress else { return .nan }
        return Divergence.slope(
          slope, columns: ids, probabilities: p, named: named[0].count, weight: 0.25)
      }
    }
    return (value, slope.values)
  }
}
