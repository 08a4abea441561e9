import ArgumentParser
import Dials
import Events
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
    help: "A manifest of 'fathom prune'; leaves out what it names, or the first --blocks of it.")
  var manifest: String?

  @Option(
    name: .customLong("blocks"),
    help: "How many blocks of the manifest are left out (without --pruned: of the model's own).")
  var count: Int?

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

  /// Puts the blocks that the manifest names in place of it.
  mutating func resolve(for model: LoadedModel) throws {
    guard manifest != nil || count != nil else { return }
    let found = try PruningArchive(model: model).manifest(at: manifest)
    blocks = try found.blocks(count).description
    (manifest, count) = (nil, nil)
  }
}

extension AnswerOptions {
  /// These options with what a manifest and a preset say for `model` in their place.
  func resolved(for model: LoadedModel) throws -> AnswerOptions {
    var options = self
    try options.pruning.resolve(for: model)
    if presets.name != nil, exitPolicy != "off" || shortHead != nil {
      throw ValidationError("Give either --preset, or --exit-policy and --short-head.")
    }
    try options.applyPreset(of: model)
    return options
  }
}
