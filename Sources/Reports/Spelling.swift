/// Finds what a person probably meant.
package enum Spelling {
  /// The candidate nearest to `word`, when one is near enough to be meant: at most a third of the
  /// letters, and at least one, wrong.
  package static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let limit = max(1, word.count / 3)
    let ranked = candidates.map { ($0, distance(Array(word), Array($0))) }
    return ranked.filter { $0.1 <= limit }.min { $0.1 < $1.1 }?.0
      ?? ranked.first { word.count >= 2 && $0.0.hasPrefix(word) }?.0
  }

  /// Insertions, deletions, substitutions and swaps of neighbours that turn one into the other.
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var rows = [Array(0...b.count)]
    for i in 1..<(a.count + 1) {
      var row = [i]
      for j in 1..<(b.count + 1) {
        let same = a[i - 1] == b[j - 1]
        var best = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (same ? 0 : 1))
        if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
          best = min(best, rows[i - 2][j - 2] + 1)
        }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
