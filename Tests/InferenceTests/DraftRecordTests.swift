import Dials
import Events
import Foundation
import Inference
import Techniques
import TestSupport
import Testing
import Transformer

/// What a round's record says about the tree that was verified.
struct DraftRecordTests {
  private func replies(seed: UInt64) async throws -> [Reply] {
    var generator = SeededGenerator(seed: seed)
    var replies: [Reply] = []
    for index in 0..<5 as Range<UInt64> {
      let tiny = TinyModel.random(using: &generator)
      let prompt = TinyModel.prompt(using: &generator)
      let plain = await (try Engine(tiny: tiny)).plainReply(to: prompt, limit: 60)
      let free = CostTable(times: CostTable.measuredCounts.map { _ in 1 })
      let engine = try Engine(tiny: tiny, costs: free) { _, _ in
        [WildDrafter(seed: seed + index, truth: prompt + plain.ids)]
      }
      let dials = DialSettings(
        exit: .random(blockCount: tiny.blockCount, using: &generator), draft: .auto)
      replies.append(
        await engine.reply(
          to: TurnRequest(turn: 1, prompt: prompt, dials: dials, tokenLimit: 60)))
    }
    return replies
  }

  @Test(arguments: 0..<6)
  func `the accepted guesses are a path, and its tokens are the text`(seed: UInt64) async throws {
    for reply in try await replies(seed: 1400 + seed) {
      #expect(!reply.drafts.isEmpty)
      for draft in reply.drafts {
        let nodes = try #require(draft.nodes)
        let tokens = reply.tokens.filter { $0.spec?.round == draft.round }
        let accepted = nodes.indices.filter { nodes[$0].accepted }
        #expect(nodes.count == draft.kDrafted && accepted.count == draft.kAccepted)
        #expect(nodes.indices.allSatisfy { nodes[$0].parent.map { $0 >= 0 } ?? true })
        #expect(
          nodes.indices.allSatisfy { index in nodes[index].parent.map { $0 < index } ?? true })
        #expect(
          accepted.map { nodes[$0].parent } == [nil] + accepted.dropLast().map { $0 }
            || accepted.isEmpty)
        #expect(accepted.map { nodes[$0].id } == tokens.prefix(accepted.count).map(\.id))
        #expect(tokens.count == accepted.count + 1 || tokens.last?.special == true)
        for token in tokens {
          let place = try #require(token.spec?.idx)
          let parent = place == 0 ? nil : accepted[place - 1]
          let children = nodes.filter { $0.parent == parent }
          switch token.spec?.status {
          case .accepted: #expect(children.contains { $0.id == token.id && $0.accepted })
          case .corrected:
            #expect(!children.isEmpty && !children.contains { $0.id == token.id })
          case .bonus: #expect(children.isEmpty)
          default: Issue.record("a token of the text is not rejected")
          }
        }
      }
    }
  }

  @Test(arguments: 0..<3)
  func `draft records survive their line of JSON and fit the schema`(seed: UInt64) async throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let schema = try JSONSchema(
      contentsOf: folder.appending(path: "docs/schema/record-v1.schema.json"))
    var nodeCount = 0
    for reply in try await replies(seed: 1410 + seed) {
      nodeCount += reply.drafts.reduce(0) { $0 + ($1.nodes?.count ?? 0) }
      for draft in reply.drafts {
        let line = try EventLog.line(for: .draft(draft))
        #expect(schema.problems(of: line) == [])
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        #expect(try decoder.decode(Record.self, from: line) == .draft(draft))
      }
    }
    #expect(nodeCount > 0)
  }

  @Test func `drafting that does not pay rests, and the record says for how long`() async throws {
    var seen = 0
    // Some models stop talking before there is a rest. It may last longer than was foreseen: a tiny
    // model's passes take less than to look for guesses.
    for seed in 141..<161 as Range<UInt64> {
      let reply = try await Self.dearReply(seed: seed)
      let following = reply.drafts.dropFirst().map { Optional($0) } + [nil]
      for (resting, next) in zip(reply.drafts, following) {
        guard let rest = resting.rest else { continue }
        #expect(rest > 0)
        #expect(next.map { $0.round > resting.round + rest } ?? true)
        seen += 1
      }
    }
    #expect(seen > 0)
  }

  /// An answer with drafts of which few come true, where a pass of several rows is dear.
  @inline(never)
  private static func dearReply(seed: UInt64) async throws -> Reply {
    let tiny = TinyModel(blockCount: 2, isTied: false, seed: seed)
    let dear = CostTable(times: CostTable.measuredCounts.map { 1 + 0.2 * Double($0 - 1) })
    let engine = try Engine(tiny: tiny, costs: dear)
    return await engine.reply(
      to: TurnRequest(
        turn: 1, prompt: (5..<25).map { TokenID($0) },
        dials: DialSettings(draft: DraftSetting([.lookahead])), tokenLimit: 400))
  }
}
