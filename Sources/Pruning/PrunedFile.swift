package import Dials
package import GGUF
package import Transformer

/// A GGUF file without some of its blocks, in a form that other programs load: blocks renumbered, every
/// per-block list cut, and keys that tell where it comes from.
package struct PrunedFile {
  /// The whole model.
  package let file: GGUFFile
  /// The blocks that are left out.
  package let removed: BlockSet
  /// How they were chosen, if that is known.
  package var method: String?
  /// The SHA-256 of the whole model's file, if it is known.
  package var baseSHA256: String?

  /// Matrices that stand in for the model's own, if it is repaired.
  package var repair: Repair?

  private let architecture: String
  private let blockCount: Int

  /// The model in `file` without `removed`.
  package init(_ file: GGUFFile, without removed: BlockSet) throws(PruningError) {
    guard let architecture = file.metadata["general.architecture"]?.string,
      let count = file.metadata["\(architecture).block_count"]?.int
    else {
      throw PruningError(
        .unsupported, place: file.path, "the file does not say how many blocks it has.")
    }
    do {
      try removed.validate(blockCount: count, typed: "\(removed)")
    } catch {
      throw PruningError(.tooMany, place: file.path, error.description)
    }
    self.file = file
    self.removed = removed
    self.architecture = architecture
    blockCount = count
    try check()
  }

  /// Refuses what a file cannot say: that a block does something else than others of its place do.
  private func check() throws(PruningError) {
    guard let whole = try? Blueprint(metadata: file.metadata),
      let rest = try? Blueprint(
        metadata: Dictionary(metadata, uniquingKeysWith: { first, _ in first }))
    else { return }
    func features(_ blueprint: Blueprint, _ block: Int) -> [AnyHashable?] {
      let form = blueprint.forms[block]
      return [form.window, blueprint.rotations[form.rotation], blueprint.attentionScale]
    }
    let places = kept.enumerated().map { (new: $0, old: $1) }
    if let place = places.first(where: { features(rest, $0.new) != features(whole, $0.old) }) {
      throw PruningError(
        .unsupported, place: file.path,
        "block \(place.old) would be block \(place.new) of the file, and in models of the family "
          + "\(architecture) that block computes something else. Leave out others, or prune while "
          + "chatting.")
    }
  }

  /// The blocks that stay, first to last, as the whole model counts them.
  package var kept: [Int] { (0..<blockCount).filter { !removed.contains(BlockIndex($0)) } }

  /// The file, ready to be written.
  package func writer() -> GGUFWriter {
    var writer = GGUFWriter()
    for (key, value) in metadata { writer.set(key, to: value) }
    for tensor in tensors {
      writer.add(
        name: tensor.name, shape: tensor.source.shape, type: tensor.source.type,
        bytes: tensor.file.withBytes(of: tensor.source) { Array($0) })
    }
    return writer
  }

  /// The tensors that stay, under their new names, those of a repair in the place of the model's own.
  package var tensors: [(name: String, source: TensorInfo, file: GGUFFile)] {
    let places = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    return file.tensors.compactMap { tensor in
      let parts = tensor.name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0] == "blk", let old = Int(parts[1]) else {
        return (tensor.name, tensor, file)
      }
      guard let new = places[old] else { return nil }
      let name = "blk.\(new).\(parts[2])"
      if let repair, let other = repair.file.tensor(named: tensor.name) {
        return (name, other, repair.file)
      }
      return (name, tensor, file)
    }
  }

  /// The keys in a settled order, those that a reader needs first in front.
  package var metadata: [(String, MetadataValue)] {
    var metadata = file.metadata
    metadata["general.alignment"] = nil  // the writer has its own
    for (key, value) in metadata where key.hasPrefix("\(architecture).") {
      guard let list = value.array, list.count == blockCount else { continue }
      metadata[key] = .array(kept.map { list[$0] })
    }
    metadata["\(architecture).block_count"] = .unsigned(UInt64(kept.count))
    if !removed.isEmpty { metadata.merge(blockKeys) { $1 } }
    if !removed.isEmpty { metadata.merge(provenance) { $1 } }
    return metadata.sorted { rank($0.key) < rank($1.key) }
  }

  /// What follows from a block's place, or from how many there are, where a file does not say it.
  private var blockKeys: Metadata {
    guard let whole = try? Blueprint(metadata: file.metadata) else { return [:] }
    var keys: Metadata = [:]
    if whole.window != nil {
      keys["\(architecture).attention.sliding_window_pattern"] = .array(
        kept.map { .bool(whole.forms[$0].window != nil) })
    }
    if case .key(let key, _) = whole.architecture.residualScale {
      keys["\(architecture).\(key)"] = .float(Double(whole.residualScale))
    }
    return keys
  }

  private func rank(_ key: String) -> (Int, String) {
    if key == "general.architecture" { return (0, key) }
    let spaces = ["general.", "\(architecture).", "tokenizer.", "fathom."]
    return (1 + (spaces.firstIndex { key.hasPrefix($0) } ?? spaces.count), key)
  }

  /// What tells where the file comes from: the standard keys for a base model, and our own.
  private var provenance: Metadata {
    let name = file.metadata["general.name"]?.string ?? file.path
    let earlier = file.metadata["fathom.prune.kept_blocks"]?.array
    // A model pruned before: its blocks are named as the first of the line counted them.
    let original = kept.map { earlier?.count == blockCount ? earlier?[$0].int ?? $0 : $0 }
    var keys: Metadata = [
      "general.name": .string("\(name), \(kept.count) of \(blockCount) blocks"),
      "general.base_model.count": .unsigned(1),
      "general.base_model.0.name": .string(name),
      "fathom.prune.kept_blocks": .array(original.map { .integer(Int64($0)) }),
    ]
    if let method { keys["fathom.prune.method"] = .string(method) }
    if let repair { keys["fathom.prune.repair"] = .string(repair.method) }
    if let baseSHA256 { keys["fathom.prune.base_sha256"] = .string(baseSHA256) }
    if file.metadata["general.size_label"] != nil {
      let count = tensors.reduce(0) { $0 + $1.source.elementCount }
      keys["general.size_label"] = .string(Self.sizeLabel(count))
    }
    if file.metadata["general.parameter_count"] != nil {
      keys["general.parameter_count"] = .unsigned(
        UInt64(tensors.reduce(0) { $0 + $1.source.elementCount }))
    }
    return keys
  }

  /// `114M`, `1.1B`.
  static func sizeLabel(_ count: Int) -> String {
    if count < 999_500_000 { return "\((count + 500_000) / 1_000_000)M" }
    let tenths = (count + 50_000_000) / 100_000_000
    return tenths % 10 == 0 ? "\(tenths / 10)B" : "\(tenths / 10).\(tenths % 10)B"
  }
}
