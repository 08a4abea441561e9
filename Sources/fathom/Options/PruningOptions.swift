import ArgumentParser
import Chat
import Dials
import Inference
import Pruning

/// Which blocks are left out: named one by one, or the first of a manifest.
struct PruningOptions: ParsableArguments {
  @Option(
    name: [.customLong("prune-blocks"), .customLong("prune-layers")],
    help: "Blocks left out of the model, 0-based, such as 10,20-22.")
  var blocks = "none"

  @Option(
    name: .customLong("pruned"),
    help: "A manifest of 'fathom prune'; leaves out what it names, or the first --blocks of it.",
    completion: .file(extensions: ["json"]))
  var manifest: String?

  @Option(
    name: .customLong("blocks"), parsing: .unconditional,
    help: "How many blocks of the manifest are left out (without --pruned: of the model's own).")
  var count: Int?

  @Option(
    name: .customLong("repair"),
    help: ArgumentHelp(
      "The model without these blocks, repaired as 'fathom prune --repair' did: scale, map, refit or "
        + "follow.", valueName: "method"),
    transform: { try Spelled.value($0, of: "--repair") })
  var repair: RepairMethod?

  func validate() throws {
    if blocks != "none", manifest != nil || count != nil {
      throw ValidationError("Give either --prune-blocks, or --pruned and --blocks.")
    }
    guard count ?? 0 >= 0 else { throw ValidationError("--blocks must be 0 or more.") }
  }

  /// How the blocks were chosen, if a manifest says so.
  func method(for model: LoadedModel) throws -> String? {
    guard manifest != nil || count != nil else { return nil }
    return try PruningArchive(model: model).manifest(at: manifest).method.rawValue
  }

  /// The model as it is repaired, if a repair is asked for.
  func repaired(_ model: LoadedModel) throws -> LoadedModel {
    guard let repair else { return model }
    let removed = try blocks(of: model).value
    let archive = try PruningArchive(model: model)
    if let kept = try RepairJob(model: model, archive: archive).kept(repair, without: removed) {
      return kept
    }
    throw PruningError(
      .cannotRead, place: "--repair \(repair.rawValue)",
      "nobody has repaired this model without \(removed) yet. fathom prune --repair \(repair.rawValue) does, "
        + "with the same --prune-blocks or --blocks.")
  }

  /// The blocks that are left out of `model`, by the manifest where one is named.
  func blocks(of model: LoadedModel) throws -> Worded<BlockSet> {
    if manifest != nil || count != nil {
      return Worded(try PruningArchive(model: model).manifest(at: manifest).blocks(count))
    }
    return Worded(try BlockSet.parse(blocks, blockCount: model.blockCount), words: blocks)
  }
}
