import Dials
import Events
import GGUF
import Inference
import Kernels
import Techniques
import TestSupport
import Testing
import Transformer

/// A model that an adapter changes: full depth is that of the changed model.
struct ChangedModelTests {
  private static let tiny = TinyModel(blockCount: 6, isTied: false, seed: 81)
  private static let prompt = [7, 8, 30, 31].map { TokenID($0) }

  private static var change: TinyLowRank {
    var change = TinyLowRank(base: tiny)
    change.depths = [2, 4]
    return change
  }

  @inline(never)
  private static func engine(_ change: TinyLowRank? = ChangedModelTests.change) throws -> Engine {
    let model = try LoadedModel(file: tiny.file(), threads: 1)
    guard let change else { return Engine(model: model) }
    return Engine(model: try model.adapted(by: change.file(), fingerprint: "00"))
  }

  private static func request(_ dials: DialSettings = .plain) -> TurnRequest {
    TurnRequest(turn: 1, prompt: prompt, dials: dials, tokenLimit: 24)
  }

  @Test(arguments: [
    ExitSetting.fixed(depth: 3),
    .confidence(
      measure: .top1, points: [2, 4].map { ExitPoint(depth: $0, threshold: 0.02) }),
  ])
  func `breadth never changes a changed model's text`(exit: ExitSetting) async throws {
    let plain = await (try Self.engine()).reply(to: Self.request())
    for draft in [DraftSetting.exits, .auto] {
      let dials = DialSettings(exit: exit, mode: .identical, draft: draft)
      let drafted = await (try Self.engine()).reply(to: Self.request(dials))
      #expect(drafted.ids == plain.ids)
      #expect(!drafted.drafts.isEmpty)
    }
    let base = await (try Self.engine(nil)).reply(to: Self.request())
    #expect(base.ids != plain.ids)
  }

  @Test func `tokens left behind are filled by the changed blocks, and counted`() async throws {
    for fill in FillPolicy.allCases {
      let dials = DialSettings(exit: .fixed(depth: 3), mode: .approximate, draft: .off, fill: fill)
      let reply = await (try Self.engine()).reply(to: Self.request(dials))
      let base = await (try Self.engine(nil)).reply(to: Self.request(dials))
      #expect(reply.tokens.count == base.tokens.count && reply.ids != base.ids)
      for (a, b) in zip(reply.tokens, base.tokens).dropFirst() {
        #expect(a.cost.macs > b.cost.macs && a.cost.macsFull > b.cost.macsFull)
      }
    }
  }

  @Test func `an engine changes the model between answers, and forgets what it read`() async throws
  {
    let engine = try Self.engine(nil)
    let base = await engine.reply(to: Self.request())
    let fresh = await (try Self.engine()).reply(to: Self.request())
    let changed = try engine.model.adapted(by: Self.change.file(), fingerprint: "00")
    #expect(changed.adapter?.changesModel == true && changed.adapter?.exits == [2, 4])
    for _ in 0..<2 {
      await engine.adopt(changed)
      let reply = await engine.reply(to: Self.request())
      #expect(reply.turn?.nCached == 0)
      #expect(reply.evidence == fresh.evidence)
      await engine.adopt(changed.withoutAdapter)
      let plain = await engine.reply(to: Self.request())
      #expect(plain.turn?.nCached == 0 && plain.evidence == base.evidence)
    }
    // Exits alone leave the text where it is.
    let exits = TinyAdapter(base: Self.tiny, depths: [2])
    await engine.adopt(try engine.model.adapted(by: exits.file(), fingerprint: "00"))
    let reply = await engine.reply(to: Self.request())
    #expect(reply.turn?.nCached == Self.prompt.count - 1 && reply.evidence == base.evidence)
  }

  @Test func `an adapter of another file is refused, and one adapter takes another's place`() throws
  {
    let model = try LoadedModel(file: Self.tiny.file(), threads: 1)
    defer { model.pool.dismiss() }
    #expect(throws: EngineError.self) {
      try model.adapted(by: Self.change.file(), fingerprint: "11")
    }
    let changed = try model.adapted(by: Self.change.file(), fingerprint: "00")
    let plain = model.weights.denseWork(at: 0)
    #expect(changed.weights.denseWork(at: 0).bytes > plain.bytes)
    #expect(changed.withoutAdapter.weights.denseWork(at: 0) == plain)
    let exits = TinyAdapter(base: Self.tiny, depths: [2])
    let other = try changed.adapted(by: exits.file(), fingerprint: "00")
    #expect(other.weights.denseWork(at: 0) == plain && other.adapter?.changesModel == false)
  }
}
