import Kernels
import TestSupport
import Testing

struct CrewSizeTests {
  /// Workers in each of `tasks` tasks on a machine with `processors` free ones. Where there are more workers,
  /// all others sleep nearly all the time.
  private func sizes(
    _ tasks: Int, processors: Int, of crew: inout CrewSize
  ) -> [Int] {
    (0..<tasks).map { _ in
      let active = crew.active
      crew.learn(time: 1000, slept: active > processors ? 900 * (active - 1) : 0)
      return active
    }
  }

  @Test(arguments: [1, 2, 3, 16, 256])
  func `with a processor for each, every worker takes part in every task`(limit: Int) {
    var crew = CrewSize(limit: limit)
    #expect(sizes(500, processors: limit, of: &crew).allSatisfy { $0 == limit })
  }

  @Test(arguments: [(2, 1), (16, 15), (16, 2), (64, 1), (5, 3)])
  func `there are soon no more workers than processors, and seldom again`(
    limit: Int, processors: Int
  ) {
    var crew = CrewSize(limit: limit)
    let first = sizes(300, processors: processors, of: &crew)
    #expect(first[0] == limit)
    let crowded = first.count { $0 > processors }
    #expect(crowded <= 16, "\(crowded) of \(first.count)")
    let later = sizes(5000, processors: processors, of: &crew)
    #expect(later.count { $0 > processors } <= 5000 / 100)
    #expect(later.count { $0 == processors } >= 5000 * 9 / 10)
  }

  @Test func `all come back once the processors are free`() {
    var crew = CrewSize(limit: 8)
    _ = sizes(2000, processors: 2, of: &crew)
    _ = sizes(8000, processors: 8, of: &crew)
    #expect(crew.active == 8)
  }

  @Test func `a short wait leaves nobody out`() {
    var crew = CrewSize(limit: 4)
    for _ in 0..<100 { crew.learn(time: 1000, slept: 700) }
    #expect(crew.active == 4)
    crew.learn(time: 1000, slept: 800)
    #expect(crew.active == 3)
  }

  @Test func `no times whatever leave nobody at all`() {
    var generator = SeededGenerator(seed: 70)
    var crew = CrewSize(limit: 6)
    for _ in 0..<10_000 {
      crew.learn(
        time: .random(in: 0...1 << 40, using: &generator),
        slept: .random(in: 0...1 << 42, using: &generator))
      #expect((1...6).contains(crew.active))
    }
  }
}
