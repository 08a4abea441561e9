import Dials
import Events
import Inference
import Techniques
import TestSupport
import Testing
import Transformer

/// Answers that run in a circle, and answers that go on.
struct CircleTests {
  /// Rows that cost nothing, so that every guess is worth one.
  private static let free = CostTable(times: CostTable.measuredCounts.map { _ in 1 })

  /// A model with room for circles, a prompt, and a limit.
  private struct Scene {
    let tiny: TinyModel
    let request: TurnRequest

    init(using generator: inout SeededGenerator) {
      tiny = TinyModel(
        blockCount: .random(in: 2...5, using: &generator), isTied: .random(using: &generator),
        contextLength: 1024, seed: generator.next())
      request = TurnRequest(
        turn: 1, prompt: TinyModel.prompt(using: &generator), tokenLimit: 700,
        circleLimit: .random(in: CircleWatch.leastLimit...12, using: &generator))
    }

    /// A scene whose plain answer runs in a circle, and that answer: most random models come to one.
    static func circling(using generator: inout SeededGenerator) async throws -> (Scene, Reply) {
      while true {
        let scene = Scene(using: &generator)
        let reply = await (try Engine(tiny: scene.tiny)).reply(to: scene.request)
        if reply.end?.reason == .circle { return (scene, reply) }
      }
    }
  }

  private func with(
    _ request: TurnRequest, _ change: (inout TurnRequest) -> Void
  ) -> TurnRequest {
    var request = request
    change(&request)
    return request
  }

