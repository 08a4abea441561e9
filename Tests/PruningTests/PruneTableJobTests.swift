import Corpus
import Dials
import Evaluation
import Foundation
import Pruning
import TestSupport
import Testing

/// The measurements of a study of the methods.
struct PruneTableJobTests {
  private func windows() throws -> TextWindows {
    var generator = SeededGenerator(seed: 11)
    let tokens = (0..<100).map { _ in TokenID(Int.random(in: 3..<300, using: &generator)) }
    return try TextWindows(tokens, length: 40)
  }

  @Test func `what is known is not measured again, to the same end`() async throws {
    try await withTemporaryFolder { folder in
      let tiny = try TinyArchive(in: folder)
      let sample = try tiny.sample()
      let windows = try windows()
      func run() throws -> (orders: [[[BlockIndex]]], losses: [[BlockSet: [Double]]], read: Int) {
        var readings = 0
        var job = PruneTableJob(
          model: tiny.model, archive: tiny.archive,
          observe: PruningObserver { if case .reading = $0 { readings += 1 } })
        let orders = try job.orders(count: 2, sample: sample, seed: 1)
        #expect(orders.map(\.method) == [.sleb, .influence, .oneShot, .random])
        #expect(orders.map(\.orders.count) == [1, 1, 1, 5])
        let losses = try job.losses(of: [windows], without: orders.flatMap(\.orders))
        return (orders.map(\.orders), losses, readings)
      }
      let first = try run()
      #expect(first.read == 3)
      #expect(first.losses[0][.none]?.count == windows.count)
      let ledger = try String(contentsOfFile: tiny.archive.studyPath, encoding: .utf8)
      let second = try run()
      #expect(second.read == 0 && second.orders == first.orders && second.losses == first.losses)
      #expect(try String(contentsOfFile: tiny.archive.studyPath, encoding: .utf8) == ledger)
      // Cut off in the middle of the last line: that window is measured again.
      try Data(ledger.utf8.dropLast(20)).write(to: URL(filePath: tiny.archive.studyPath))
      #expect(try run().losses == first.losses)
      let longer = try String(contentsOfFile: tiny.archive.studyPath, encoding: .utf8)
      #expect(longer.hasPrefix(String(ledger.dropLast(20))) && longer.count > ledger.count)
    }
  }

  @Test func `a study that is stopped says so and keeps the orders that it has`() async throws {
    try await withTemporaryFolder { folder in
      let tiny = try TinyArchive(in: folder)
      var readings = 0
      var job = PruneTableJob(
        model: tiny.model, archive: tiny.archive,
        observe: PruningObserver(isWanted: { readings < 3 }) {
          if case .reading = $0 { readings += 1 }
        })
      #expect(throws: CancellationError.self) {
        try job.orders(count: 1, sample: try tiny.sample(), seed: 1)
      }
      let ledger = StudyLedger(path: tiny.archive.studyPath)
      let text = try tiny.sample().provenance.sha256
      #expect(ledger.order(.influence, calibration: text) != nil)
      #expect(ledger.order(.oneShot, calibration: text) == nil)
    }
  }

  @Test func `more blocks than can go are a wrong argument`() async throws {
    try await withTemporaryFolder { folder in
      let tiny = try TinyArchive(in: folder)
      var job = PruneTableJob(
        model: tiny.model, archive: tiny.archive, observe: PruningObserver())
      let error = #expect(throws: PruningError.self) {
        try job.orders(count: 5, sample: try tiny.sample(), seed: 1)
      }
      #expect(error?.code == .badArgument)
      #expect(error?.description == "--blocks: at most 4 of this model can go.")
    }
  }

  @Test func `speeds are those of each count, against the whole model's`() async throws {
    try await withTemporaryFolder { folder in
      let tiny = try TinyArchive(in: folder)
      let job = PruneTableJob(
        model: tiny.model, archive: tiny.archive, observe: PruningObserver())
      let speeds = try job.speeds(without: [BlockIndex(1), BlockIndex(2)], turns: 1)
      #expect(speeds.count == 3 && speeds[0].ratio == 1)
      #expect(speeds.allSatisfy { $0.tokensPerSecond > 0 })
    }
  }
}
