import Dials
import Events
import GGUF
import Inference
import Kernels
import Techniques
import TestSupport
import Testing
import Transformer

/// Exits that ask a gate before they look at the vocabulary.
struct GateTests {
  private static let tiny = TinyModel(blockCount: 6, isTied: false, type: .q4_1, seed: 80)

  private static func dials(
    _ threshold: Float, gate: Float?, mode: ExitMode = .approximate, fill: FillPolicy = .propagate
  ) -> DialSettings {
    DialSettings(
      exit: .confidence(
        measure: .top1,
        points: [2, 4].map { ExitPoint(depth: $0, threshold: threshold, gate: gate) }),
      mode: mode, fill: fill)
  }

  @inline(never)
  private static func reply(
    _ dials: DialSettings, bias: Float? = 0, limit: Int = 40, seed: UInt64 = 1
  ) async throws -> Reply {
    let adapter = TinyAdapter(base: tiny, depths: [2, 4], gateBias: bias, seed: seed)
    let engine = try Engine(adapter: adapter)
    return await engine.reply(
      to: TurnRequest(
        turn: 1, prompt: [7, 8, 30].map { TokenID($0) }, dials: dials, tokenLimit: limit))
  }

  @Test func `a gate that is open changes nothing but its own bytes`() async throws {
    let gated = try await Self.reply(Self.dials(0.06, gate: 0.5), bias: 50)
    let free = try await Self.reply(Self.dials(0.06, gate: nil), bias: 50)
    #expect(gated.evidence == free.evidence)
    #expect(gated.tokens.contains { $0.exit.reason == .threshold })
    let bytes = 4 * (Self.tiny.width + 1)
    for (a, b) in zip(gated.tokens, free.tokens).dropFirst() {
      let gates = a.exit.gates ?? []
      #expect(gates.map(\.depth) == a.exit.readouts.map(\.depth))
      #expect(gates.allSatisfy { $0.value > 0.99 })
      #expect(a.exit.readouts == b.exit.readouts && a.exit.probes == b.exit.probes)
      #expect(b.exit.gates == nil)
      #expect(a.cost.bytesRead - b.cost.bytesRead == gates.count * bytes)
      #expect((a.cost.bytes?.probes ?? 0) - (b.cost.bytes?.probes ?? 0) == gates.count * bytes)
    }
  }

  @Test func `behind a gate that is shut no token leaves, and nothing is looked at`() async throws {
    let shut = try await Self.reply(Self.dials(0, gate: 0.5), bias: -50)
    let plain = try await Self.reply(.plain, bias: -50)
    #expect(shut.evidence == plain.evidence)
    for (a, b) in zip(shut.tokens, plain.tokens).dropFirst() {
      #expect(a.exit.readouts.isEmpty && a.exit.probes == 0)
      #expect(a.exit.gates?.map(\.depth) == [2, 4])
      #expect(a.cost.bytes?.probes == 2 * 4 * (Self.tiny.width + 1))
      #expect(a.cost.macs == b.cost.macs + 2 * Self.tiny.width)
    }
  }

  @Test(arguments: FillPolicy.allCases)
  func `a record with gates replays`(fill: FillPolicy) async throws {
    var asked = (open: 0, shut: 0)
    for seed in UInt64(0)..<4 {
      let dials = Self.dials(0.05, gate: 0.5, fill: fill)
      let reply = try await Self.reply(dials, seed: seed)
      let policy = Catalogue.depthPolicy(for: dials, blockCount: 6)
      for token in reply.tokens.dropFirst() {
        let gates = token.exit.gates ?? []
        let replay = DepthReplay(
          of: policy, blockCount: 6, evidence: token.exit.evidence)
        #expect(replay.isComplete && replay.line == token.depth)
        #expect(replay.descent.evidence == token.exit.evidence)
        asked.open += token.exit.readouts.count
        asked.shut += gates.count - token.exit.readouts.count
      }
    }
    #expect(asked.open > 0 && asked.shut > 0)
  }

  @Test(arguments: [Float?.none, 0.3, 0.5, 1], [Float(0), 0.06])
  func `breadth never changes text: exits behind gates draft`(
    gate: Float?, threshold: Float
  ) async throws {
    let plain = try await Self.reply(.plain)
    let drafted = try await Self.reply(Self.dials(threshold, gate: gate, mode: .identical))
    #expect(drafted.ids == plain.ids)
    #expect(drafted.tokens.map(\.logprob) == plain.tokens.map(\.logprob))
    // A gate of 1 never opens; behind the others some tokens leave.
    #expect(drafted.drafts.isEmpty == (gate == 1))
  }

  @Test func `off means off: gates that must say 1 are the plain model with no more work`()
    async throws
  {
    let plain = try await Self.reply(.plain)
    for mode in ExitMode.allCases {
      let never = try await Self.reply(Self.dials(0, gate: 1, mode: mode))
      #expect(never.evidence == plain.evidence)
      #expect(never.tokens.map(\.cost) == plain.tokens.map(\.cost))
      #expect(never.tokens.map(\.exit) == plain.tokens.map(\.exit))
    }
  }

  @Test func `a gate that the adapter does not have is refused with what is there`() async throws {
    let without = try await Self.reply(Self.dials(0.5, gate: 0.3), bias: nil)
    #expect(without.end?.reason == .error)
    #expect(without.end?.message?.contains("\"tiny exits\" has no gates") == true)
    let engine = try Engine(tiny: Self.tiny)
    let request = TurnRequest(
      turn: 1, prompt: [TokenID(7)], dials: Self.dials(0.5, gate: 0.3), tokenLimit: 4)
    let none = await engine.reply(to: request)
    #expect(none.end?.message?.contains("no adapter is loaded") == true)
    let model = try LoadedModel(file: Self.tiny.file(), threads: 1)
    defer { model.pool.dismiss() }
    #expect(throws: EngineError.self) { try model.check(request.dials) }
  }

  @Test func `an engine changes its adapter between answers`() async throws {
    let adapter = TinyAdapter(base: Self.tiny, depths: [2, 4], gateBias: 50)
    let engine = try Engine(tiny: Self.tiny)
    let request = TurnRequest(
      turn: 1, prompt: [TokenID(7)], dials: Self.dials(0, gate: 0.5), tokenLimit: 12)
    let model = try engine.model.adapted(by: adapter.file(), fingerprint: "00")
    await engine.adopt(model)
    let adapted = await engine.reply(to: request)
    let fresh = await (try Engine(adapter: adapter)).reply(to: request)
    #expect(adapted.evidence == fresh.evidence)
    await engine.adopt(model.withoutAdapter)
    #expect(await engine.reply(to: request).end?.reason == .error)
  }
}
