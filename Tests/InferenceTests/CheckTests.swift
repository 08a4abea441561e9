import Dials
import Events
import Inference
import Techniques
import TestSupport
import Testing

/// What the whole model says to an answer: all blocks, full attention, the file's own weights.
struct CheckTests {
  /// What the whole model takes behind each beginning of an answer, asked one token at a time in an engine
  /// of its own.
  @inline(never)
  private func choices(
    _ engine: Engine, _ prompt: [TokenID], _ ids: [TokenID], _ sampler: SessionRecord.Sampler
  ) async -> [TokenID] {
    var choices: [TokenID] = []
    for place in ids.indices {
      let reply = await engine.plainReply(to: prompt + ids[..<place], limit: 1, sampler: sampler)
      choices += reply.ids
    }
    return choices
  }

  @inline(never)
  private func dials(
    _ tiny: TinyModel, using generator: inout SeededGenerator
  ) -> DialSettings {
    let pruned = Bool.random(using: &generator) ? BlockSet(indices: [1]) : .none
    let mode: ExitMode = Bool.random(using: &generator) ? .approximate : .identical
    var dials = DialSettings.random(
      mode, blockCount: tiny.blockCount, pruned: pruned, using: &generator)
    dials.fill = Bool.random(using: &generator) ? .catchUp : .propagate
    dials.draft = Bool.random(using: &generator) ? .auto : .off
    if Bool.random(using: &generator) { dials.reach = ReachSetting(.lambda, window: 9, sinks: 2) }
    return dials
  }

  @Test(arguments: 0..<8)
  func `a check says what the whole model takes, whatever the answer was made with`(
    seed: UInt64
  ) async throws {
    var generator = SeededGenerator(seed: 4100 + seed)
    let tiny = TinyModel(blockCount: 4, seed: 4100 + seed)
    let engine = try Engine(tiny: tiny)
    let whole = try Engine(tiny: tiny)
    for turn in 0..<4 {
      let prompt = TinyModel.prompt(using: &generator)
      let sampler = SessionRecord.Sampler.random(using: &generator)
      let reply = await engine.reply(
        to: TurnRequest(
          turn: turn, answer: turn + 1, prompt: prompt, dials: dials(tiny, using: &generator),
          sampler: sampler, tokenLimit: 16, looks: [.check, .lens]))
      let check = try #require(reply.check)
      let choices = await choices(whole, prompt, reply.ids, sampler)
      #expect(check.turn == turn && check.answer == turn + 1)
      #expect(check.isSame == zip(choices, reply.ids).map { $0 == $1 })
      #expect(check.others.map(\.i) == choices.indices.filter { choices[$0] != reply.ids[$0] })
      #expect(check.others.map(\.id) == check.others.map { choices[$0.i] })
    }
  }

  @Test func `some answers differ from the whole model's, and some do not`() async throws {
    var marks = ""
    for seed in 0..<6 as Range<UInt64> {
      var generator = SeededGenerator(seed: 4200 + seed)
      let engine = try Engine(tiny: TinyModel(blockCount: 4, seed: seed))
      let reply = await engine.reply(
        to: TurnRequest(
          turn: 1, prompt: TinyModel.prompt(using: &generator),
          dials: DialSettings(pruned: BlockSet(indices: [2])), tokenLimit: 30, looks: .check))
      marks += try #require(reply.check).line
    }
    #expect(marks.count { $0 == CheckRecord.same } > 10)
    #expect(marks.count { $0 == CheckRecord.other } > 10)
  }

  @Test func `an answer that is checked goes on as if it had not been`() async throws {
    var generator = SeededGenerator(seed: 43)
    let tiny = TinyModel(blockCount: 4, seed: 43)
    let (checked, other) = (try Engine(tiny: tiny), try Engine(tiny: tiny))
    var prompt = TinyModel.prompt(using: &generator)
    for turn in 0..<5 {
      var request = TurnRequest(
        turn: turn, prompt: prompt, dials: dials(tiny, using: &generator), tokenLimit: 12)
      let expected = await other.reply(to: request)
      request.looks = .check
      let reply = await checked.reply(to: request)
      #expect(reply.ids == expected.ids)
      prompt += reply.ids + TinyModel.prompt(using: &generator)
    }
  }

