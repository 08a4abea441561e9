package import Dials

extension Catalogue {
  /// The drafters of a setting that run no pass of their own, for a vocabulary of this size.
  package static func drafters(
    for setting: DraftSetting, vocabularyCount: Int
  ) -> [any Drafter] {
    setting.sources.compactMap { source -> (any Drafter)? in
      switch source {
      case .ngram: NGramDrafter()
      case .recycling: RecyclingDrafter(vocabularyCount: vocabularyCount)
      case .trigram: TrigramDrafter()
      case .lookahead: LookaheadDrafter()
      case .jacobi: JacobiDrafter()
      case .released: ReleasedJacobiDrafter()
      case .exit, .skip, .noise: nil
      }
    }
  }
}
