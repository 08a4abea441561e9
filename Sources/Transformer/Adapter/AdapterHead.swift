import Dials
package import GGUF

/// What an adapter's file says about itself (docs/ADAPTERS.md): for whom it is, what it holds, and how
/// it was made.
package struct AdapterHead: Hashable, Sendable {
  /// What is added to the base.
  package enum Form: String, Hashable, Sendable {
    /// Modules between the stream and the head.
    case exits = "fathom.exits"
    /// LoRA deltas of the base's projections.
    case lora
    /// A head that guesses tokens ahead.
    case draft = "fathom.draft"
    /// Small feed-forwards beside the big ones, and routers.
    case duo = "fathom.duo"
  }

  /// An exit and the form of its module.
  package struct Exit: Hashable, Sendable {
    /// Blocks executed before it.
    package var depth: Int
    /// `none`, `linear`, `lowrank` or `mlp`.
    package var kind: String
    /// On held-out positions: how often its most probable token is full depth's.
    package var agreement: Double
    /// On the same positions: KL(full depth ‖ exit) in nats.
    package var divergence: Double

    /// An exit that was not measured yet, or with its measures.
    package init(depth: Int, kind: String, agreement: Double = 0, divergence: Double = 0) {
      self.depth = depth
      self.kind = kind
      self.agreement = agreement
      self.divergence = divergence
    }
  }

  /// The base model.
  package struct Base: Hashable, Sendable {
    /// SHA-256 of its file, in lower-case hexadecimal: the fingerprint.
    package var sha256: String
    /// Its name, for messages.
    package var name: String
    /// Its family, as files call it.
    package var architecture: String
    /// Its blocks, its width and its tokens.
    package var blockCount: Int
    /// The width of its residual stream.
    package var width: Int
    /// The tokens of its vocabulary.
    package var vocabularyCount: Int

    /// The base that is described by a blueprint.
    package init(sha256: String, name: String, blueprint: Blueprint) {
      self.sha256 = sha256
      self.name = name
      architecture = blueprint.architecture.name
      blockCount = blueprint.blockCount
      width = blueprint.width
      vocabularyCount = blueprint.vocabularyCount
    }

    /// Refuses a model of another shape; `path` is the adapter's.
    func check(against blueprint: Blueprint, path: String) throws(ModelError) {
      guard blockCount == blueprint.blockCount, width == blueprint.width,
        vocabularyCount == blueprint.vocabularyCount
      else {
        throw ModelError(
          code: .badShape, place: path,
          message:
            "The adapter belongs to \(name), which has \(blockCount) blocks of width \(width) and "
            + "\(vocabularyCount) tokens, not to this model. Use the model that it was made for, or "
            + "train one for this model.")
      }
    }

    fileprivate init(_ keys: AdapterKeys) throws(ModelError) {
      sha256 = try keys.text("fathom.base.sha256")
      name = try keys.text("fathom.base.name")
      architecture = try keys.text("general.architecture")
      blockCount = try keys.count("fathom.base.block_count", in: 1...BlockSet.capacity)
      width = try keys.count("fathom.base.embedding_length", in: 1...Blueprint.greatestWidth)
      vocabularyCount = try keys.count(
        "fathom.base.vocab_size", in: 1...Blueprint.greatestVocabulary)
    }
  }

  /// How it was trained.
  package struct Recipe: Hashable, Sendable {
    /// The command.
    package var command = ""
    /// Optimiser steps, positions seen, and the seed.
    package var steps = 0
    /// Positions seen.
    package var positions = 0
    /// What decided first values and order.
    package var seed: UInt64 = 0
    /// The noise in the inputs, in words; empty for none.
    package var noise = ""
    /// The data's files, and their SHA-256 in the same order.
    package var files: [String] = []
    /// SHA-256 of each file, in the same order.
    package var digests: [String] = []
    /// The data's licence in words.
    package var note = ""

    /// A recipe to fill in.
    package init() {}
  }

  /// The greatest `fathom.adapter.version` that is understood.
  package static let version = 1

  /// What people call it.
  package var name: String
  /// Its licence, as an SPDX expression.
  package var license: String
  /// What it adds.
  package var form: Form
  /// The factor of the LoRA's product before the division by its rank; nil for exits.
  package var alpha: Double?
  /// For whom it is.
  package var base: Base
  /// Its exits, by ascending depth.
  package var exits: [Exit]
  /// The short head's tokens, most frequent first; of a draft head those that it can guess.
  package var shortlist: [Int32]
  /// The draft head, if it is one.
  package var draft: Draft?
  /// What is said of its small feed-forwards, if it holds some.
  package var duo: Duo?
  /// How it was made.
  package var recipe: Recipe

  /// A head.
  package init(
    name: String, license: String, form: Form, alpha: Double? = nil, base: Base, exits: [Exit],
    shortlist: [Int32], recipe: Recipe
  ) {
    self.name = name
    self.license = license
    self.form = form
    self.alpha = alpha
    self.base = base
    self.exits = exits
    self.shortlist = shortlist
    self.recipe = recipe
  }
}

