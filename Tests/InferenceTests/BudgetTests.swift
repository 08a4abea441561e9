import Dials
import Events
import Inference
import Kernels
import Techniques
import TestSupport
import Testing
import Transformer

/// Small feed-forwards in the loop: what a budget promises.
struct BudgetTests {
  @inline(never)
  private func engine(_ duo: TinyDuo, threads: Int = 1) throws -> Engine {
    let model = try LoadedModel(file: duo.base.file(), threads: threads)
    return Engine(
      model: try model.routing(with: duo.file(), fingerprint: duo.sha256),
      costs: CostTable(times: CostTable.measuredCounts.map { _ in 1 }))
  }

  /// A budget whose offset lies where random routers say both.
  private func budget(using generator: inout SeededGenerator) -> BudgetSetting {
    BudgetSetting(share: 0.5, offset: .random(in: -1...1, using: &generator))
  }

  private func share(_ tokens: [TokenRecord]) -> Double {
    let lines = tokens.dropFirst().map(\.depth)
    let small = lines.reduce(0) { $0 + $1.description.count { $0 == "s" } }
    return Double(small) / Double(max(1, lines.reduce(0) { $0 + $1.description.count }))
  }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func `all-big is the plain answer, bit for bit, in a whole budget and behind any offset`(
    seed: UInt64
  ) async throws {
    var generator = SeededGenerator(seed: 5100 + seed)
    let tiny = TinyModel.random(using: &generator)
    let engine = try engine(TinyDuo(base: tiny, seed: seed))
    let prompt = TinyModel.prompt(using: &generator)
    let plain = await (try Engine(tiny: tiny)).plainReply(to: prompt, limit: 30)
    for budget in [.whole, BudgetSetting(share: 0.5, offset: -.infinity)] {
      let dials = DialSettings(draft: .off, budget: budget)
      let reply = await engine.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, tokenLimit: 30))
      #expect(reply.evidence == plain.evidence)
      if !budget.isOn {
        #expect(reply.tokens.map(\.cost) == plain.tokens.map(\.cost), "off means off")
      }
    }
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func `drafts and exits that full depth verifies change nothing under a budget`(
    seed: UInt64
  ) async throws {
    var generator = SeededGenerator(seed: 5200 + seed)
    let tiny = TinyModel.random(using: &generator)
    let duo = TinyDuo(base: tiny, seed: seed)
    let budget = budget(using: &generator)
    let prompt = TinyModel.prompt(using: &generator)
    let sampler = SessionRecord.Sampler.random(using: &generator)
    let alone = await (try engine(duo)).reply(
      to: TurnRequest(
        turn: 1, prompt: prompt, dials: DialSettings(draft: .off, budget: budget),
        sampler: sampler, tokenLimit: 40))
    #expect(alone.tokens.count < 5 || share(alone.tokens) > 0)
    let engine = try engine(duo, threads: 2)
    for draft in ["auto", "ngram,recycle 8", "skip", "exit,ngram"] {
      var dials = DialSettings.random(.identical, blockCount: tiny.blockCount, using: &generator)
      dials.draft = try DraftSetting.parse(draft)
      dials.budget = budget
      let reply = await engine.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, sampler: sampler, tokenLimit: 40))
      #expect(reply.evidence == alone.evidence, "\(draft) \(dials)")
      #expect(dials.contract == .approximate)
    }
  }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func `small feed-forwards that only draft change no text`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 5300 + seed)
    let tiny = TinyModel.random(using: &generator)
    let engine = try engine(TinyDuo(base: tiny, seed: seed))
    let prompt = TinyModel.prompt(using: &generator)
    let sampler = SessionRecord.Sampler.random(using: &generator)
    let plain = await (try Engine(tiny: tiny)).plainReply(to: prompt, limit: 40, sampler: sampler)
    var dials = DialSettings(
      draft: try DraftSetting.parse("small 4"), budget: budget(using: &generator))
    #expect(dials.contract == .identical)
    for draft in ["small 4", "small,ngram 6"] {
      dials.draft = try DraftSetting.parse(draft)
      let reply = await engine.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, sampler: sampler, tokenLimit: 40))
      #expect(reply.evidence == plain.evidence)
      #expect(reply.tokens.count < 3 || reply.drafts.contains { $0.kDrafted > 0 })
    }
  }

  @Test func `a record of routed tokens replays without a model`() async throws {
    var generator = SeededGenerator(seed: 5400)
    let tiny = TinyModel(blockCount: 6, seed: 5400)
    let engine = try engine(TinyDuo(base: tiny))
    var small = 0
    for mode in ExitMode.allCases {
      for _ in 0..<4 {
        var dials = DialSettings.random(mode, blockCount: 6, using: &generator)
        dials.budget = budget(using: &generator)
        dials.fill = Bool.random(using: &generator) ? .catchUp : .propagate
        let reply = await engine.reply(
          to: TurnRequest(
            turn: 1, prompt: TinyModel.prompt(using: &generator), dials: dials, tokenLimit: 30))
        let session = engine.sessionRecord(
          id: "x", tool: .init(name: "fathom", version: "1"), sampler: SessionRecord.Sampler(),
          dials: dials)
        let records = [.session(session)] + reply.records
        let read = try EventLog.records(in: try EventLog.data(for: records))
        #expect(read == records)
        let policy =
          mode == .identical
          ? EveryBlock(rule: dials.budget.rule) as any DepthPolicy
          : Catalogue.depthPolicy(for: dials, blockCount: 6)
        for case .token(let token) in read where token.i > 0 && token.phase == .gen {
          let replay = DepthReplay(of: policy, blockCount: 6, evidence: token.exit.evidence)
          #expect(replay.isComplete)
          #expect(replay.line == token.depth)
          small += token.depth.description.count { $0 == "s" }
        }
      }
    }
    #expect(small > 0)
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `what was said with small feed-forwards never shows in the next answer`(
    seed: UInt64
  ) async throws {
    var generator = SeededGenerator(seed: 5500 + seed)
    let tiny = TinyModel.random(using: &generator)
    let duo = TinyDuo(base: tiny, seed: seed)
    let engine = try engine(duo)
    var prompt = TinyModel.prompt(using: &generator)
    for turn in 1...3 {
      let request = TurnRequest(
        turn: turn, prompt: prompt,
        dials: DialSettings(draft: .off, budget: budget(using: &generator)), tokenLimit: 12,
        looks: turn == 2 ? .check : [])
      let reply = await engine.reply(to: request)
      let fresh = await (try self.engine(duo)).reply(to: request)
      #expect(reply.evidence == fresh.evidence)
      prompt += reply.ids + TinyModel.prompt(1...4, using: &generator)
    }
  }

  @Test func `a check asks the whole model, whose feed-forwards are big`() async throws {
    var generator = SeededGenerator(seed: 5600)
    let tiny = TinyModel(blockCount: 4, seed: 5600)
    let engine = try engine(TinyDuo(base: tiny))
    let prompt = TinyModel.prompt(using: &generator)
    let dials = DialSettings(
      draft: .off, budget: BudgetSetting(share: 0.1, offset: .infinity))
    let reply = await engine.reply(
      to: TurnRequest(turn: 1, prompt: prompt, dials: dials, tokenLimit: 12, looks: .check))
    let check = try #require(reply.check)
    let whole = try Engine(tiny: tiny)
    for place in reply.ids.indices {
      let said = await whole.plainReply(to: prompt + reply.ids[..<place], limit: 1)
      #expect(check.isSame[place] == (said.ids == [reply.ids[place]]))
    }
    #expect(check.isSame.contains(false))
    #expect(share(reply.tokens) == 1)
  }

  @Test func `fewer big feed-forwards cost fewer multiplications and bytes`() async throws {
    let tiny = TinyModel(blockCount: 6, feedForwardWidth: 256, seed: 5700)
    let engine = try engine(TinyDuo(base: tiny))
    var costs: [Double] = []
    for offset: Float in [-.infinity, -0.7, 0.7, .infinity] {
      let dials = DialSettings(draft: .off, budget: BudgetSetting(share: 0.5, offset: offset))
      let reply = await engine.reply(
        to: TurnRequest(turn: 1, prompt: [TokenID(7)], dials: dials, tokenLimit: 20))
      let tokens = reply.tokens.dropFirst()
      let bytes = tokens.reduce(0) { $0 + $1.cost.bytesRead }
      costs.append(Double(bytes) / Double(max(1, tokens.count)))
    }
    #expect(costs == costs.sorted(by: >) && Set(costs).count == 4)
  }

  @Test func `a budget without modules is an error that says what to do`() async throws {
    let engine = try Engine(tiny: TinyModel(blockCount: 2))
    let reply = await engine.reply(
      to: TurnRequest(
        turn: 1, prompt: [TokenID(5)],
        dials: DialSettings(budget: BudgetSetting(share: 0.6, offset: 0)), tokenLimit: 4))
    #expect(reply.end?.reason == .error)
    #expect(reply.end?.message?.contains("fathom tune duo") == true)
  }

  @Test func `modules give a budget the offset of its share`() throws {
    let model = try engine(TinyDuo(base: TinyModel(blockCount: 2))).model
    defer { model.pool.dismiss() }
    #expect(model.resolved(.whole) == .whole)
    #expect(model.resolved(BudgetSetting(share: 0.5)).offset == 0)
    #expect(model.resolved(BudgetSetting(share: 0.25)).offset == 0.83)
    #expect(model.resolved(BudgetSetting(share: 0.99)).offset == -1.25)
  }
}
