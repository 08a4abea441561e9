import Dials
import Events
import GGUF
import Inference
import Kernels
import Techniques
import TestSupport
import Testing
import Transformer

/// Law 4: off means off.
struct OffMeansOffTests {
  private static let never: [DialSettings] = [
    DialSettings(),
    DialSettings(mode: .approximate),
    DialSettings(draftLength: 31),
    DialSettings(pruned: BlockSet(indices: [])),
    DialSettings(exit: top1(at: 1, 2, 3), mode: .identical),
    DialSettings(exit: top1(at: 1, 2, 3), mode: .approximate),
    DialSettings(exit: .confidence(measure: .margin, points: [ExitPoint(depth: 2, threshold: 1)])),
    DialSettings(
      exit: .confidence(measure: .entropy, points: [ExitPoint(depth: 2, threshold: 1)]),
      mode: .approximate),
  ]

  private static func top1(at depths: Int...) -> ExitSetting {
    .confidence(measure: .top1, points: depths.map { ExitPoint(depth: $0, threshold: 1) })
  }

  /// The record without the clock's share.
  private func timeless(_ token: TokenRecord) -> TokenRecord {
    var token = token
    token.tNs = 0
    token.time = TokenRecord.Time(total: 0, blocks: 0, head: 0, probes: 0, sample: 0, fill: 0)
    return token
  }

  @Test(arguments: never)
  func `off means off`(dials: DialSettings) async throws {
    let tiny = TinyModel(blockCount: 4, type: .q4_1, seed: 9)
    var generator = SeededGenerator(seed: 50)
    let prompt = TinyModel.prompt(140...150, using: &generator)
    for sampler in [SessionRecord.Sampler(), .init(temperature: 1, topK: 0, topP: 1, minP: 0)] {
      let plain = await (try Engine(tiny: tiny)).plainReply(
        to: prompt, limit: 40, sampler: sampler)
      let engine = try Engine(tiny: tiny)
      let reply = await engine.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, sampler: sampler, tokenLimit: 40))
      #expect(reply.tokens.count > 5)
      #expect(reply.tokens.map(timeless) == plain.tokens.map(timeless))
      #expect(reply.records.map(\.type) == plain.records.map(\.type))
      #expect(dials.contract == .identical || dials.exit != .off)
      for token in reply.tokens {
        #expect(token.cost.macs == token.cost.macsFull)
        #expect(token.cost.bytesRead == engine.model.weights.byteCount)
        #expect(token.depth == DepthLine(dense: 4))
        #expect(token.exit == TokenRecord.Exit(layers: 4, reason: .full))
        #expect(token.spec == nil)
        #expect(token.kv.filled == 0)
      }
    }
  }

  @Test func `a dense token costs the products of its shapes`() async throws {
    let tiny = TinyModel(blockCount: 3, isTied: false, seed: 10)
    let engine = try Engine(tiny: tiny)
    let keyValueWidth = tiny.width / tiny.headCount * tiny.keyValueHeadCount
    let block =
      2 * tiny.width * tiny.width + 2 * tiny.width * keyValueWidth
      + 3 * tiny.width * tiny.feedForwardWidth
    let head = tiny.width * tiny.vocabulary.tokens.count
    let session = engine.sessionRecord(
      id: "", tool: .init(name: "fathom", version: "1"), sampler: SessionRecord.Sampler(),
      dials: .plain)
    #expect(session.macs == SessionRecord.Costs(block: block, head: head, attnPerPos: 128))
    let reply = await engine.plainReply(to: [5, 6, 7].map { TokenID($0) }, limit: 20)
    for token in reply.tokens {
      // The row that decides a token stands one position before it and sees itself.
      let attention = 3 * 2 * tiny.width * token.pos.rawValue
      #expect(token.cost.macsFull == 3 * block + attention + head)
    }
  }

  @Test func `a pruned block costs nothing, from the first token on`() async throws {
    let tiny = TinyModel(blockCount: 4, seed: 11)
    let engine = try Engine(tiny: tiny)
    let session = engine.sessionRecord(
      id: "", tool: .init(name: "fathom", version: "1"), sampler: SessionRecord.Sampler(),
      dials: .plain)
    let block = engine.model.weights.blocks[1].view.byteCount
    let reply = await engine.reply(
      to: TurnRequest(
        turn: 1, prompt: [TokenID(5)], dials: DialSettings(pruned: BlockSet(indices: [1, 2])),
        tokenLimit: 10))
    #expect(reply.tokens.count == 10)
    for token in reply.tokens {
      let attention = session.macs.attnPerPos * token.pos.rawValue
      #expect(token.cost.macsFull - token.cost.macs == 2 * (session.macs.block + attention))
      #expect(token.cost.bytesRead == engine.model.weights.byteCount - 2 * block)
      #expect(token.depth.description == "#xx#")
    }
  }

  @Test func `a draft's round is paid for by its tokens, every probe and head counted`()
    async throws
  {
    let tiny = TinyModel(blockCount: 4, isTied: false, seed: 12)
    let engine = try Engine(tiny: tiny)
    let session = engine.sessionRecord(
      id: "", tool: .init(name: "fathom", version: "1"), sampler: SessionRecord.Sampler(),
      dials: .plain)
    let dials = DialSettings(exit: .fixed(depth: 2), draftLength: 3)
    let reply = await engine.reply(
      to: TurnRequest(turn: 1, prompt: [TokenID(5)], dials: dials, tokenLimit: 30))
    var decided = 1
    for draft in reply.drafts {
      let tokens = reply.tokens.filter { $0.spec?.round == draft.round }
      #expect(tokens.count == draft.kAccepted + 1)
      // Every row goes through every block once: as deep as the draft first, the rest to verify.
      let rows = draft.kDrafted + 1
      let first = reply.tokens[decided].pos.rawValue
      let attention = (first..<first + rows).reduce(0) { $0 + $1 * session.macs.attnPerPos }
      let macs =
        4 * (rows * session.macs.block + attention) + (rows + draft.kDrafted) * session.macs.head
      #expect(tokens.reduce(0) { $0 + $1.cost.macs } == macs)
      #expect(tokens.allSatisfy { abs($0.cost.macs - macs / tokens.count) <= 1 })
      decided += tokens.count
    }
    // Where one token is left to say, there is nothing to draft.
    #expect(decided >= reply.tokens.count - 1)
    #expect(reply.drafts.contains { $0.kAccepted < $0.kDrafted })
  }
}
