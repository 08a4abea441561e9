import Dials
import Foundation
import Pruning
import TestSupport
import Testing

struct PruningStudyTests {
  private static func blocks(_ indices: Int...) -> [BlockIndex] { indices.map { BlockIndex($0) } }

  /// Two windows of ten scored tokens; `losses` are nats a token.
  private func study(
    sleb: [BlockIndex], other: [[BlockIndex]], method: PruningMethod,
    losses: [BlockSet: [Double]]
  ) -> PruningStudy {
    PruningStudy(
      model: "tiny.gguf",
      texts: [PruningStudy.Text(name: "a.txt", windowCount: 2, scoredPerWindow: 10)],
      orders: [(.sleb, [sleb]), (method, other)],
      losses: [losses.mapValues { $0.map { 10 * $0 } }], speeds: [])
  }

  private static let losses: [BlockSet: [Double]] = [
    .none: [1, 2], BlockSet(indices: [1]): [2, 3], BlockSet(indices: [2]): [1.9, 2.5],
    BlockSet(indices: [3]): [3, 4],
  ]

  @Test func `perplexities and their errors are those of the windows`() {
    let study = study(
      sleb: Self.blocks(1), other: [Self.blocks(2)], method: .oneShot, losses: Self.losses)
    let point = study.series[0].points[0][1]
    #expect(abs(point.perplexity - exp(2.5)) < 1e-9)
    // The standard error of 2 and 3 is 1/2.
    #expect(abs(point.error - exp(2.5) / 2) < 1e-9)
    #expect(point.excess == 0 && point.excessError == 0)
    let other = study.series[1].points[0][1]
    #expect(abs(other.excess - (exp(-0.3) - 1)) < 1e-9)
    // The differences are -0.1 and -0.5: their standard error is 0.2.
    #expect(abs(other.excessError - exp(-0.3) * 0.2) < 1e-9)
  }

  @Test func `several orders are the mean of their losses, with their own spread`() {
    let study = study(
      sleb: Self.blocks(1), other: [Self.blocks(2), Self.blocks(3)], method: .random,
      losses: Self.losses)
    let point = study.series[1].points[0][1]
    #expect(abs(point.perplexity - exp((2.2 + 3.5) / 2)) < 1e-9)
    #expect(abs(point.range[0] - exp(2.2)) < 1e-9 && abs(point.range[1] - exp(3.5)) < 1e-9)
    // The standard error of 2.2 and 3.5 is 0.65.
    #expect(abs(point.error - point.perplexity * 0.65) < 1e-9)
  }

  @Test func `the table says where SLEB is not the lowest`() {
    let beaten = study(
      sleb: Self.blocks(1), other: [Self.blocks(2)], method: .influence, losses: Self.losses)
    #expect(beaten.verdict(on: 0) == "Lower than SLEB: ShortGPT at 1 (by 25.92 ± 14.82 %).")
    #expect(beaten.markdown.contains("| 1 | 1 | 12.18 ± 6.09 | **9.03** ± 2.71 |"))
    let best = study(
      sleb: Self.blocks(2), other: [Self.blocks(1)], method: .influence, losses: Self.losses)
    #expect(best.verdict(on: 0) == "SLEB is the lowest at every count.")
    #expect(best.csv.split(separator: "\n").count == 1 + 4)
  }

  @Test func `speeds are ratios of the same turn`() {
    // The machine is half as fast in the last turn.
    let speed = PruningStudy.Speed(rates: [110, 120, 60], whole: [100, 100, 50])
    #expect(abs(speed.ratio - 1.2) < 1e-12)
    #expect(speed.range[0] == 1.1 && speed.tokensPerSecond == 110)
    let wide = PruningStudy.Speed(rates: [10, 12, 13, 14, 90], whole: [10, 10, 10, 10, 10])
    #expect(wide.range == [1.2, 1.4] && wide.ratio == 1.3)
  }

  @Test func `a ledger gives back what was noted, past a torn line`() async throws {
    try await withTemporaryFolder { folder in
      let path = folder + "/deep/study.jsonl"
      var ledger = StudyLedger(path: path)
      let sets: [BlockSet: Double] = [.none: 1.25, BlockSet(indices: [3, 4]): 1 / 3]
      try ledger.note(sets, of: "w")
      try ledger.note(Self.blocks(3, 1), by: .oneShot, calibration: "c")
      try ledger.note([BlockSet(indices: [5]): 7], of: "torn")
      let whole = try Data(contentsOf: URL(filePath: path))
      try whole.dropLast(4).write(to: URL(filePath: path))
      var again = StudyLedger(path: path)
      #expect(again.losses(of: "w") == sets)
      #expect(again.order(.oneShot, calibration: "c") == Self.blocks(3, 1))
      #expect(again.order(.oneShot, calibration: "d") == nil)
      #expect(again.losses(of: "torn").isEmpty)
      try again.note([BlockSet(indices: [5]): 7], of: "torn")
      #expect(StudyLedger(path: path).losses(of: "torn") == [BlockSet(indices: [5]): 7])
      #expect(StudyLedger(path: path).losses(of: "w") == sets)
    }
  }
}
