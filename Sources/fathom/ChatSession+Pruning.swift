import Corpus
import Dials
import Evaluation
import Foundation
import Inference
import Pruning
import Reports
import Screen
import Techniques
import Tokenization

extension ChatSession {
  /// What a search found out about the model's blocks, if there was one.
  func blockFacts() async -> BlockFacts? {
    let model = engine.model
    return await Task.detached {
      guard let archive = try? PruningArchive(model: model) else { return nil }
      let manifest = try? archive.manifest(at: nil)
      let costs = BlockCosts(in: archive).kept
      return manifest == nil && costs == nil ? nil : BlockFacts(manifest, costs: costs)
    }.value
  }

  /// Measures what each block costs, on a text that no search has seen, keeps it and shows it.
  func measureBlocks() async {
    let model = engine.model
    let label = "measuring blocks"
    show(.progress(Progress(label, share: 0)))
    defer { show(.progress(nil)) }
    let (shares, feed) = AsyncStream.makeStream(
      of: Double.self, bufferingPolicy: .bufferingNewest(1))
    let work = Task.detached {
      defer { feed.finish() }
      let windows = try HeldOutText(model: model).windows
      let sequences = (0..<windows.count).map { windows[$0] }
      try BlockCosts(in: PruningArchive(model: model)).measure(model, on: sequences) { share in
        feed.yield(share)
        return !Task.isCancelled
      }
    }
    await withTaskCancellationHandler {
      for await share in shares { show(.progress(Progress(label, share: share))) }
    } onCancel: {
      work.cancel()
    }
    do {
      try await work.value
      guard let facts = await blockFacts() else { return }
      show(.blockFacts(facts))
      notice(
        .information,
        "What each block costs was measured on \(HeldOutText.length * HeldOutText.count) tokens.")
    } catch is CancellationError {
    } catch {
      notice(.error, "\(error)")
    }
  }

  /// Writes the model without `blocks`, or without those that are left out now, as a GGUF.
  func export(without blocks: BlockSet?, to path: String?) async {
    let removed = blocks ?? dials.pruned
    let export = CheckedExport(model: model)
    let path = NSString(string: path ?? export.name(without: removed)).expandingTildeInPath
    guard !removed.isEmpty else {
      notice(.information, "No block is left out: the file would be the model's own.")
      return
    }
    guard !FileManager.default.fileExists(atPath: path) else {
      notice(.error, "\(path) is there already.\nRemove it, or give another name: /export FILE")
      return
    }
    show(.progress(Progress("writing \(path)")))
    defer { show(.progress(nil)) }
    do {
      let difference = try await Task.detached {
        try export.write(export.pruned(removed), to: path)
      }.value
      if let difference {
        notice(.error, CheckedExport.words(difference))
      } else {
        notice(
          .information,
          "Wrote \(path).\nIt is the model without \(removed); read again, every logit is that of the running model."
        )
      }
    } catch {
      notice(.error, "\(error)")
    }
  }

  /// Leaves out the first `count` blocks of the model's own manifest.
  func prune(first count: Int) async {
    let model = engine.model
    do {
      let blocks = try await Task.detached {
        try PruningArchive(model: model).manifest(at: nil).blocks(count)
      }.value
      await perform(.prune(blocks))
    } catch {
      notice(.error, "\(error)")
    }
  }

  /// The blocks as lines of text, for who has no prune editor.
  func listBlocks() async {
    guard let facts = await blockFacts() else {
      notice(.information, "No block of this model was measured yet: /prune measure does.")
      return
    }
    let lines = (0..<engine.model.blockCount).map { number -> String in
      let block = BlockIndex(number)
      let rise = facts.rise(without: block).map {
        "perplexity \($0 < 0 ? "" : "+")\(Numbers.percent($0, 1)) without it"
      }
      let place = facts.order.firstIndex(of: block).map { "goes as number \($0 + 1)" }
      let state = dials.pruned.contains(block) ? "left out" : nil
      let words = [state, rise ?? "not measured", place].compactMap { $0 }
      return "blk \(number): " + words.joined(separator: ", ")
    }
    notice(.information, lines.joined(separator: "\n"))
  }

  /// Answers the last message again under the settings in force, with the same seed, and says how the
  /// answers differ and what the settings do to a text that nobody chose blocks by.
  func compare() async {
    guard let old = conversation.takeBack(.assistant) else {
      notice(.information, "There is no answer yet that could be compared.")
      await measure()
      return
    }
    await answer(repeating: conversation.messages.last?.content ?? "")
    guard let last = conversation.messages.last, last.role == .assistant else { return }
    let difference = WordDifference(from: old, to: last.content)
    notice(
      .information,
      difference.isEmpty
        ? "The answers are the same, word for word."
        : "Against the answer before ([-gone-] {+new+}): \(difference.marked)")
    await measure()
  }

  /// Says what the dials do to a held-out text.
  private func measure() async {
    let (model, dials) = (self.model, dials)
    guard dials.contract == .approximate, dials.shortHead == nil else { return }
    do {
      let scores = try await Task.detached {
        try HeldOutText(model: model).scores(of: dials)
      }.value
      notice(.information, Self.words(scores))
    } catch {
      notice(.error, "\(error)")
    }
  }

  private static func words(_ scores: [TextScores]) -> String {
    guard scores.count == 2, scores[0].perplexity > 0 else { return "" }
    let (plain, dials) = (scores[0], scores[1])
    let change = dials.perplexity / plain.perplexity - 1
    return "\(dials.dials.summary): perplexity \(Numbers.fixed(plain.perplexity, 2)) → "
      + "\(Numbers.fixed(dials.perplexity, 2)) (\(change < 0 ? "" : "+")"
      + "\(Numbers.percent(change, 1))) on \(dials.loss.count) held-out tokens, mean KL "
      + "\(Numbers.fixed(dials.divergence.mean, 3)) nats, the same first choice for "
      + "\(Numbers.percent(dials.sameTop.mean, 1))."
  }
}

extension BlockFacts {
  /// What each block costs the whole model, as it was measured or else as a search says, and the order
  /// of the search.
  init(_ manifest: PruningManifest?, costs measured: [BlockIndex: Double]?) {
    let found = manifest?.steps.first?.costs.compactMap { key, cost in
      Int(key).map { (BlockIndex($0), cost) }
    }
    self.init(
      costs: measured ?? Dictionary(found ?? [], uniquingKeysWith: { first, _ in first }),
      order: manifest?.steps.map(\.block) ?? [])
  }
}

/// A short text to measure settings on: written by the model itself, with a seed of its own, so that no
/// search has seen it.
struct HeldOutText {
  let model: LoadedModel

  static let length = 512
  static let count = 2
  private static let seed: UInt64 = 77_003

  /// The scores of the plain model and of `dials`. Writes the text the first time, which takes some
  /// seconds.
  func scores(of dials: DialSettings) throws -> [TextScores] {
    try TextEvaluation(
      of: model.weights, exits: model.exits, on: windows, settings: [dials.withoutDrafts],
      kernels: model.kernels, crew: model.crew
    ).run()
  }

  /// The text.
  var windows: TextWindows {
    get throws {
      let text = try SelfWrittenArchive(model: model).text(
        of: Self.length * Self.count, seed: Self.seed)
      return try TextWindows(text.tokens, length: Self.length)
    }
  }
}
