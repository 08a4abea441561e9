import Dials

/// Drafters with a table that are not asked at the moment, and those whose table was kept.
struct KeptDrafters: Sendable {
  private var drafters: [DraftSource: any KeptMemory] = [:]

  /// Keeps those of `leaving` that have a table.
  mutating func keep(_ leaving: some Sequence<any Drafter>) {
    for case let drafter as any KeptMemory in leaving { drafters[drafter.source] = drafter }
  }

  /// The one that is like `drafter`, which is not kept any longer; or `drafter` itself.
  mutating func take(like drafter: any Drafter) -> any Drafter {
    guard let kept = drafters[drafter.source], type(of: kept) == type(of: drafter) else {
      return drafter
    }
    drafters[drafter.source] = nil
    return kept
  }

  /// Their tables.
  var tables: [String: [UInt8]] {
    Dictionary(uniqueKeysWithValues: drafters.map { ($0.key.rawValue, $0.value.memory) })
  }

  /// Makes drafters of tables; false where one of them is no table for a vocabulary of this size, or
  /// nobody's.
  mutating func restore(_ tables: [String: [UInt8]], vocabularyCount: Int) -> Bool {
    var isWhole = true
    for (word, table) in tables {
      let technique = Catalogue.drafters.first { $0.source.rawValue == word }
      if case .free(let make)? = technique?.make,
        var drafter = make(vocabularyCount) as? any KeptMemory,
        drafter.restore(table, vocabularyCount: vocabularyCount)
      {
        drafters[drafter.source] = drafter
      } else {
        isWhole = false
      }
    }
    return isWhole
  }
}

extension DraftPlanner {
  /// The tables of its drafters, by their words; nil where they learned nothing since they were restored.
  package var memory: [String: [UInt8]]? {
    guard hasLearned else { return nil }
    var all = kept
    all.keep(drafters)
    return all.tables
  }

  /// Puts kept tables in the place of what drafters know; false where one of them is no table.
  package mutating func restore(_ tables: [String: [UInt8]], vocabularyCount: Int) -> Bool {
    (hasLearned, isNew) = (false, false)
    let isWhole = kept.restore(tables, vocabularyCount: vocabularyCount)
    drafters = drafters.map { kept.take(like: $0) }
    return isWhole
  }

  /// Forgets what drafters know, which was learned of another model.
  package mutating func forget() {
    self = DraftPlanner()
    isNew = false
  }
}