extension AdapterHead {
  /// Reads the metadata of an adapter's file. Throws where a key is missing or makes no sense.
  package init(metadata: Metadata) throws(ModelError) {
    let keys = AdapterKeys(metadata: metadata)
    guard try keys.text("general.type") == "adapter",
      let form = Form(rawValue: try keys.text("adapter.type"))
    else {
      throw .badValue(
        "adapter.type", "not one of Fathom's", expected: "an adapter of exits or of LoRA is needed")
    }
    let version = try keys.count("fathom.adapter.version")
    guard version <= Self.version else {
      throw .badValue(
        "fathom.adapter.version", "\(version)", expected: "a newer Fathom wrote it; update Fathom")
    }
    self.form = form
    name = try keys.text("general.name")
    license = metadata["general.license"]?.string ?? ""
    alpha = metadata["adapter.lora.alpha"]?.double
    base = try Base(keys)
    let depths = try keys.counts("fathom.exit.depths")
    let kinds = metadata["fathom.exit.kinds"]?.array?.compactMap(\.string) ?? []
    let agreements = metadata["fathom.recipe.agreement"]?.array?.compactMap(\.double) ?? []
    let divergences = metadata["fathom.recipe.divergence"]?.array?.compactMap(\.double) ?? []
    let blockCount = base.blockCount
    guard depths.count == kinds.count, depths == depths.sorted(), Set(depths).count == depths.count,
      depths.allSatisfy({ $0 >= 1 && $0 < blockCount })
    else {
      throw .badValue(
        "fathom.exit.depths", "\(depths)",
        expected: "depths must ascend within 1..<\(blockCount), and each has one kind")
    }
    exits = depths.indices.map { index in
      Exit(
        depth: depths[index], kind: kinds[index],
        agreement: agreements.indices.contains(index) ? agreements[index] : 0,
        divergence: divergences.indices.contains(index) ? divergences[index] : 0)
    }
    let tokens = try keys.counts("fathom.shortlist")
    guard tokens.allSatisfy({ [base] in (0..<base.vocabularyCount).contains($0) }) else {
      throw .badValue("fathom.shortlist", "a list", expected: "each token must be the base's")
    }
    shortlist = tokens.map { Int32($0) }
    draft = form == .draft ? try Draft(keys) : nil
    duo = form == .duo ? try Duo(keys) : nil
    recipe = Recipe(metadata: metadata)
  }

  /// The metadata that `init(metadata:)` reads back, in the order of a file.
  package var metadata: [(key: String, value: MetadataValue)] {
    func count(_ value: Int) -> MetadataValue { .unsigned(UInt64(value)) }
    func real(_ value: Double) -> MetadataValue { .float(Double(Float(value))) }
    var entries: [(String, MetadataValue)] = [
      ("general.architecture", .string(base.architecture)), ("general.type", .string("adapter")),
      ("general.name", .string(name)), ("general.license", .string(license)),
      ("adapter.type", .string(form.rawValue)), ("fathom.adapter.version", count(Self.version)),
      ("fathom.base.sha256", .string(base.sha256)), ("fathom.base.name", .string(base.name)),
      ("fathom.base.block_count", count(base.blockCount)),
      ("fathom.base.embedding_length", count(base.width)),
      ("fathom.base.vocab_size", count(base.vocabularyCount)),
      ("fathom.recipe", .string(recipe.command)), ("fathom.recipe.steps", count(recipe.steps)),
      ("fathom.recipe.positions", count(recipe.positions)),
      ("fathom.recipe.seed", .unsigned(recipe.seed)), ("fathom.data.note", .string(recipe.note)),
    ]
    if !recipe.noise.isEmpty { entries.append(("fathom.recipe.noise", .string(recipe.noise))) }
    if let alpha { entries.append(("adapter.lora.alpha", real(alpha))) }
    if !exits.isEmpty {
      entries += [
        ("fathom.exit.depths", .array(exits.map { count($0.depth) })),
        ("fathom.exit.kinds", .array(exits.map { .string($0.kind) })),
        ("fathom.recipe.agreement", .array(exits.map { real($0.agreement) })),
        ("fathom.recipe.divergence", .array(exits.map { real($0.divergence) })),
      ]
    }
    if let draft { entries += draft.metadata }
    if let duo { entries += duo.metadata }
    if !shortlist.isEmpty {
      entries.append(("fathom.shortlist", .array(shortlist.map { count(Int($0)) })))
    }
    if !recipe.files.isEmpty {
      entries += [
        ("fathom.data.files", .array(recipe.files.map { .string($0) })),
        ("fathom.data.sha256", .array(recipe.digests.map { .string($0) })),
      ]
    }
    return entries.map { (key: $0.0, value: $0.1) }
  }
}

extension AdapterHead.Recipe {
  fileprivate init(metadata: Metadata) {
    command = metadata["fathom.recipe"]?.string ?? ""
    steps = max(0, metadata["fathom.recipe.steps"]?.int ?? 0)
    positions = max(0, metadata["fathom.recipe.positions"]?.int ?? 0)
    noise = metadata["fathom.recipe.noise"]?.string ?? ""
    if case .unsigned(let value)? = metadata["fathom.recipe.seed"] { seed = value }
    files = metadata["fathom.data.files"]?.array?.compactMap(\.string) ?? []
    digests = metadata["fathom.data.sha256"]?.array?.compactMap(\.string) ?? []
    note = metadata["fathom.data.note"]?.string ?? ""
  }
}
