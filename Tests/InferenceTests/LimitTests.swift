import Dials
import Events
import GGUF
import Inference
import Techniques
import TestSupport
import Testing

/// Where an answer ends, and what it says then.
struct LimitTests {
  @Test(arguments: 1...12)
  func `a limit on new tokens is met exactly, also inside a run of drafts`(
    limit: Int
  )
    async throws
  {
    let engine = try Engine(tiny: TinyModel(blockCount: 4, isTied: false, seed: 80))
    let prompt = [TokenID(5), TokenID(6)]
    let plain = await engine.plainReply(to: prompt, limit: 12)
    #expect(plain.ids.count == 12)
    for draftLength in [1, 3, 8, 31] {
      for depth in 1...3 {
        let dials = DialSettings(exit: .fixed(depth: depth), draftLength: draftLength)
        let reply = await engine.reply(
          to: TurnRequest(turn: 1, prompt: prompt, dials: dials, tokenLimit: limit))
        #expect(reply.ids == Array(plain.ids.prefix(limit)))
        #expect(reply.end?.reason == .length)
        #expect(reply.end?.timings.predictedN == limit)
        #expect(reply.drafts.isEmpty == (limit < 3))
      }
    }
  }

  @Test func `the end of the turn ends the answer there, also inside a run of drafts`()
    async throws
  {
    var accepted = 0
    for seed in 0..<12 as Range<UInt64> { accepted += try await endsInDrafts(seed: seed) }
    #expect(accepted > 0)
  }