  @Test func `an adapter that changes the model is not the whole model`() async throws {
    let tiny = TinyModel(seed: 44)
    let model = try LoadedModel(file: tiny.file(), threads: 1)
    let engine = Engine(
      model: try model.adapted(by: TinyLowRank(base: tiny).file(), fingerprint: "00"))
    let whole = try Engine(tiny: tiny)
    let prompt = [TokenID(5), TokenID(9), TokenID(12)]
    let reply = await engine.reply(
      to: TurnRequest(turn: 1, prompt: prompt, tokenLimit: 24, looks: .check))
    let check = try #require(reply.check)
    let choices = await choices(whole, prompt, reply.ids, SessionRecord.Sampler())
    #expect(check.isSame == zip(choices, reply.ids).map { $0 == $1 })
    #expect(check.line.contains(CheckRecord.other))
  }

  @Test func `a text beyond the context of the whole model is not checked`() async throws {
    let engine = try Engine(tiny: TinyModel(contextLength: 256, seed: 45), contextLength: 40)
    var generator = SeededGenerator(seed: 45)
    let prompt = TinyModel.prompt(30...30, using: &generator)
    let dials = DialSettings(reach: ReachSetting(.lambda, window: 16, sinks: 2))
    let short = await engine.reply(
      to: TurnRequest(turn: 1, prompt: prompt, dials: dials, tokenLimit: 8, looks: .check))
    #expect(short.check?.line.count == short.tokens.count)
    let long = await engine.reply(
      to: TurnRequest(turn: 1, prompt: prompt, dials: dials, tokenLimit: 20, looks: .check))
    #expect(long.tokens.count > 10 && long.check == nil)
  }
}

/// Plain passes between the others, as a yardstick of speed.
struct YardstickTests {
  @Test(arguments: [ExitMode.identical, .approximate], [FillPolicy.catchUp, .propagate])
  func `a yardstick changes no text, and comes often enough`(
    mode: ExitMode, fill: FillPolicy
  ) async throws {
    var longest = 0
    for seed in 0..<4 as Range<UInt64> {
      var generator = SeededGenerator(seed: 4400 + seed)
      let tiny = TinyModel(blockCount: 4, contextLength: 1024, seed: 4400 + seed)
      var dials = DialSettings.random(mode, blockCount: 4, using: &generator)
      (dials.fill, dials.draft) = (fill, mode == .identical ? .auto : .off)
      var request = TurnRequest(
        turn: 1, prompt: TinyModel.prompt(using: &generator), dials: dials,
        sampler: .random(using: &generator), tokenLimit: 200)
      let expected = await (try Engine(tiny: tiny)).reply(to: request)
      request.looks = .yardstick
      let reply = await (try Engine(tiny: tiny)).reply(to: request)
      #expect(reply.ids == expected.ids)
      #expect(expected.tokens.allSatisfy { $0.time.plain == nil && $0.time.beside == nil })
      let rounds = Dictionary(
        grouping: reply.laterTokens, by: { $0.spec.map { "r\($0.round)" } ?? "t\($0.i)" })
      let measured = reply.tokens.filter { $0.time.plain != nil }
      longest = max(longest, rounds.count)
      #expect(measured.count >= rounds.count / 32, "\(measured.count) of \(rounds.count)")
      if mode == .approximate {
        // Beside the text: what was counted is what the text took.
        #expect(measured.allSatisfy { $0.time.plain == $0.time.beside })
        #expect(reply.tokens.map(\.cost) == expected.tokens.map(\.cost))
        #expect(reply.tokens.map(\.depth) == expected.tokens.map(\.depth))
      } else {
        #expect(measured.allSatisfy { $0.time.beside == nil && $0.spec == nil })
      }
    }
    #expect(longest > 100)
  }

  @Test func `a model with nothing turned needs no yardstick`() async throws {
    let reply = await (try Engine(tiny: TinyModel(seed: 46))).reply(
      to: TurnRequest(
        turn: 1, prompt: [TokenID(5)], dials: DialSettings(draft: .off), tokenLimit: 40,
        looks: .yardstick))
    #expect(reply.tokens.allSatisfy { $0.time.plain == nil })
  }
}
