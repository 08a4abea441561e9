import Corpus
import Dials
package import Events
import Files
import Foundation
import Inference
import Pruning
import Reports
import Techniques
import Tokenization

extension ChatSession {
  /// What a search found out about the model's blocks, if there was one.
  package func blockFacts() async -> BlockFacts? {
    let model = engine.model
    return await Task.detached {
      guard let archive = try? PruningArchive(model: model) else { return nil }
      let manifest = try? archive.manifest(at: nil)
      let costs = BlockCosts(in: archive).kept
      return manifest == nil && costs == nil ? nil : BlockFacts(manifest, costs: costs)
    }.value
  }

  /// The first `count` blocks of the model's own manifest.
  func blocks(first count: Int) async throws -> BlockSet {
    let model = engine.model
    return try await Task.detached {
      try PruningArchive(model: model).manifest(at: nil).blocks(count)
    }.value
  }

  /// The blocks as lines of text, for who has no prune editor.
  func listBlocks() async {
    guard let facts = await blockFacts() else {
      notice(.information, "No block of this model was measured yet: /prune measure does.")
      return
    }
    let lines = facts.lines(
      blockCount: engine.model.blockCount, pruned: dialogue.dials.pruned)
    notice(.information, lines.joined(separator: "\n"))
  }

  /// Measures what each block costs, on a text that no search has seen, keeps it and shows it.
  func measureBlocks() async throws {
    let model = engine.model
    let label = "measuring blocks"
    show(.progress(Progress(label, share: 0)))
    defer { show(.progress(nil)) }
    do {
      try await BlockCosts.measure(model) { show(.progress(Progress(label, share: $0))) }
    } catch is CancellationError {
      return
    }
    guard let facts = await blockFacts() else { return }
    show(.blockFacts(facts))
    let count = HeldOutText.length * HeldOutText.count
    notice(.information, "What each block costs was measured on \(count) tokens.")
  }

  /// Writes the model without `blocks`, or without those that are left out now, as a GGUF.
  func export(without blocks: BlockSet?, to path: String?, replaces: Bool) async throws {
    let removed = blocks ?? dialogue.dials.pruned
    let export = CheckedExport(model: dialogue.model)
    let file = OutputFile(
      HomeFolder.expand(path ?? export.name(without: removed)), inputs: dialogue.model.files,
      replaces: replaces,
      wayToReplace: "Give another name, /export FILE, or replace it, /export --force FILE")
    let path = file.path
    guard !removed.isEmpty else {
      notice(.information, "No block is left out: the file would be the model's own.")
      return
    }
    try file.check()
    show(.progress(Progress("writing \(path)")))
    defer { show(.progress(nil)) }
    let difference = try await Task.detached {
      try export.write(export.pruned(removed), to: file)
    }.value
    if let difference { throw ChatError(CheckedExport.words(difference)) }
    notice(
      .information,
      "Wrote \(path).\nIt is the model without \(removed); read again, every logit is that of the running model."
    )
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
