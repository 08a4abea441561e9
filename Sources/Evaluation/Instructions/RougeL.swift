/// How much of one text's words stand in another, in the same order: ROUGE-L (Lin, "ROUGE: a package for
/// automatic evaluation of summaries", 2004, section 3), on whole texts, with precision and recall of
/// equal weight, as in Google's `rouge-score`.
///
/// Words are runs of letters and digits, in lower case; nothing is stemmed.
package struct RougeL: Hashable, Sendable {
  /// The longest common subsequence as a share of the candidate's words.
  package let precision: Double
  /// The same as a share of the reference's words.
  package let recall: Double

  /// The harmonic mean of precision and recall; 0 where either is 0.
  package var f: Double {
    precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
  }

  /// Compares two texts; two without words are the same.
  package init(candidate: String, reference: String) {
    let (a, b) = (Self.words(candidate), Self.words(reference))
    guard !a.isEmpty, !b.isEmpty else {
      precision = a.isEmpty && b.isEmpty ? 1 : 0
      recall = precision
      return
    }
    let common = Double(Self.commonCount(a, b))
    precision = common / Double(a.count)
    recall = common / Double(b.count)
  }

  private static func words(_ text: String) -> [Substring] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }.map { $0 }
  }

  /// The length of the longest common subsequence, row by row.
  private static func commonCount(_ a: [Substring], _ b: [Substring]) -> Int {
    var row = Array(repeating: 0, count: b.count + 1)
    for word in a {
      var diagonal = 0
      for (index, other) in b.enumerated() {
        let above = row[index + 1]
        row[index + 1] = word == other ? diagonal + 1 : max(above, row[index])
        diagonal = above
      }
    }
    return row[b.count]
  }
}
