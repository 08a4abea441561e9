import Dials
import Evaluation
import Foundation
import GGUF
import Inference
import TestSupport
import Testing
import Transformer

/// Which feed-forwards would have served a token best, on tiny models.
struct OracleTests {
  private static let tiny = TinyModel(blockCount: 4, type: .q4_1, seed: 77)

  @inline(never)
  private func model(threads: Int = 1) throws -> LoadedModel {
    let duo = TinyDuo(base: Self.tiny, seed: 5)
    return try LoadedModel(file: Self.tiny.file(), threads: threads)
      .routing(with: duo.file(), fingerprint: duo.sha256)
  }

  private func text(_ count: Int, seed: UInt64 = 1) -> OracleText {
    var generator = SeededGenerator(seed: seed)
    let tokens = (0..<count).map { _ in TokenID(Int.random(in: 3..<300, using: &generator)) }
    return OracleText(tokens: tokens, targets: Array(1..<count))
  }

  private func result(
    _ search: OracleSearch = OracleSearch(.groups), groups: Int? = nil, count: Int = 14
  ) throws -> OracleResult {
    try OracleJob(search, groupCount: groups, model: try model()).run([text(count)])
  }

  private var skipping: OracleSearch {
    var search = OracleSearch(.groups)
    search.allowsSkip = true
    return search
  }

  @Test(arguments: 1...2)
  func `patterns that share a tree have the losses of rows that run alone, bit for bit`(
    threads: Int
  ) throws {
    let model = try model(threads: threads)
    let text = text(9)
    let result = try OracleJob(skipping, groupCount: 2, model: model).run([text])
    #expect(result.shared.count == 9 && result.tokens.count == 8)
    let pass = ForwardPass(model.runtime, capacity: 64)
    let choices: [FeedForwardOption: BlockAction] = [.big: .run, .small: .small, .skip: .bare]
    for (index, token) in result.tokens.enumerated() {
      pass.truncate(to: 0)
      pass.read(text.tokens[..<index])
      for (pattern, score) in zip(result.shared, token.shared) {
        var route = Route.plain
        for block in 0..<4 { route[block] = choices[pattern.options[block / 2]] ?? .run }
        pass.appendChain([text.tokens[index]])
        pass.run(rows: 0..<1, blocks: 0..<4, route: route)
        #expect(pass.losses(of: 0..<1, targets: [token.token]) == [score.loss])
        pass.discard()
      }
      #expect(token.shared[0] == token.whole && token.whole.divergence == 0 && token.whole.agrees)
    }
  }

