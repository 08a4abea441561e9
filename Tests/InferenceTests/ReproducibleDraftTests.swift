import Dials
import Events
import Foundation
import Inference
import Synchronization
import Techniques
import TestSupport
import Testing

/// The same requests are the same work: what is drafted sees no clock unless it is asked for.
struct ReproducibleDraftTests {
  /// What of an answer may not depend on times.
  private struct Work: Hashable {
    var ids: [TokenID]
    var costs: [TokenRecord.Cost]
    var drafts: [DraftRecord]
    var fill: EndRecord.Fill?

    init(_ reply: Reply) {
      ids = reply.ids
      costs = (reply.tokens + reply.rejected).map(\.cost)
      drafts = reply.drafts.map {
        var draft = $0
        (draft.tDraftUs, draft.tVerifyUs) = (0, 0)
        return draft
      }
      fill = reply.end?.fill
    }
  }

  /// Threads that do nothing, so that those of a pass are held up now and then.
  private final class Crowd: Sendable {
    private let isOver = Atomic<Bool>(false)

    init(count: Int) {
      for _ in 0..<count {
        Thread { while !self.isOver.load(ordering: .relaxed) {} }.start()
      }
    }

    func leave() { isOver.store(true, ordering: .relaxed) }
  }

  /// Requests in which everybody drafts or a few, greedy or not, with exits of either kind.
  private func requests(blockCount: Int, seed: UInt64) -> [TurnRequest] {
    var generator = SeededGenerator(seed: seed)
    return (0..<8).map { turn in
      let mode = Bool.random(using: &generator) ? ExitMode.identical : .approximate
      var dials = DialSettings.random(mode, blockCount: blockCount, using: &generator)
      if Bool.random(using: &generator) { dials.exit = .off }
      dials.fill = .catchUp
      dials.draft =
        [
          .auto, .auto, DraftSetting(DraftSetting.auto.sources, limit: 5),
          DraftSetting([.ngram, .recycling, .lookahead]), DraftSetting([.skip, .jacobi]),
        ].randomElement(using: &generator) ?? .auto
      return TurnRequest(
        turn: turn, prompt: TinyModel.prompt(using: &generator), dials: dials,
        sampler: .random(using: &generator), tokenLimit: 60)
    }
  }

  private func work(
    of requests: [TurnRequest], by tiny: TinyModel, threads: Int
  ) async throws -> [Work] {
    let engine = try Engine(tiny: tiny, threads: threads)
    var work: [Work] = []
    for request in requests { work.append(Work(await engine.reply(to: request))) }
    return work
  }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func `the same requests are the same trees and the same work, however busy the machine`(
    seed: UInt64
  ) async throws {
    let tiny = TinyModel(blockCount: 3 + Int(seed % 3), isTied: false, seed: 1600 + seed)
    let requests = requests(blockCount: 3 + Int(seed % 3), seed: 1610 + seed)
    let threads = 1 + Int(seed % 2)
    let quiet = try await work(of: requests, by: tiny, threads: threads)
    let crowd = Crowd(count: 3)
    defer { crowd.leave() }
    let crowded = try await work(of: requests, by: tiny, threads: threads)
    #expect(quiet == crowded)
    #expect(quiet.contains { !$0.drafts.isEmpty })
  }
}