  /// Makes a token that plain decoding says the end of the turn; returns how often full depth
  /// confirmed a draft of it.
  private func endsInDrafts(seed: UInt64) async throws -> Int {
    var generator = SeededGenerator(seed: 810 + seed)
    let tiny = TinyModel(blockCount: 4, isTied: seed % 2 == 0, seed: generator.next())
    let prompt = TinyModel.prompt(using: &generator)
    let plain = await (try Engine(tiny: tiny)).plainReply(to: prompt, limit: 20)
    let place = try #require(
      plain.ids.indices.first { $0 >= 3 && !plain.ids[..<$0].contains(plain.ids[$0]) })
    let engine = try Engine(
      tiny: tiny.setting("tokenizer.ggml.eos_token_id", to: plain.ids[place].index))
    var accepted = 0
    for draftLength in 1...8 {
      for depth in 1...3 {
        let dials = DialSettings(exit: .fixed(depth: depth), draftLength: draftLength)
        let reply = await engine.reply(
          to: TurnRequest(turn: 1, prompt: prompt, dials: dials, tokenLimit: 20))
        #expect(reply.ids == Array(plain.ids[...place]))
        #expect(reply.end?.reason == .stop)
        #expect(reply.tokens.last?.special == true)
        accepted += reply.tokens.last?.spec?.status == .accepted ? 1 : 0
      }
    }
    return accepted
  }

  @Test(arguments: [1, 4, 31])
  func `a full context ends the answer at its last position`(draftLength: Int) async throws {
    let tiny = TinyModel(blockCount: 4, isTied: false, seed: 82)
    let engine = try Engine(tiny: tiny, contextLength: 40)
    for (count, exit) in [(1, ExitSetting.off), (10, .fixed(depth: 3)), (39, .fixed(depth: 1))] {
      let prompt = (0..<count).map { TokenID(10 + $0) }
      for mode in ExitMode.allCases {
        let dials = DialSettings(exit: exit, mode: mode, draftLength: draftLength)
        let reply = await engine.reply(to: TurnRequest(turn: 1, prompt: prompt, dials: dials))
        #expect(reply.end?.reason == .context)
        #expect(prompt.count + reply.ids.count == 40)
        #expect(reply.tokens.last?.pos == Position(39))
      }
    }
    let all = await engine.plainReply(to: (0..<39).map { TokenID(10 + $0) }, limit: 1)
    #expect(all.end?.reason == .length)
  }

  @Test func `stop ends the answer within a token and keeps the text`() async throws {
    let tiny = TinyModel(blockCount: 4, contextLength: 8192, seed: 4)
    let engine = try Engine(tiny: tiny)
    for _ in 0..<10 {
      var reply = Reply()
      var stopped: Int?
      for await record in engine.records(
        for: TurnRequest(turn: 1, prompt: [TokenID(5)], looks: .lens))
      {
        reply.append(record)
        if reply.tokens.count == 3, stopped == nil {
          engine.stop()
          stopped = engine.elapsed
        }
      }
      #expect(reply.end?.reason == .interrupt)
      #expect(reply.end?.timings.predictedN == reply.ids.count)
      // A round that was under way may bring its token yet; no other begins.
      #expect(reply.tokens.count { $0.tNs > stopped ?? 0 } <= 1)
      #expect(reply.probes.count == reply.tokens.count)
      let plain = await engine.plainReply(to: [TokenID(5)], limit: reply.ids.count)
      #expect(reply.ids == plain.ids)
    }
  }

  @Test func `a new request does not bring a stopped answer back to life`() async throws {
    let engine = try Engine(
      tiny: TinyModel(blockCount: 4, contextLength: 8192, seed: 4))
    let first = engine.records(for: TurnRequest(turn: 1, prompt: [TokenID(5)]))
    engine.stop()
    let second = engine.records(for: TurnRequest(turn: 3, prompt: [TokenID(6)], tokenLimit: 5))
    var replies = [Reply(), Reply()]
    for await record in first { replies[0].append(record) }
    for await record in second { replies[1].append(record) }
    #expect(replies[0].end?.reason == .interrupt)
    #expect(replies[1].end?.reason == .length)
  }

  @Test func `who stops reading stops the answer`() async throws {
    let engine = try Engine(
      tiny: TinyModel(blockCount: 4, contextLength: 8192, seed: 4))
    var ids: [TokenID] = []
    for await record in engine.records(for: TurnRequest(turn: 1, prompt: [TokenID(5)])) {
      if case .token(let token) = record { ids.append(token.id) }
      if ids.count == 3 { break }
    }
    // The next answer has not long to wait, and finds less than a whole context.
    let plain = await engine.plainReply(to: [TokenID(5)], limit: 500)
    #expect(plain.ids.prefix(3) == ids[...])
    let next = await engine.plainReply(to: [TokenID(5)] + plain.ids, limit: 1)
    #expect(next.end?.reason == .length)
  }

  /// Requests that make no sense, each with what the message has to say.
  private static let impossible: [(TurnRequest, String)] = {
    let prompt = [TokenID(5)]
    func sampler(_ change: (inout SessionRecord.Sampler) -> Void) -> TurnRequest {
      var sampler = SessionRecord.Sampler(temperature: 1)
      change(&sampler)
      return TurnRequest(turn: 1, prompt: prompt, sampler: sampler)
    }
    func dials(_ dials: DialSettings) -> TurnRequest {
      TurnRequest(turn: 1, prompt: prompt, dials: dials)
    }
    let long = (0..<256).map { _ in TokenID(9) }
    return [
      (TurnRequest(turn: 1, prompt: []), "The prompt is empty"),
      (TurnRequest(turn: 1, prompt: long), "/clear"),
      (TurnRequest(turn: 1, prompt: [TokenID(300)]), "0-299"),
      (TurnRequest(turn: 1, prompt: [TokenID(-1)]), "0-299"),
      (TurnRequest(turn: 1, prompt: prompt, tokenLimit: 0), "1 or more"),
      (TurnRequest(turn: 1, prompt: prompt, alternativeCount: -1), "0 or more"),
      (dials(DialSettings(exit: .fixed(depth: 4))), "Write off"),
      (dials(DialSettings(exit: .fixed(depth: 0))), "1 to 3"),
      (dials(DialSettings(pruned: BlockSet(indices: [4]))), "0-3"),
      (dials(DialSettings(pruned: BlockSet(indices: 0...3))), "Keep at least one"),
      (dials(DialSettings(draftLength: 0)), "1 to 64"),
      (sampler { $0.temperature = -1 }, "temperature"),
      (sampler { $0.temperature = .nan }, "temperature"),
      (sampler { $0.topK = -1 }, "top_k"),
      (sampler { $0.topP = 0 }, "top_p"),
      (sampler { $0.minP = 1 }, "min_p"),
      (sampler { $0.repeatPenalty = 0 }, "repeat_penalty"),
      (sampler { $0.repeatLastN = -1 }, "repeat_last_n"),
    ]
  }()

  @Test(arguments: impossible.indices)
  func `what cannot be done is said in one end record, and the next request works`(
    index: Int
  )
    async throws
  {
    let (request, words) = Self.impossible[index]
    let engine = try Engine(tiny: TinyModel(blockCount: 4, seed: 84))
    let reply = await engine.reply(to: request)
    #expect(reply.records.map(\.type) == ["end"])
    #expect(reply.end?.reason == .error)
    #expect(reply.end?.message?.contains(words) == true, "\(reply.end?.message ?? "nothing")")
    #expect(reply.end?.timings.predictedN == 0)
    #expect(await engine.plainReply(to: [TokenID(5)], limit: 2).ids.count == 2)
  }
}
