/// Where a guess for a next token comes from. Every source has a file in `Techniques`.
public enum DraftSource: String, Hashable, Codable, CaseIterable, Comparable, Sendable {
  /// The model itself, left early (LayerSkip).
  case exit
  /// The model itself with blocks left out (SWIFT).
  case skip
  /// What followed the same words earlier in the text.
  case ngram
  /// What the model thought likely after the same token.
  case recycling = "recycle"
  /// What the model thought likely after the same two tokens.
  case trigram
  /// Pieces that the model wrote on branches that were dropped.
  case lookahead
  /// What the model saw behind a rejected guess.
  case jacobi
  /// A token of the text, drawn at random.
  case noise
  /// TR-Jacobi's own fixed tree, for study.
  case released = "tr-jacobi"

  /// In the order of declaration.
  public static func < (a: DraftSource, b: DraftSource) -> Bool {
    let all = allCases
    return (all.firstIndex(of: a) ?? 0) < (all.firstIndex(of: b) ?? 0)
  }

  /// The sources that a person can ask for.
  public static let selectable: [DraftSource] = allCases.filter { $0 != .noise }
}
