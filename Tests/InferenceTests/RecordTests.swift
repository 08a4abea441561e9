import Dials
import Events
import Foundation
import GGUF
import Inference
import Techniques
import TestSupport
import Testing
import Tokenization

/// What an answer's records say about themselves and each other.
struct RecordTests {
  /// A drafted and an approximate answer of random models, one that ends early among them.
  private func replies(seed: UInt64) async throws -> [(Engine, TurnRequest, Reply)] {
    var generator = SeededGenerator(seed: seed)
    var replies: [(Engine, TurnRequest, Reply)] = []
    for mode in ExitMode.allCases {
      for _ in 0..<4 {
        let tiny = TinyModel.random(using: &generator)
        let engine = try Engine(tiny: tiny)
        let pruned = BlockSet.random(blockCount: tiny.blockCount, using: &generator)
        let request = TurnRequest(
          turn: 5, prompt: TinyModel.prompt(using: &generator),
          dials: .random(mode, blockCount: tiny.blockCount, pruned: pruned, using: &generator),
          sampler: .random(using: &generator),
          tokenLimit: .random(in: 1...60, using: &generator),
          alternativeCount: .random(in: 0...20, using: &generator), repro: "again",
          looks: .lens)
        replies.append((engine, request, await engine.reply(to: request)))
      }
    }
    return replies
  }

  @Test(arguments: 0..<6)
  func `a turn comes first, the end last, and looks after it`(seed: UInt64) async throws {
    for (_, request, reply) in try await replies(seed: 900 + seed) {
      let types = reply.records.map(\.type)
      #expect(types.first == "turn")
      #expect(types.count { $0 == "turn" } == 1)
      #expect(types.count { $0 == "end" } == 1)
      let end = try #require(types.firstIndex(of: "end"))
      #expect(types[1..<end].allSatisfy { $0 == "token" || $0 == "draft" })
      #expect(types[(end + 1)...].allSatisfy { $0 == "probe" })
      let turn = try #require(reply.turn)
      #expect(turn.role == .assistant)
      #expect(turn.text.isEmpty)
      #expect(turn.turn == 5 && reply.end?.turn == 5)
      #expect(turn.nPrompt == request.prompt.count)
      #expect(reply.end?.repro == "again")
      #expect(reply.tokens.allSatisfy { $0.turn == 5 })
      let times = [turn.tNs] + reply.tokens.map(\.tNs) + [reply.end?.tNs ?? 0]
      #expect(times == times.sorted())
    }
  }

  @Test(arguments: 0..<6)
  func `tokens are numbered without gaps and their bytes are the text`(seed: UInt64) async throws {
    for (engine, request, reply) in try await replies(seed: 910 + seed) {
      let tokenizer = engine.model.tokenizer
      #expect(reply.tokens.map(\.i) == Array(0..<reply.tokens.count))
      #expect(reply.tokens.map(\.pos.rawValue) == reply.tokens.map { request.prompt.count + $0.i })
      for token in reply.tokens + reply.rejected {
        #expect(token.bytes == tokenizer.bytes(of: token.id))
        #expect(token.special == (token.id.index < 3))
        #expect(token.topLogprobs.count == request.alternativeCount)
      }
      let bytes = reply.tokens.filter { !$0.special }.flatMap(\.bytes)
      #expect(String(decoding: bytes, as: UTF8.self) == tokenizer.decode(reply.ids))
      #expect(reply.text == tokenizer.decode(reply.ids))
    }
  }

  @Test(arguments: 0..<6)
  func `probabilities are those of the distribution that decided`(seed: UInt64) async throws {
    for (_, _, reply) in try await replies(seed: 920 + seed) {
      for token in reply.tokens + reply.rejected {
        #expect(token.logprob <= 0)
        #expect(token.entropy >= 0 && token.entropy <= 5.71)  // ln 300
        #expect((0...1).contains(token.margin))
        let values = token.topLogprobs.map(\.logprob)
        #expect(values == values.sorted(by: >))
        #expect(values.map(Double.init).map(exp).reduce(0, +) <= 1.0001)
        if token.rank < values.count {
          #expect(values[token.rank] == token.logprob)
        }
        #expect(token.rank == 0 || values.first ?? 0 > token.logprob)
        if values.count > 1 {
          #expect(abs(exp(values[0]) - exp(values[1]) - token.margin) < 1e-5)
        }
      }
    }
  }

  @Test(arguments: 0..<6)
  func `drafts, tokens and timings add up`(seed: UInt64) async throws {
    var drafted = 0
    for (_, request, reply) in try await replies(seed: 930 + seed) {
      drafted += reply.drafts.count
      let timings = try #require(reply.end?.timings)
      #expect(timings.predictedN == reply.tokens.count)
      #expect(timings.cacheN + timings.promptN == request.prompt.count)
      #expect(timings.draftN == reply.drafts.reduce(0) { $0 + $1.kDrafted })
      #expect(timings.draftNAccepted == reply.drafts.reduce(0) { $0 + $1.kAccepted })
      #expect(reply.rejected.count == reply.drafts.count { $0.kAccepted < $0.kDrafted })
      if request.dials.mode == .approximate { #expect(reply.drafts.isEmpty) }
      for draft in reply.drafts {
        #expect((1...request.dials.draftLength).contains(draft.kDrafted))
        #expect(draft.draftLayers >= 1)
        let round = (reply.tokens + reply.rejected).filter { $0.spec?.round == draft.round }
        #expect(round.allSatisfy { $0.spec?.k == draft.kDrafted })
        #expect(round.count { $0.spec?.status == .accepted } == draft.kAccepted)
        let committed = round.filter { $0.phase == .gen }
        #expect(committed.map { $0.spec?.idx } == committed.indices.map { $0 })
        #expect(committed.dropLast().allSatisfy { $0.spec?.status == .accepted })
        // A rejected draft stands where the token stands that full depth chose instead.
        if let rejected = round.first(where: { $0.phase == .draft }) {
          #expect(rejected.spec?.status == .rejected)
          #expect(committed.last?.spec?.status == .corrected)
          #expect(rejected.pos == committed.last?.pos)
          #expect(rejected.id != committed.last?.id)
          #expect(rejected.depth.exitBlock != nil)
          #expect(rejected.cost.macs == 0)
        }
      }
    }
    #expect(drafted > 0)
  }

  @Test(arguments: 0..<6)
  func `the cache grows by one position a token`(seed: UInt64) async throws {
    for (_, request, reply) in try await replies(seed: 940 + seed) {
      let last = try #require(reply.tokens.last)
      #expect(last.kv.used == request.prompt.count + reply.tokens.count - 1)
      let rates = Set(reply.tokens.map { $0.kv.bytes / $0.kv.used })
      #expect(rates.count == 1)
      for token in reply.tokens where token.spec == nil {
        #expect(token.kv.used == token.pos.rawValue)
      }
    }
  }

  @Test(.slow, arguments: 0..<3)
  func `every record survives its line of JSON and fits the schema`(seed: UInt64) async throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let schema = try JSONSchema(
      contentsOf: folder.appending(path: "docs/schema/record-v1.schema.json"))
    for (engine, request, reply) in try await replies(seed: 950 + seed) {
      let session = engine.sessionRecord(
        id: UUID().uuidString, tool: .init(name: "fathom", version: "1"), sampler: request.sampler,
        dials: request.dials)
      let records = [.session(session)] + reply.records
      let data = try EventLog.data(for: records)
      #expect(try EventLog.records(in: data) == records)
      for line in data.split(separator: UInt8(ascii: "\n")) {
        #expect(schema.problems(of: Data(line)) == [])
      }
    }
  }
}
