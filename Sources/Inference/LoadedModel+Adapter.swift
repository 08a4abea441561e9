import Dials
package import Events
package import GGUF
import Kernels
package import Techniques
import Transformer

extension LoadedModel {
  /// This model with the exits of an adapter, and with its changes. `fingerprint` is the SHA-256 of the
  /// model's file; an adapter made for another file is refused. `isBuiltIn` says that it came with the
  /// program.
  package func adapted(
    by adapter: GGUFFile, fingerprint: String, isBuiltIn: Bool = false
  ) throws(EngineError) -> LoadedModel {
    let exits: ExitModules
    do {
      exits = try ExitModules(file: adapter, weights: weights, pool: pool)
    } catch {
      throw EngineError(error)
    }
    try exits.head.check(fingerprint, what: "adapter", command: "fathom tune exits")
    return with(exits, isBuiltIn: isBuiltIn)
  }

  /// This model with a head that drafts. `fingerprint` is the SHA-256 of the model's file; a head that was
  /// trained for another file is refused.
  package func drafting(
    with file: GGUFFile, fingerprint: String
  ) throws(EngineError) -> LoadedModel {
    let head: DraftHead
    do { head = try DraftHead(file: file, runtime: runtime) } catch { throw EngineError(error) }
    try head.head.check(fingerprint, what: "draft head", command: "fathom tune draft")
    return with(draftHead: head)
  }

  /// This model with small feed-forwards. `fingerprint` is the SHA-256 of the model's file; modules that
  /// were trained for another file are refused.
  package func routing(
    with file: GGUFFile, fingerprint: String
  ) throws(EngineError) -> LoadedModel {
    let modules: SmallFeedForwards
    do {
      modules = try SmallFeedForwards(file: file, weights: weights, pool: pool)
    } catch {
      throw EngineError(error)
    }
    try modules.head.check(
      fingerprint, what: "set of small feed-forwards", command: "fathom tune duo")
    return with(feedForwards: modules)
  }

  /// A budget with the offset that these modules have for its share.
  package func resolved(_ budget: BudgetSetting) -> BudgetSetting {
    guard budget.isOn, let facts = feedForwards?.facts else { return budget }
    return BudgetSetting(
      share: budget.share,
      offset: FeedForwardRule.rounded(Float(facts.offset(forShare: budget.share))))
  }

  /// The model as its file has it.
  package var withoutAdapter: LoadedModel { with(nil, isBuiltIn: false) }

  /// The files that it is made of.
  package var files: [String] {
    [path] + [exits?.path, draftHead?.path, feedForwards?.path].compactMap { $0 }
  }

  /// The adapter in use, for the record.
  package var adapter: SessionRecord.Adapter? {
    exits.map {
      SessionRecord.Adapter(
        name: $0.head.name, exits: $0.modules.map(\.depth), isBuiltIn: hasBuiltInExits,
        changesModel: $0.changes != nil)
    }
  }

  /// Checks that the model can be run with these dials.
  package func check(_ dials: DialSettings) throws(EngineError) {
    try dials.check(
      blueprint: weights.blueprint, exits: exits, hasDraftHead: draftHead != nil,
      hasFeedForwards: feedForwards != nil)
  }
}

extension AdapterHead {
  /// Refuses another file than the one that it was made for.
  fileprivate func check(
    _ fingerprint: String, what: String, command: String
  ) throws(EngineError) {
    guard base.sha256 != fingerprint else { return }
    throw EngineError(
      .badModel,
      "The \(what) \"\(name)\" was made for another file of \(base.name) (SHA-256 "
        + "\(base.sha256.prefix(12))…), not for this one (\(fingerprint.prefix(12))…). Use that file, or "
        + "train one for this file with \(command).")
  }
}

extension DialSettings {
  /// Checks that a model of this shape can be run with these settings, and the adapter has what they ask.
  func check(
    blueprint: Blueprint, exits: ExitModules?, hasDraftHead: Bool, hasFeedForwards: Bool
  ) throws(EngineError) {
    do {
      try validate(blockCount: blueprint.blockCount)
      try reach.check(trainedLength: blueprint.trainedLength)
    } catch {
      throw EngineError(.badSetting, error.description)
    }
    try exit.check(against: exits)
    guard hasFeedForwards || !budget.isOn else {
      throw EngineError(
        .badSetting,
        "A budget of \(budget) asks for small feed-forwards, but none are loaded. Give some with --duo, train "
          + "them with fathom tune duo, or write off.")
    }
    guard exits?.changes == nil || !budget.isOn else {
      throw EngineError(
        .badSetting,
        "The small feed-forwards stand in for those of the model as its file has it, but an adapter changes it. "
          + "Leave out the budget or the adapter.")
    }
    guard hasDraftHead || !draft.sources.contains(.learned) else {
      throw EngineError(
        .badSetting,
        "\"\(draft)\" asks a trained head for guesses, but none is loaded. Give one with --draft-head, train "
          + "one with fathom tune draft, or leave out \"learned\".")
    }
  }
}

extension ExitSetting {
  /// Checks that the adapter has every gate that the setting asks.
  func check(against exits: ExitModules?) throws(EngineError) {
    let gates = exits?.gatedDepths ?? []
    guard let missing = gatedDepths.first(where: { !gates.contains($0) }) else { return }
    let have =
      exits.map { exits in
        gates.isEmpty
          ? "the adapter \"\(exits.head.name)\" has no gates"
          : "the adapter \"\(exits.head.name)\" has gates at "
            + "\(gates.map(String.init).joined(separator: ",")) only"
      } ?? "no adapter is loaded"
    throw EngineError(
      .badSetting,
      "\"\(self)\" asks the gate of the exit at \(missing), but \(have). Load an adapter that has one, "
        + "or leave out \"gate\".")
  }
}