  @Test(arguments: 0..<12)
  func `a circle stops at the same token with any drafter`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 2200 + seed)
    let (scene, expected) = try await Scene.circling(using: &generator)
    let whole = await (try Engine(tiny: scene.tiny)).reply(
      to: with(scene.request) { $0.circleLimit = 0 })
    #expect(whole.ids.starts(with: expected.ids))
    #expect(whole.end?.reason != .circle)
    let stop = nextStop(behind: [], in: whole.ids, limit: scene.request.circleLimit)
    #expect(stop == expected.ids.count)
    let truth = scene.request.prompt + whole.ids
    for guesser in 0..<4 {
      let depth = Int.random(in: 1...40, using: &generator)
      let wild = WildDrafter(seed: generator.next(), truth: truth)
      let engine = try Engine(tiny: scene.tiny, costs: Self.free) { setting, count in
        switch guesser {
        case 0: [OracleDrafter(text: truth, depth: depth)]
        case 1: [wild]
        default: Catalogue.drafters(for: setting, vocabularyCount: count)
        }
      }
      var dials = DialSettings.random(
        .identical, blockCount: scene.tiny.blockCount, using: &generator)
      if guesser < 3 { dials.draft = .auto }
      let reply = await engine.reply(to: with(scene.request) { $0.dials = dials })
      #expect(reply.evidence == expected.evidence, "\(guesser)")
      #expect(reply.end?.reason == .circle && reply.end?.message == expected.end?.message)
      #expect(reply.end?.timings.predictedN == reply.ids.count)
      let accepted = reply.drafts.reduce(0) { $0 + $1.kAccepted }
      #expect(accepted == reply.tokens.count { $0.spec?.status == .accepted })
      #expect(reply.end?.timings.draftNAccepted == accepted)
      try await expectAsNew(engine, after: reply, to: scene, dials: dials)
    }
  }

  /// The next turn reads what the stop left behind, and answers as a new engine does.
  private func expectAsNew(
    _ engine: Engine, after reply: Reply, to scene: Scene, dials: DialSettings, isExact: Bool = true
  ) async throws {
    let text = scene.request.prompt + reply.ids
    for prompt in [text + [TokenID(7)], text] {
      let request = TurnRequest(turn: 3, prompt: prompt, dials: dials, tokenLimit: 12)
      let next = await engine.reply(to: request)
      let new = await (try Engine(tiny: scene.tiny)).reply(
        to: with(request) { $0.dials = DialSettings(pruned: dials.pruned, reach: dials.reach) })
      #expect(next.evidence == new.evidence)
      if isExact { #expect((next.turn?.nCached ?? 0) >= text.count - 1) }
    }
  }

  @Test(arguments: 0..<6)
  func `a closer look sees the text up to the stop`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 2220 + seed)
    let (scene, _) = try await Scene.circling(using: &generator)
    let truth = await (try Engine(tiny: scene.tiny)).reply(
      to: with(scene.request) { $0.circleLimit = 0 })
    let oracle = OracleDrafter(text: scene.request.prompt + truth.ids, depth: 25)
    let engine = try Engine(tiny: scene.tiny, costs: Self.free) { _, _ in [oracle] }
    let reply = await engine.reply(
      to: with(scene.request) {
        $0.dials = DialSettings(draft: .auto)
        $0.looks = .lens
      })
    #expect(reply.end?.reason == .circle)
    #expect(reply.drafts.contains { $0.kAccepted > 5 })
    #expect(reply.probes.map(\.pos) == reply.tokens.map(\.pos))
    #expect(reply.probes.allSatisfy { $0.agree })
    try await expectAsNew(engine, after: reply, to: scene, dials: DialSettings(draft: .auto))
  }

  @Test func `a stop leaves a text that goes on, also behind exits and under a window`()
    async throws
  {
    var stops = [0, 0]
    for seed in 0..<8 as Range<UInt64> {
      var generator = SeededGenerator(seed: 2240 + seed)
      let (scene, _) = try await Scene.circling(using: &generator)
      let exits = DialSettings.random(
        .approximate, blockCount: scene.tiny.blockCount, using: &generator)
      let window = DialSettings(draft: .auto, reach: ReachSetting(.lambda, window: 48, sinks: 4))
      for (index, dials) in [exits, window].enumerated() {
        let engine = try Engine(tiny: scene.tiny, costs: Self.free)
        let reply = await engine.reply(to: with(scene.request) { $0.dials = dials })
        if reply.end?.reason == .circle { stops[index] += 1 }
        let plain = DialSettings(reach: dials.reach)
        try await expectAsNew(engine, after: reply, to: scene, dials: plain, isExact: false)
      }
    }
    #expect(stops.allSatisfy { $0 > 1 })
  }

  @Test(arguments: 0..<10)
  func `an answer in pieces is one answer`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 2260 + seed)
    let scene = Scene(using: &generator)
    let sampler =
      seed % 3 == 0 ? SessionRecord.Sampler() : SessionRecord.Sampler.random(using: &generator)
    var dials = DialSettings.random(
      .identical, blockCount: scene.tiny.blockCount, using: &generator)
    if seed % 2 == 0 { dials.draft = .auto }
    let request = with(scene.request) { $0.sampler = sampler }
    let whole = await (try Engine(tiny: scene.tiny)).reply(
      to: with(request) {
        $0.circleLimit = 0
        $0.tokenLimit = 300
      })
    let engine = try Engine(tiny: scene.tiny, costs: Self.free)
    var (ids, reason) = ([TokenID](), EndRecord.Reason?.none)
    while reason != .stop, ids.count < 300 {
      let piece = await engine.reply(
        to: with(request) {
          $0.dials = dials
          $0.prompt += ids
          $0.begunCount = ids.count
          $0.tokenLimit = min(300 - ids.count, .random(in: 1...250, using: &generator))
        })
      #expect(piece.turn?.nPrompt == request.prompt.count + ids.count)
      #expect(piece.tokens.map(\.i) == Array(0..<piece.ids.count))
      ids += piece.ids
      reason = piece.end?.reason
      try #require([.stop, .length, .circle].contains(reason))
    }
    #expect(ids == whole.ids)
  }

  @Test(arguments: 0..<8)
  func `who goes on in a circle is not stopped before the text has left it`(
    seed: UInt64
  ) async throws {
    var generator = SeededGenerator(seed: 2280 + seed)
    let (scene, first) = try await Scene.circling(using: &generator)
    let engine = try Engine(tiny: scene.tiny)
    // Straight on, and behind two words that end the circle.
    for words in [[], [TokenID(9), TokenID(11)]] {
      let begun = first.ids + words
      let going = with(scene.request) {
        $0.prompt += begun
        $0.begunCount = begun.count
        $0.tokenLimit = 300
      }
      let plain = await engine.reply(to: with(going) { $0.circleLimit = 0 })
      let reply = await engine.reply(to: going)
      let stop = nextStop(behind: begun, in: plain.ids, limit: going.circleLimit)
      #expect(reply.ids == Array(plain.ids.prefix(stop ?? 300)))
      #expect(reply.end?.reason == (stop == nil ? plain.end?.reason : .circle))
      if stop == nil { #expect(reply.end?.message == plain.end?.message) }
    }
  }

  /// Where a text that has `begun` comes to a circle that it was not in before.
  private func nextStop(behind begun: [TokenID], in text: [TokenID], limit: Int) -> Int? {
    var watch = CircleWatch()
    for token in begun { watch.take(token) }
    var hasLeft = watch.noticed == nil
    for (index, token) in text.enumerated() {
      watch.take(token)
      hasLeft = hasLeft || watch.noticed == nil
      if hasLeft, watch.circle(times: limit, length: CircleWatch.limitLength) != nil {
        return index + 1
      }
    }
    return nil
  }
}
