import Dials
import Events
import GGUF
import Inference
import Kernels
import Techniques
import TestSupport
import Testing
import Transformer

/// What is read of the weights, byte by byte.
struct WeightBytesTests {
  private static let tiny = TinyModel(blockCount: 6, isTied: false, type: .q4_1, seed: 81)
  private static let shortlist = (3..<67).map { Int32($0) }

  /// Bytes of the parts of a model with an adapter, by their matrices.
  private struct Sizes {
    let block: Int
    let fill: Int
    let head: Int
    let module: Int
    let short: Int
    let gate: Int
    let dense: Int

    init(_ engine: Engine) throws {
      let weights = engine.model.weights
      let view = weights.blocks[0].view
      block = view.byteCount
      fill = view.key.byteCount + view.value.byteCount
      head = weights.head.byteCount
      dense = weights.byteCount
      let exits = try #require(engine.model.exits)
      module = try #require(exits.module(at: 2)).byteCount
      short = exits.shortHead?.matrix.byteCount ?? 0
      gate = 4 * (weights.blueprint.width + 1)
    }
  }

  @inline(never)
  private static func engine(hasShort: Bool) throws -> Engine {
    try Engine(
      adapter: TinyAdapter(
        base: tiny, depths: [2, 4], gateBias: 50, shortlist: hasShort ? shortlist : []))
  }

  @inline(never)
  private static func answer(
    _ engine: Engine, points: [ExitPoint], fill: FillPolicy, short: Float? = nil, limit: Int = 28,
    mode: ExitMode = .approximate
  ) async -> Reply {
    let dials = DialSettings(
      exit: .confidence(measure: .top1, points: points), mode: mode, shortHead: short, fill: fill)
    return await engine.reply(
      to: TurnRequest(
        turn: 1, prompt: [7, 8].map { TokenID($0) }, dials: dials,
        sampler: SessionRecord.Sampler(temperature: 1, topK: 0, topP: 1, minP: 0),
        tokenLimit: limit))
  }

