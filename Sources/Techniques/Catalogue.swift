package import Dials

/// Every technique, a line each. Help, validation, statistics, inspector, records and the engine read
/// these lists; nothing else names a technique.
package enum Catalogue {
  /// The ways to leave early.
  package static let exits: [any ExitTechnique.Type] = [FixedExit.self, ConfidenceExit.self]

  /// The drafters, in the order in which settings and reports list them.
  package static let drafters: [DraftTechnique] = [
    .exit, .skip, .small, .ngram, .learned, .recycling, .trigram, .lookahead, .jacobi, .noise,
    .released,
  ]

  /// The ways to limit what attention sees.
  package static let reaches: [ReachTechnique] = [
    .lambda, .sliding, .sirllm, .sinks, .capped, .cacheIndex, .lookups, .memory, .turns,
  ]
}

extension Catalogue {
  /// The depth policy for `settings` in a model of `blockCount` blocks.
  ///
  /// An exit behind which no block would run is not one: it is left out, and no readout is paid for it.
  package static func depthPolicy(for settings: DialSettings, blockCount: Int) -> any DepthPolicy {
    let saves = { (depth: Int) in
      (1..<max(1, blockCount)).contains(depth)
        && !settings.pruned.covers(depth..<blockCount)
    }
    let rule = settings.textRule
    let exits = settings.exit.technique?.policy(where: saves)
    guard let exits, let rule else { return exits ?? EveryBlock(rule: rule) }
    return BudgetedDepth(exits, rule: rule)
  }

  /// What the inspector says of a token that left early for this reason: `, the fixed exit`,
  /// `: .93 > .90`; the bare word where no exit of the catalogue gives it.
  package static func explanation(of reason: ExitReason, number: (Float) -> String) -> String {
    exits.first { $0.reason == reason.word }?.explanation(of: reason, number: number)
      ?? ", \(reason.word)"
  }

  /// Why tokens leave, by the words of the record.
  package static var exitReasons: [String] { exits.map { $0.reason } }

  /// Sources in the order of the catalogue, those that it does not list behind them.
  package static func inOrder(_ sources: Set<DraftSource>) -> [DraftSource] {
    let known = drafters.map(\.source)
    let others = sources.subtracting(known).map(\.rawValue).sorted().map { DraftSource($0) }
    return known.filter(sources.contains) + others
  }

  /// The drafters of a setting that run no pass of their own, for a vocabulary of this size and with the head
  /// that was trained for the model, if there is one.
  package static func drafters(
    for setting: DraftSetting, vocabularyCount: Int, head: (any GuessingHead)? = nil
  ) -> [any Drafter] {
    drafters.compactMap { technique in
      let isNamed = setting.sources.contains(technique.source)
      return switch technique.make {
      case .free(let make): isNamed ? make(vocabularyCount) : nil
      case .trained(let make): isNamed || setting.isAuto ? head.map(make) : nil
      case .model, .filler: nil
      }
    }
  }

  /// The drafters of a setting that run the model, with their names. Those of `before` keep what they know.
  package static func modelDrafters(
    for setting: DraftSetting,
    keeping before: [(source: DraftSource, drafter: any ModelDrafter)] = []
  ) -> [(source: DraftSource, drafter: any ModelDrafter)] {
    drafters.compactMap { technique in
      guard case .model(let make) = technique.make, setting.sources.contains(technique.source)
      else { return nil }
      return before.first { $0.source == technique.source } ?? (technique.source, make())
    }
  }
}
