package import Events

extension MarkRecord {
  /// The mark as a thin line: `── now without block 5 ──`.
  package var line: String { text.isEmpty ? "── mark ──" : "── \(text) ──" }
}