  private static func bytes(_ reply: Reply) throws -> [TokenRecord.Bytes] {
    try reply.tokens.map { try #require($0.cost.bytes) }
  }

  @Test(arguments: [false, true])
  func `a token that leaves pays for its blocks, its gate, the look that decides, and the fill`(
    isShort: Bool
  ) async throws {
    let engine = try Self.engine(hasShort: true)
    let sizes = try Sizes(engine)
    let reply = await Self.answer(
      engine, points: [ExitPoint(depth: 2, threshold: 0, gate: 0.5)], fill: .propagate,
      short: isShort ? 1 : nil)
    let all = try Self.bytes(reply)
    #expect(all.count > 10)
    // The prompt is read at full depth, and so is the first token.
    #expect(all[0].blocks == 6 * sizes.block && all[0].head == sizes.head)
    for bytes in all.dropFirst() {
      #expect(bytes.blocks == 2 * sizes.block)
      #expect(bytes.head == sizes.module + (isShort ? sizes.short : sizes.head))
      #expect(bytes.probes == sizes.gate)
      #expect(bytes.fill == 4 * sizes.fill)
      #expect(bytes.full == sizes.dense)
    }
    #expect(reply.tokens.allSatisfy { $0.cost.bytesRead == $0.cost.bytes?.total })
    #expect(reply.end?.fill == nil)
  }

  @Test func `a look that decides nothing is a probe, with its module`() async throws {
    let engine = try Self.engine(hasShort: true)
    let sizes = try Sizes(engine)
    let reply = await Self.answer(
      engine, points: [ExitPoint(depth: 2, threshold: 0.999), ExitPoint(depth: 4, threshold: 0)],
      fill: .propagate, short: 1)
    #expect(reply.tokens.count > 10)
    for bytes in try Self.bytes(reply).dropFirst() {
      #expect(bytes.blocks == 4 * sizes.block)
      #expect(bytes.head == sizes.module + sizes.short)
      #expect(bytes.probes == sizes.module + sizes.short)
      #expect(bytes.fill == 2 * sizes.fill)
    }
  }

  @Test(arguments: [Float(0), 0.999])
  func `at full depth the short head is the head where it decides, and a probe where not`(
    threshold: Float
  ) async throws {
    let engine = try Self.engine(hasShort: true)
    let sizes = try Sizes(engine)
    let dials = DialSettings(mode: .approximate, shortHead: threshold)
    let short = await engine.reply(
      to: TurnRequest(turn: 1, prompt: [TokenID(7)], dials: dials, tokenLimit: 20))
    #expect(short.tokens.count > 10)
    for bytes in try Self.bytes(short).dropFirst() {
      #expect(bytes.blocks == 6 * sizes.block && bytes.fill == 0)
      #expect(bytes.head == (threshold == 0 ? sizes.short : sizes.head))
      #expect(bytes.probes == (threshold == 0 ? 0 : sizes.short))
    }
  }

  @Test func `catch-up reads each block once for all that waited for it`() async throws {
    let engine = try Self.engine(hasShort: false)
    let sizes = try Sizes(engine)
    let reply = await Self.answer(
      engine, points: [ExitPoint(depth: 2, threshold: 0)], fill: .catchUp, limit: 21)
    let all = try Self.bytes(reply)
    try #require(all.count == 21)
    for (index, bytes) in all.enumerated().dropFirst() {
      #expect(bytes.blocks == 2 * sizes.block)
      // The eighth that waits takes all to the end.
      #expect(bytes.fill == (index % 8 == 0 ? 4 * sizes.block : 0))
    }
    // Twenty tokens left early, sixteen were filled on the way: four waited to the end.
    #expect(reply.end?.fill?.bytesRead == 4 * sizes.block)
  }

  @Test func `a token that goes deeper takes those that wait along for no more bytes`() async throws
  {
    let engine = try Self.engine(hasShort: false)
    let sizes = try Sizes(engine)
    let reply = await Self.answer(
      engine, points: [ExitPoint(depth: 2, threshold: 0.07)], fill: .catchUp, limit: 60)
    var waiting = 0
    var taken = 0
    for (token, bytes) in zip(reply.tokens, try Self.bytes(reply)).dropFirst() {
      if token.exit.reason == .full {
        taken += waiting
        waiting = 0
        #expect(bytes.blocks == 6 * sizes.block && bytes.fill == 0)
        #expect(bytes.probes == sizes.module + sizes.head && bytes.head == sizes.head)
      } else {
        waiting += 1
        let isFull = DeferredRows.areFull(waiting)
        if isFull { waiting = 0 }
        #expect(bytes.blocks == 2 * sizes.block)
        #expect(bytes.fill == (isFull ? 4 * sizes.block : 0))
      }
    }
    #expect(taken > 0)
    #expect((reply.end?.fill != nil) == (waiting > 0))
  }

  @Test func `in rounds of drafts the shares of the tokens add up`() async throws {
    let engine = try Self.engine(hasShort: false)
    let sizes = try Sizes(engine)
    let reply = await Self.answer(
      engine, points: [ExitPoint(depth: 2, threshold: 0, gate: 0.5)], fill: .propagate, limit: 40,
      mode: .identical)
    #expect(!reply.drafts.isEmpty)
    for draft in reply.drafts {
      let tokens = reply.tokens.filter { $0.spec?.round == draft.round }
      let sum = tokens.compactMap(\.cost.bytes).reduce(
        TokenRecord.Bytes(blocks: 0, head: 0, probes: 0, fill: 0, full: 0), +)
      // Each row runs the first blocks alone, as it is drafted; the last one has none behind it.
      let drafted = draft.kDrafted
      #expect(sum.blocks == (2 * (drafted + 1) + 4) * sizes.block)
      #expect(sum.head == sizes.head)
      #expect(sum.probes == drafted * (sizes.gate + sizes.module + sizes.head))
      #expect(sum.full == tokens.count * sizes.dense)
    }
  }
}
