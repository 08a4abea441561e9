import Reports
import Testing

struct NumberTests {
  @Test func `numbers are written alike everywhere`() {
    #expect(Numbers.fixed(38.44, 1) == "38.4")
    #expect(Numbers.fixed(-0.05, 2) == "-0.05")
    #expect(Numbers.fixed(2, 0) == "2")
    #expect(Numbers.probability(0.914) == ".91")
    #expect(Numbers.probability(1) == "1.0")
    #expect(Numbers.probability(0.001) == ".00")
    #expect(Numbers.right("7", 3) == "  7")
  }

  @Test(arguments: [(1.115, 2, "1.11"), (0.285, 2, "0.28"), (1e20, 1, "100000000000000000000.0")])
  func `the nearest decimal is taken of the number as it is stored`(
    value: Double, digits: Int, text: String
  ) {
    #expect(value.rounded(to: digits) == text)
  }

  @Test(arguments: [-0.0, -0.001, -0.004]) func `what rounds to zero has no sign`(value: Double) {
    #expect(value.rounded(to: 2) == "0.00")
    #expect(value.rounded(to: 0) == "0")
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `what is not finite is a dash`(value: Double) {
    #expect(Numbers.fixed(value, 1) == "–")
    #expect(Numbers.percent(value) == "–%")
  }

  @Test func `a share is a percentage, with a space in reports`() {
    #expect(Numbers.percent(0.456) == "46%")
    #expect(Numbers.percent(0.4567, 1) == "45.7%")
    #expect(0.4567.percent(1) == "45.7 %")
  }

  @Test(arguments: [
    (0, "0 B", "0.0 MB"), (1023, "1023 B", "0.0 MB"), (1_909_440, "1.8 MiB", "1.9 MB"),
    (98_350_000, "93.8 MiB", "98.4 MB"), (5 << 40, "5.0 TiB", "5497558.1 MB"),
  ])
  func `bytes are counted by the screen in powers of two and by reports in millions`(
    count: Int, binary: String, decimal: String
  ) {
    #expect(Numbers.bytes(count) == binary)
    #expect(count.megabytes == decimal)
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (134_515_008, "134,515,008"), (-12_345, "-12,345"),
  ])
  func `digits stand in groups of three`(count: Int, text: String) {
    #expect(count.grouped == text)
  }

  @Test(arguments: [
    (0.4, "0 s"), (89.4, "89 s"), (90, "2 min"), (720, "12 min"), (5399, "1 h 30 min"),
    (7500, "2 h 05 min"),
  ])
  func `a duration has the unit that fits`(seconds: Double, text: String) {
    #expect(seconds.asTime == text)
  }

  @Test func `nothing is left of work that is done, and nothing is said before it begins`() {
    #expect(TimeLeft().text(fraction: 0).isEmpty)
    #expect(TimeLeft().text(fraction: 1) == "0 s left")
  }

  @Test(arguments: [(0.0, 0), (.nan, 0), (-1, 0), (0.5, 4), (1, 8), (7, 8)])
  func `a share fills no more columns than there are`(share: Double, columns: Int) {
    #expect(Numbers.filled(share, of: 8) == columns)
  }
}