  @Test func `divergences are those of the definition`() throws {
    let model = try model()
    let text = text(6)
    let result = try OracleJob(OracleSearch(.groups), groupCount: 2, model: model).run([text])
    let pass = ForwardPass(model.runtime, capacity: 64)
    let token = try #require(result.tokens.last)
    pass.read(text.tokens[..<4])
    func distribution(_ route: Route) -> [Double] {
      pass.appendChain([text.tokens[4]])
      pass.run(rows: 0..<1, blocks: 0..<4, route: route)
      let logits = pass.logits(rows: [0])[0].map { Double($0) }
      pass.discard()
      let top = logits.max() ?? 0
      let sum = logits.reduce(0) { $0 + exp($1 - top) }
      return logits.map { exp($0 - top) / sum }
    }
    let p = distribution(.plain)
    var largest = 0.0
    for (pattern, score) in zip(result.shared, token.shared) {
      let blocks = (0..<4).filter { pattern.options[$0 / 2] == .small }
      let q = distribution(Route(small: BlockSet(indices: blocks)))
      let expected = zip(p, q).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
      #expect(abs(score.divergence - expected) < 1e-5)
      #expect(
        score.agrees == (p.firstIndex(of: p.max() ?? 0) == q.firstIndex(of: q.max() ?? 0)))
      largest = max(largest, expected)
    }
    #expect(largest > 0.01)
  }

  @Test func `the routers' way is what the rule says`() throws {
    let model = try model()
    let text = text(7)
    let result = try OracleJob(OracleSearch(.groups), model: model).run([text])
    #expect(result.offsets == [1.25, 0, -1.25])
    let pass = ForwardPass(model.runtime, capacity: 64)
    for (index, token) in result.tokens.enumerated() {
      for (offset, routed) in zip(result.offsets, token.routed) {
        pass.truncate(to: 0)
        pass.read(text.tokens[..<index])
        pass.appendChain([text.tokens[index]])
        let rule = FeedForwardRule(offset: Float(offset))
        pass.run(rows: 0..<1, blocks: 0..<4, rule: rule)
        let big = pass.routerScores(row: 0).count { $0 > Float(offset) }
        #expect(routed.share == Double(big) / 4)
        #expect(pass.losses(of: 0..<1, targets: [token.token]) == [routed.score.loss])
      }
    }
  }

  @Test func `nothing that was tried within a budget is better than the oracle`() throws {
    var searches = [OracleSearch(.groups), skipping]
    searches.append(OracleSearch(.descent))
    for search in searches {
      let result = try result(search)
      for token in result.tokens {
        for budget in 0...4 {
          let lowest = try #require(token.bests.lowestLoss(within: budget)).score.loss
          let nearest = try #require(token.bests.lowestDivergence(within: budget)).score.divergence
          for (pattern, score) in zip(result.shared, token.shared)
          where pattern.bigCount <= budget {
            #expect(lowest <= score.loss && nearest <= score.divergence)
          }
          let any = try #require(token.bests.lowestLoss(within: 4)).score.loss
          #expect(any <= lowest, "any budget is at least as good as this one")
        }
        #expect(token.bests.lowestDivergence(within: 4)?.score.divergence == 0)
      }
    }
  }

  @Test func `to allow no feed-forward at all cannot hurt`() throws {
    let (without, with) = (try result(), try result(skipping))
    #expect(without.groups == with.groups && with.shared.count == 81)
    for (a, b) in zip(without.tokens, with.tokens) {
      for budget in 0...4 {
        let loss = try #require(a.bests.lowestLoss(within: budget)).score.loss
        #expect(try #require(b.bests.lowestLoss(within: budget)).score.loss <= loss)
        let divergence = try #require(a.bests.lowestDivergence(within: budget)).score.divergence
        #expect(
          try #require(b.bests.lowestDivergence(within: budget)).score.divergence <= divergence)
      }
    }
  }

  @Test(arguments: OracleSearch.Criterion.allCases, [false, true])
  func `a beam as wide as all patterns finds what all patterns have`(
    criterion: OracleSearch.Criterion, allowsSkip: Bool
  ) throws {
    var beam = OracleSearch(.beam)
    (beam.width, beam.criterion, beam.allowsSkip) = (81, criterion, allowsSkip)
    let (found, all) = (try result(beam), try result(allowsSkip ? skipping : OracleSearch(.groups)))
    #expect(found.tokens.map(\.bests) == all.tokens.map(\.bests))
  }

  @Test func `a descent has a pattern for every budget, and a wide beam is no worse`() throws {
    let descent = try result(OracleSearch(.descent))
    var wide = OracleSearch(.beam)
    wide.width = 16
    let beam = try result(wide)
    for (a, b) in zip(descent.tokens, beam.tokens) {
      for budget in 0...4 {
        let found = try #require(a.bests.lowestDivergence(within: budget)).score.divergence
        #expect(try #require(b.bests.lowestDivergence(within: budget)).score.divergence <= found)
        #expect(a.bests.lowestLoss(exactly: budget)?.pattern.bigCount == budget)
      }
    }
  }

  @Test func `fixed patterns are chosen on the first half, and curves keep their order`() throws {
    let result = try result(count: 21)
    #expect(result.choosing.count == 10 && result.measured.count == 10)
    let curves = OracleCurves(result)
    let mean = { (index: Int) in
      result.choosing.reduce(0) { $0 + $1.shared[index].divergence }
    }
    for (budget, point) in curves[.fixed].enumerated() {
      let allowed = result.shared.indices.filter { result.shared[$0].bigCount <= budget }
      let chosen = try #require(allowed.min { mean($0) < mean($1) })
      #expect(point.pattern == result.shared[chosen])
      let losses = result.measured.map(\.shared[chosen].loss)
      #expect(abs(point.loss - losses.reduce(0, +) / 10) < 1e-12)
      #expect(curves[.label][budget].loss <= point.loss)
      #expect(curves[.divergence][budget].divergence <= point.divergence)
      #expect(curves[.label][budget].loss <= curves[.exact][budget].loss)
      #expect(curves[.exact][budget].loss <= curves[.random][budget].loss)
      if budget > 0 {
        #expect(curves[.label][budget].loss <= curves[.label][budget - 1].loss)
        #expect(
          curves[.divergence][budget].divergence <= curves[.divergence][budget - 1].divergence)
      }
    }
    #expect(curves[.fixed].count == 5 && curves[.router].count == 3)
    let summary = OracleSummary(result, curves)
    #expect(summary.smallShare >= 0 && summary.smallShare < 1)
    #expect(
      curves.divergence(of: .random, at: 0.125)
        == (curves[.random][0].divergence + curves[.random][1].divergence) / 2)
  }

  @Test func `kinds of difficulty are those of the definition`() {
    let cases: [(whole: Double, small: Double, best: Double, kind: TokenDifficulty.Kind)] = [
      (0.1, 0.2, 0.05, .easy), (0.1, 3, 0.2, .hard), (5, 5.2, 4.9, .hopeless),
      (3, 0.4, 0.3, .fragile), (3, 2.9, 2.8, .hopeless), (1, 0.9, 0.9, .easy),
      (4, 3, 1, .fragile), (1, 3, 2.9, .hopeless),
    ]
    for (whole, small, best, kind) in cases {
      let difficulty = TokenDifficulty(whole: whole, small: small, best: best)
      #expect(difficulty.kind == kind, "\(difficulty)")
      #expect(difficulty.gain == small - best)
    }
  }

  @Test func `the report has every curve, the findings and a line for each token`() throws {
    let model = try model()
    let result = try OracleJob(skipping, model: model).run([text(15)])
    let report = OracleReport(result)
    for curve in OracleCurve.allCases {
      let lines = report.csv.split(separator: "\n").filter { $0.hasPrefix(curve.rawValue + ",") }
      #expect(lines.count == (curve == .router ? 3 : 5), "\(curve)")
    }
    let tokens = report.tokensCSV(model.tokenizer).split(separator: "\n")
    #expect(tokens.count == 15 && tokens[0].hasPrefix("text,position,token,half,loss_big"))
    #expect(report.findings.count >= 4)
    let text = report.lines.joined(separator: "\n")
    #expect(text.contains("reproduced: ") || text.contains("contradicted: "))
    #expect(text.contains("81 patterns") && text.contains("of the feed-forwards need not be big"))
    for kind in TokenDifficulty.Kind.allCases { #expect(text.contains("\n\(kind.rawValue) ")) }
    #expect(report.svg.hasPrefix("<svg") && report.svg.contains("oracle, KL"))
  }

  @Test func `a run that is stopped has what was measured so far`() throws {
    var seen: [Int] = []
    let result = try OracleJob(OracleSearch(.groups), model: try model()).run([text(12)]) {
      seen.append($0)
      return seen.count < 5 && $1 == 11
    }
    #expect(seen == [1, 2, 3, 4, 5] && result.tokens.count == 5 && result.plannedCount == 11)
    #expect(OracleReport(result).lines.contains { $0.hasPrefix("stopped: 11") })
  }

  @Test func `tokens are spread over texts, and no more than asked for`() {
    let texts = (0..<40).map { text(30, seed: UInt64($0)) }
    let few = OracleText.sample(texts, limit: 100)
    #expect(few.map(\.targets.count) == [16, 16, 16, 16, 16, 16, 4])
    #expect(Set(few.map(\.tokens)).count == 7 && few[0].targets.last ?? 0 > 20)
    #expect(OracleText.sample(texts, limit: 10_000).map(\.targets.count).reduce(0, +) == 40 * 29)
    let short = (0..<40).map { text(3, seed: UInt64($0)) }
    #expect(OracleText.sample(short, limit: 50).map(\.targets.count).reduce(0, +) == 50)
    #expect(OracleText.sample([OracleText(tokens: [], targets: [])], limit: 5).isEmpty)
  }

  @Test func `what cannot be searched is said`() throws {
    func message(_ work: () throws -> Void) -> String {
      let error = #expect(throws: EvaluationError.self) { try work() }
      return error?.message ?? ""
    }
    let model = try model()
    let plain = try LoadedModel(file: Self.tiny.file(), threads: 1)
    #expect(
      message { _ = try OracleJob(OracleSearch(.groups), model: plain) }.contains("--duo"))
    let uneven = message { _ = try OracleJob(OracleSearch(.groups), groupCount: 3, model: model) }
    #expect(uneven.contains("1, 2, 4"))
    let groups = try BlockGroups(30, of: 30)
    #expect(message { try groups.checkPatterns(optionCount: 2) }.contains("at most 10 groups"))
    #expect(message { try groups.checkPatterns(optionCount: 3) }.contains("at most 6 groups"))
    let short = message { _ = try OracleJob(OracleSearch(.groups), model: model).run([text(2)]) }
    #expect(short.contains("1 tokens to predict"))
  }
}
