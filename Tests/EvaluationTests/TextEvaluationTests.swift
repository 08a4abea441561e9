import Corpus
import Dials
import Evaluation
import Foundation
import GGUF
import Kernels
import Reports
import Techniques
import TestSupport
import Testing
import Transformer

/// Perplexity and divergence of small models, against the definition.
struct TextEvaluationTests {
  /// What the definition gives for the scored tokens of all windows: losses and distributions.
  private struct Truth {
    var losses: [Double] = []
    var logits: [[Double]] = []

    init(_ file: GGUFFile, _ windows: TextWindows, pruned: BlockSet = .none) throws {
      let reference = try ReferencePass(file: file)
      for index in 0..<windows.count {
        let window = windows[index]
        let all = reference.run(window, pruned: pruned).logits
        for place in windows.scored {
          logits.append(all[place])
          losses.append(Self.normalizer(all[place]) - all[place][window[place + 1].index])
        }
      }
    }

    static func normalizer(_ row: [Double]) -> Double {
      let top = row.max() ?? 0
      return top + log(row.reduce(0) { $0 + exp($1 - top) })
    }
  }

  private func windows(_ count: Int, length: Int, seed: UInt64) throws -> TextWindows {
    var generator = SeededGenerator(seed: seed)
    let tokens = (0..<count * length).map { _ in
      TokenID(.random(in: 0..<300, using: &generator))
    }
    return try TextWindows(tokens, length: length)
  }

  @Test func `perplexity and its error are those of the definition`() throws {
    let model = TinyModel(blockCount: 3, seed: 4)
    let windows = try windows(3, length: 90, seed: 8)
    let truth = try Truth(model.file(), windows)
    let scores = try #require(try evaluate(model, windows, []).first)
    let count = Double(truth.losses.count)
    let mean = truth.losses.reduce(0, +) / count
    let variance = truth.losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    #expect(scores.loss.count == 3 * windows.scored.count)
    #expect(scores.windowCount == 3)
    #expect(abs(scores.loss.mean - mean) < 1e-3)
    #expect(scores.perplexity == exp(scores.loss.mean))
    #expect(abs(scores.perplexityError / (exp(mean) * (variance / count).squareRoot()) - 1) < 0.01)
  }

  @Test func `divergence and equal first choices are those of the definition`() throws {
    let model = TinyModel(blockCount: 3, seed: 4)
    let windows = try windows(2, length: 70, seed: 9)
    let pruned = BlockSet(indices: [1])
    let plain = try Truth(model.file(), windows)
    let other = try Truth(model.file(), windows, pruned: pruned)
    let divergences = zip(plain.logits, other.logits).map { p, q in
      let shift = Truth.normalizer(p) - Truth.normalizer(q)
      return zip(p, q).reduce(0) {
        $0 + exp($1.0 - Truth.normalizer(p)) * ($1.0 - $1.1 - shift)
      }
    }
    let same = zip(plain.logits, other.logits).count { p, q in
      p.firstIndex(of: p.max() ?? 0) == q.firstIndex(of: q.max() ?? 0)
    }
    let scores = try evaluate(model, windows, [DialSettings(pruned: pruned)])
    #expect(scores.map(\.dials.pruned) == [.none, pruned])
    let mean = divergences.reduce(0, +) / Double(divergences.count)
    #expect(mean > 0.01)
    #expect(abs(scores[1].divergence.mean / mean - 1) < 0.02)
    #expect(abs(scores[1].sameTop.mean - Double(same) / Double(divergences.count)) < 0.03)
  }

  @Test func `what leaves the text alone has no divergence`() throws {
    let model = TinyModel(blockCount: 4, type: .q4_1, seed: 2)
    let windows = try windows(1, length: 100, seed: 3)
    let settings = [
      DialSettings(exit: .fixed(depth: 2), mode: .identical),
      DialSettings(
        exit: .confidence(measure: .top1, points: [ExitPoint(depth: 2, threshold: 1)]),
        mode: .approximate),
    ]
    let scores = try evaluate(model, windows, settings)
    for score in scores.dropFirst() {
      #expect(score.loss == scores[0].loss)
      #expect(score.divergence.mean < 1e-6)
      #expect(score.sameTop.mean == 1)
    }
  }

  @Test func `without comparison each setting is read alone, with the same scores`() throws {
    let model = TinyModel(blockCount: 3, seed: 4)
    let windows = try windows(2, length: 70, seed: 9)
    let settings = [1, 2].map { DialSettings(pruned: BlockSet(indices: [$0])) }
    let compared = try evaluate(model, windows, settings)
    let alone = try evaluate(model, windows, settings, isCompared: false)
    #expect(alone.map(\.dials) == settings)
    #expect(alone.map(\.loss) == compared.dropFirst().map(\.loss))
    let one = try evaluate(model, windows, [settings[1]], isCompared: false)
    #expect(one.map(\.loss) == [compared[2].loss])
    #expect(alone.allSatisfy { $0.divergence.count == 0 && $0.sameTop.count == 0 })
  }

  @Test func `the run ends when progress says so`() throws {
    let windows = try windows(5, length: 20, seed: 1)
    var seen: [Int] = []
    let scores = try evaluate(TinyModel(blockCount: 1), windows, []) { scores in
      seen.append(scores.first?.windowCount ?? 0)
      return seen.count < 2
    }
    #expect(seen == [1, 2])
    #expect(scores.first?.loss.count == 2 * windows.scored.count)
  }
}

/// The scores of a tiny model.
func evaluate(
  _ model: TinyModel, _ windows: TextWindows, _ settings: [DialSettings], isCompared: Bool = true,
  adapter: TinyAdapter? = nil, progress: ([TextScores]) -> Bool = { _ in true }
) throws -> [TextScores] {
  let pool = ThreadPool(count: 1)
  defer { pool.dismiss() }
  let weights = try Weights(file: model.file(), pool: pool)
  let exits = try adapter.map { try ExitModules(file: $0.file(), weights: weights, pool: pool) }
  return TextEvaluation(
    of: ModelRuntime(weights: weights, exits: exits, pool: pool), on: windows, settings: settings,
    isCompared: isCompared
  ).run(progress)
}
