import Dials
import Events
import GGUF
import Inference
import Techniques
import TestSupport
import Testing
import Tokenization
import Transformer

/// Law 3 on the default model, where it lies on this machine: whoever drafts, the text stays.
@Suite(.needsModel, .serialized)
struct RealDraftTests {
  private static let model = SharedData.model.flatMap { path -> LoadedModel? in
    guard let model = try? LoadedModel(path: path, threads: 1), let head = SharedData.draftHead,
      let file = try? GGUFFile(path: head),
      let base = try? AdapterHead(metadata: file.metadata).base
    else { return nil }
    return try? model.drafting(with: file, fingerprint: base.sha256)
  }

  private static let question =
    "List the planets: Mercury, Venus, Earth, Mars, Jupiter, Saturn, Uranus, Neptune. Say for each "
    + "planet whether it has rings."

  private static let samplers = [
    SessionRecord.Sampler(), SessionRecord.Sampler(temperature: 0.7, repeatPenalty: 1.1, seed: 7),
  ]

  private func engine() throws -> (Engine, [TokenID]) {
    let engine = Engine(model: try #require(Self.model), contextLength: 512)
    var conversation = Conversation(template: engine.model.template)
    conversation.say(.user, Self.question)
    return (engine, conversation.prompt(tokenizer: engine.model.tokenizer))
  }

  @Test(arguments: DraftSetting.selectable.filter { ![.exit, .small].contains($0) }, samplers)
  func `breadth never changes text, whoever drafts`(
    source: DraftSource, sampler: SessionRecord.Sampler
  ) async throws {
    let (engine, prompt) = try engine()
    let plain = await engine.plainReply(to: prompt, limit: 60, sampler: sampler)
    let reply = await engine.reply(
      to: TurnRequest(
        turn: 1, prompt: prompt,
        dials: DialSettings(draft: DraftSetting([source], limit: source == .skip ? 3 : nil)),
        sampler: sampler, tokenLimit: 60))
    #expect(reply.evidence == plain.evidence)
    #expect(reply.end?.timings.draftN ?? 0 > 0)
  }

  @Test func `everyone together needs fewer passes than tokens, and the second time fewer still`()
    async throws
  {
    let (engine, prompt) = try engine()
    let plain = await engine.plainReply(to: prompt, limit: 100)
    var passes: [Int] = []
    for _ in 0..<2 {
      let reply = await engine.reply(
        to: TurnRequest(
          turn: 1, prompt: prompt, dials: DialSettings(draft: .auto), tokenLimit: 100))
      #expect(reply.evidence == plain.evidence)
      passes.append(reply.drafts.count + reply.tokens.count { $0.spec == nil })
    }
    #expect(Double(passes[0]) < 0.8 * Double(plain.ids.count), "\(passes)")
    #expect(passes[1] < passes[0], "\(passes)")
  }

  @Test func `a search for blocks to leave out is idle work, and what it did never shows`()
    async throws
  {
    let (engine, prompt) = try engine()
    let plain = await engine.plainReply(to: prompt, limit: 40)
    let skip = TurnRequest(
      turn: 1, prompt: prompt, dials: DialSettings(draft: DraftSetting([.skip], limit: 2)),
      tokenLimit: 40,
      looks: .lens)
    var reply = Reply()
    var probes = 0
    for await record in engine.records(for: skip) {
      reply.append(record)
      if case .probe = record { probes += 1 }
      if probes == 40 { break }
    }
    #expect(reply.evidence == plain.evidence)
    let again = await engine.plainReply(to: prompt + plain.ids, limit: 10)
    let fresh = await (try self.engine().0).plainReply(to: prompt + plain.ids, limit: 10)
    #expect(again.evidence == fresh.evidence)
  }
}
