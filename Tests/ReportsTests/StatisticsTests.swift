import Reports
import TestSupport
import Testing

struct StatisticsTests {
  private static let values: [Double] = {
    var generator = SeededGenerator(seed: 5)
    return (0..<500).map { _ in Double.random(in: 0...9, using: &generator) }
  }()

  @Test func `mean and standard error are those of the definition`() {
    let values = Self.values
    var mean = SampleMean()
    for value in values { mean.add(value) }
    let expected = values.reduce(0, +) / 500
    let variance = values.reduce(0) { $0 + ($1 - expected) * ($1 - expected) } / 499
    #expect(abs(mean.mean - expected) < 1e-12)
    #expect(abs(mean.standardError - (variance / 500).squareRoot()) < 1e-12)
    #expect(values.mean == expected)
    #expect(values.standardDeviation == variance.squareRoot())
    #expect(values.standardError == (variance / 500).squareRoot())
  }

  @Test func `of no value and of one, every figure is defined`() {
    #expect(SampleMean().mean == 0 && SampleMean().standardError == 0)
    let none: [Double] = []
    #expect(none.mean == 0 && none.median == 0 && none.standardError == 0)
    #expect(none.standardDeviation == 0 && none.central(0.5) == nil)
    let one = [3.0]
    #expect(one.mean == 3 && one.median == 3 && one.standardError == 0)
    #expect(one.standardDeviation == 0 && one.central(0.5) == 3...3)
  }

  @Test func `the median lies in the middle, between two where their number is even`() {
    #expect([3.0, 1].median == 2)
    #expect([9.0, 1, 4].median == 4)
    #expect([4.0, 1, 9, 2].median == 3)
    #expect([2.0, 2, 2, 7].median == 2)
  }

  @Test func `the middle share leaves out as many values above as below`() {
    #expect([5.0, 1, 2, 4, 3].central(0.5) == 2...4)
    #expect([5.0, 1, 2, 4, 3].central(1) == 1...5)
    #expect([5.0, 1, 2, 4, 3].central(0) == 3...3)
    #expect((0..<2000).map(Double.init).central(0.95) == 50...1949)
  }

  @Test func `an interval holds the ratio, and groups that are alike leave no doubt`() throws {
    let bootstrap = Bootstrap()
    #expect(bootstrap.interval([], over: []) == nil)
    #expect(bootstrap.interval([1], over: []) == nil)
    let same = try #require(bootstrap.interval([2, 4, 6], over: [1, 2, 3]))
    #expect(same.lowerBound == 2 && same.upperBound == 2)
    let parts = (0..<50).map { Double($0 % 7) }
    let wholes = parts.map { _ in 10.0 }
    let interval = try #require(bootstrap.interval(parts, over: wholes))
    let ratio = parts.reduce(0, +) / 500
    #expect(interval.contains(ratio))
    let narrow = try #require(Bootstrap(confidence: 0.5).interval(parts, over: wholes))
    #expect(narrow.lowerBound > interval.lowerBound && narrow.upperBound < interval.upperBound)
    let middle = try #require(bootstrap.interval(ofMedian: parts))
    #expect(middle.contains(parts.median))
  }

  @Test func `the interval of a mean is about 1.96 standard errors wide on either side`() throws {
    let values = Self.values
    let interval = try #require(Bootstrap().interval(values, over: values.map { _ in 1 }))
    let width = interval.upperBound - interval.lowerBound
    #expect(abs(width / (2 * 1.96 * values.standardError) - 1) < 0.1)
  }
}
