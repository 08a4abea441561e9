import Kernels
import TestSupport
import Testing
import Training

struct OptimizerTests {
  @Test func `the rate climbs straight, then falls as a cosine to a tenth`() {
    let schedule = Schedule(peak: 2, steps: 100, warmUp: 10)
    #expect(schedule.rate(at: 1) == 0.2)
    #expect(schedule.rate(at: 10) == 2)
    #expect((schedule.rate(at: 55) - 1.1).magnitude < 1e-6)
    #expect((schedule.rate(at: 100) - 0.2).magnitude < 1e-6)
    for step in 11...100 { #expect(schedule.rate(at: step) < schedule.rate(at: step - 1)) }
  }

  @Test func `a step is AdamW's, on any number of threads`() {
    var bits: Set<[UInt32]> = []
    for threads in [1, 3] {
      let pool = ThreadPool(count: threads)
      defer { pool.dismiss() }
      let parameters = Self.parameters()
      let start = parameters.values.values
      var settings = AdamW()
      settings.clip = 3
      var expected = Expected(values: start.map(Double.init), settings: settings)
      for step in 1...3 {
        var generator = SeededGenerator(seed: UInt64(step))
        var gradients = [Double](repeating: 0, count: parameters.count)
        for accumulator in 0..<Parameters.accumulatorCount {
          for entry in parameters.entries {
            let part = randomValues(entry.count, using: &generator)
            let target = parameters.gradient(of: entry, accumulator: accumulator)
            for (i, value) in part.enumerated() {
              target[i / entry.columns][i % entry.columns] = value
              gradients[entry.offset + i] += Double(value)
            }
          }
        }
        let norm = settings.update(parameters, step: step, rate: 0.01, pool: pool)
        #expect(
          (norm / expected.step(gradients, number: step, matrixCount: 12) - 1).magnitude < 1e-5)
      }
      for (value, exact) in zip(parameters.values.values, expected.values) {
        #expect((Double(value) - exact).magnitude < 1e-5)
      }
      bits.insert(parameters.values.values.map(\.bitPattern))
    }
    #expect(bits.count == 1)
  }

  /// A matrix of 3 x 4, which decays, and a vector of 5, which does not.
  private static func parameters() -> Parameters {
    let parameters = Parameters([("matrix", 3, 4), ("vector", 1, 5)])
    var generator = SeededGenerator(seed: 99)
    let values = randomValues(parameters.count, using: &generator)
    for (index, value) in values.enumerated() { parameters.values[0][index] = value }
    return parameters
  }

  /// The recurrence as Loshchilov and Hutter write it (algorithm 2), in double precision.
  private struct Expected {
    var values: [Double]
    let settings: AdamW
    var first: [Double] = []
    var second: [Double] = []

    init(values: [Double], settings: AdamW) {
      self.values = values
      self.settings = settings
      first = values.map { _ in 0 }
      second = first
    }

    mutating func step(_ gradients: [Double], number: Int, matrixCount: Int) -> Double {
      let norm = gradients.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let factor = min(1, Double(settings.clip) / norm)
      let (b1, b2) = (Double(settings.firstDecay), Double(settings.secondDecay))
      var (p1, p2) = (1.0, 1.0)
      for _ in 0..<number { (p1, p2) = (p1 * b1, p2 * b2) }
      for i in values.indices {
        let gradient = gradients[i] * factor
        first[i] = b1 * first[i] + (1 - b1) * gradient
        second[i] = b2 * second[i] + (1 - b2) * gradient * gradient
        if i < matrixCount { values[i] -= 0.01 * Double(settings.weightDecay) * values[i] }
        let root = (second[i] / (1 - p2)).squareRoot() + Double(settings.epsilon)
        values[i] -= 0.01 * (first[i] / (1 - p1)) / root
      }
      return norm
    }
  }
}
