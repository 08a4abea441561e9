import Dials
import Events
import Inference
import Kernels
import Techniques
import TestSupport
import Testing
import Transformer

/// A trained head that drafts, in the loop.
struct LearnedDraftTests {
  @inline(never)
  private func engine(_ head: TinyDraftHead, threads: Int = 1) throws -> Engine {
    let model = try LoadedModel(file: head.base.file(), threads: threads)
    return Engine(
      model: try model.drafting(with: head.file(), fingerprint: head.sha256),
      costs: CostTable(times: CostTable.measuredCounts.map { _ in 1 }))
  }

  /// A head that takes itself for good, so that it is asked often, though its guesses are random.
  private func head(_ tiny: TinyModel, seed: UInt64) -> TinyDraftHead {
    var head = TinyDraftHead(base: tiny, seed: seed)
    head.tokens = Array(3..<30)
    head.chances = [0.9, 0.95, 0.99]
    return head
  }

  @Test(arguments: 0..<10 as Range<UInt64>)
  func `breadth never changes text, whatever the head guesses`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 1800 + seed)
    let tiny = TinyModel.random(using: &generator)
    let plain = try Engine(tiny: tiny)
    let head = head(tiny, seed: seed)
    let engine = try engine(head, threads: seed % 2 == 0 ? 1 : 2)
    var drafted = 0
    for text in ["learned 3", "auto", "learned,ngram", "learned 8"] {
      let prompt = TinyModel.prompt(using: &generator)
      let sampler = SessionRecord.Sampler.random(using: &generator)
      var dials = DialSettings.random(.identical, blockCount: tiny.blockCount, using: &generator)
      dials.draft = try DraftSetting.parse(text)
      let expected = await plain.plainReply(to: prompt, limit: 40, sampler: sampler)
      let reply = await engine.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, sampler: sampler, tokenLimit: 40))
      #expect(reply.evidence == expected.evidence, "\(tiny) \(dials) \(sampler)")
      drafted += reply.drafts.reduce(0) { $0 + $1.kDrafted }
    }
    #expect(drafted > 0)
  }

  @Test func `what the head takes is counted with the looks that decide nothing`() async throws {
    let engine = try engine(head(TinyModel(blockCount: 6, seed: 9), seed: 1))
    let work = try #require(engine.model.draftHead?.work)
    let prompt = [5, 6, 7].map { TokenID($0) }
    var bytes: [String: Int] = [:]
    for setting in ["off", "learned"] {
      let dials = DialSettings(draft: try DraftSetting.parse(setting))
      let reply = await engine.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, tokenLimit: 30))
      bytes[setting] = reply.tokens.reduce(0) { $0 + ($1.cost.bytes?.probes ?? 0) }
    }
    #expect(bytes["off"] == 0)
    let learned = try #require(bytes["learned"])
    #expect(learned > 0 && learned % work.bytes == 0)
  }

  @Test func `the same request drafts the same trees`() async throws {
    let head = head(TinyModel(blockCount: 6, seed: 10), seed: 2)
    let prompt = [5, 6, 7, 8].map { TokenID($0) }
    var seen: Set<[Int]> = []
    for threads in [1, 1, 3] {
      let dials = DialSettings(draft: .auto)
      let reply = await (try engine(head, threads: threads)).reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, tokenLimit: 40))
      seen.insert(reply.drafts.map(\.kDrafted))
    }
    #expect(seen.count == 1)
  }

  @Test func `who names the head where there is none hears of it`() async throws {
    let engine = try Engine(tiny: TinyModel(blockCount: 2))
    let prompt = [5, 6].map { TokenID($0) }
    for setting in ["learned", "ngram,learned 4"] {
      let dials = DialSettings(draft: try DraftSetting.parse(setting))
      let reply = await engine.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, tokenLimit: 5))
      #expect(reply.end?.reason == .error)
      #expect(reply.end?.message?.contains("--draft-head") == true)
    }
    let auto = TurnRequest(
      turn: 1, prompt: prompt, dials: DialSettings(draft: .auto), tokenLimit: 5)
    #expect(await engine.reply(to: auto).end?.reason != .error)
  }

  @Test func `a head of another file is refused with both names`() throws {
    let head = TinyDraftHead(base: TinyModel(blockCount: 2), sha256: "abc")
    let model = try LoadedModel(file: head.base.file(), threads: 1)
    defer { model.pool.dismiss() }
    let error = #expect(throws: EngineError.self) {
      _ = try model.drafting(with: head.file(), fingerprint: "def")
    }
    let message = error?.message ?? ""
    #expect(message.contains("tiny draft head") && message.contains("fathom tune draft"))
    #expect(message.contains("abc") && message.contains("def"))
  }
}
