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
    let base = exits.head.base
    guard base.sha256 == fingerprint else {
      throw EngineError(
        .badModel,
        "The adapter \"\(exits.head.name)\" was made for another file of \(base.name) (SHA-256 "
          + "\(base.sha256.prefix(12))…), not for this one (\(fingerprint.prefix(12))…). Use that file, or "
          + "train an adapter for this one with fathom tune exits.")
    }
    return with(exits, isBuiltIn: isBuiltIn)
  }

  /// The model as its file has it.
  package var withoutAdapter: LoadedModel { with(nil, isBuiltIn: false) }

  /// The files that it is made of.
  package var files: [String] { [path] + [exits?.path].compactMap { $0 } }

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
    try dials.check(blueprint: weights.blueprint, exits: exits)
  }
}

extension DialSettings {
  /// Checks that a model of this shape can be run with these settings, and the adapter has what they ask.
  func check(blueprint: Blueprint, exits: ExitModules?) throws(EngineError) {
    do {
      try validate(blockCount: blueprint.blockCount)
      try reach.check(trainedLength: blueprint.trainedLength)
    } catch {
      throw EngineError(.badSetting, error.description)
    }
    try exit.check(against: exits)
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
