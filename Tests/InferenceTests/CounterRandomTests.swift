import Inference
import TestSupport
import Testing

struct CounterRandomTests {
  @Test func `equal seed and position give the equal number, in 0..<1`() {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<10_000 {
      let seed = generator.next()
      let position = Int.random(in: 0...1_000_000, using: &generator)
      let number = CounterRandom.uniform(seed: seed, position: position)
      #expect(number >= 0 && number < 1)
      #expect(CounterRandom.uniform(seed: seed, position: position) == number)
    }
  }

  @Test func `another seed or another position gives another number`() {
    var numbers: Set<Float> = []
    for seed in 0..<100 as Range<UInt64> {
      for position in 0..<100 {
        numbers.insert(CounterRandom.uniform(seed: seed, position: position))
      }
    }
    // 10,000 numbers of 2^24: three pairs fall together by chance.
    #expect(numbers.count > 9980)
    #expect(
      CounterRandom.uniform(seed: .max, position: 0) != CounterRandom.uniform(seed: 0, position: 0))
  }

  /// χ² over 64 equal bins of 65,536 numbers, 63 degrees of freedom: the 99.9 % point is 103.44.
  @Test(arguments: [0, 1, 42, UInt64.max])
  func `the numbers of one seed are spread evenly, and so are those of one position`(seed: UInt64) {
    let count = 65_536
    for number in [
      { (index: Int) in CounterRandom.uniform(seed: seed, position: index) },
      { (index: Int) in CounterRandom.uniform(seed: seed &+ UInt64(index), position: 17) },
    ] {
      var bins = [Int](repeating: 0, count: 64)
      var product = 0.0
      for index in 0..<count {
        let value = number(index)
        bins[Int(value * 64)] += 1
        product += (Double(value) - 0.5) * (Double(number(index + 1)) - 0.5)
      }
      let expected = Double(count) / 64
      let statistic = bins.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) }
      #expect(statistic / expected < 103.44)
      // Neighbours do not go together: the correlation is within 4 standard errors of 0.
      #expect(abs(product / Double(count) * 12) < 4 / Double(count).squareRoot())
    }
  }
}
