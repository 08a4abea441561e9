import Dials
import Kernels
import TestSupport
import Testing
import Training

struct LossTests {
  private let arena = Arena()

  @Test func `cross-entropy and its gradient are those of the definition`() {
    var generator = SeededGenerator(seed: 7)
    let z = randomValues(3 * 10, deviation: 3, using: &generator)
    let targets = [9, 0, 4]
    let weights: [Float] = [0.5, 1, 0.25]
    func losses(_ z: [Double]) -> [Double] {
      zip(z.rows(of: 10), targets).map { -logarithm(Definition.softmax($0)[$1]) }
    }
    let gradient = Matrix(z, columns: 10, in: arena)
    let value = CrossEntropy.gradient(
      gradient, targets: targets.map { TokenID($0) }, weights: weights)
    #expect((value - losses(z.map(Double.init)).reduce(0, +)).magnitude < 1e-5)
    expectGradient(gradient.values, at: z) { z in
      zip(losses(z), weights).reduce(0) { $0 + $1.0 * Double($1.1) }
    }
  }

  @Test func `the divergence from a teacher's whole vocabulary is that of the definition`() {
    var generator = SeededGenerator(seed: 8)
    let z = randomValues(4 * 9, deviation: 2, using: &generator)
    let teacher = teachers(rows: 4, columns: 9, using: &generator)
    let top = teacher.map { Self.ordered($0, count: 9) }
    func loss(_ z: [Double]) -> Double {
      zip(z.rows(of: 9), teacher).reduce(0) { sum, row in
        let q = Definition.softmax(row.0)
        return sum + zip(row.1, q).reduce(0) { $0 + $1.0 * logarithm($1.0 / $1.1) }
      }
    }
    let (value, gradient) = divergence(z, columns: 9, top: top)
    #expect((value - loss(z.map(Double.init))).magnitude < 1e-4)
    expectGradient(gradient, at: z, tolerance: 1e-3) { 0.25 * loss($0) }
  }

  @Test func `from a teacher's top k, it is the divergence with the rest as one event`() {
    var generator = SeededGenerator(seed: 9)
    let z = randomValues(4 * 12, deviation: 2, using: &generator)
    let teacher = teachers(rows: 4, columns: 12, using: &generator)
    let top = teacher.map { Self.ordered($0, count: 4) }
    func loss(_ z: [Double]) -> Double {
      zip(z.rows(of: 12), top).reduce(0) { sum, row in
        let q = Definition.softmax(row.0)
        let own = row.1.map { ($0.probability, q[$0.id]) }
        let rest = (
          1 - own.reduce(0) { $0 + $1.0 }, 1 - own.reduce(0) { $0 + $1.1 }
        )
        return sum + (own + [rest]).reduce(0) { $0 + $1.0 * logarithm($1.0 / $1.1) }
      }
    }
    let (value, gradient) = divergence(z, columns: 12, top: top)
    #expect((value - loss(z.map(Double.init))).magnitude < 1e-4)
    expectGradient(gradient, at: z, tolerance: 1e-3) { 0.25 * loss($0) }
    let whole = divergence(
      z, columns: 12, top: teacher.map { Self.ordered($0, count: 12) })
    #expect(value <= whole.0 + 1e-6, "never more than the whole divergence")
  }

  @Test func `a teacher who is certain asks for certainty`() {
    // Probabilities that add up to 1 without the rest: nothing may become infinite.
    let (value, gradient) = divergence(
      [50, -50, 0, 30, 2, 1], columns: 3, top: [[Candidate(0, 1)], [Candidate(1, 1)]])
    #expect(value.isFinite)
    #expect(!gradient.contains { !$0.isFinite })
    #expect(gradient[4] < 0)
  }

  private struct Candidate {
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

  private static func ordered(_ p: [Double], count: Int) -> [Candidate] {
    p.indices.sorted { p[$0] > p[$1] }.prefix(count).map { Candidate($0, p[$0]) }
  }

  /// The divergence from the teacher's top k, and its gradient with the weight 0.25.
  private func divergence(
    _ z: [Float], columns: Int, top: [[Candidate]]
  ) -> (Double, [Float]) {
    let gradient = Matrix(z, columns: columns, in: arena)
    let value = Divergence.gradient(
      gradient, columns: top.joined().map { Int32($0.id) },
      probabilities: top.joined().map { Float($0.probability) },
      weights: top.map { _ in 0.25 })
    return (value, gradient.values)
  }
}
