/// What became of a text, word by word.
///
/// The words that both texts have in the same order are found by their longest common subsequence.
package struct WordDifference: Hashable, Sendable {
  /// A run of words.
  package enum Part: Hashable, Sendable {
    /// Words that both have.
    case same([String])
    /// Words of the first alone.
    case removed([String])
    /// Words of the second alone.
    case added([String])
  }

  /// The runs, in order; where words are replaced, what was removed comes first.
  package private(set) var parts: [Part] = []

  /// Words that are compared at most; what goes beyond counts as changed.
  private static let limit = 2000

  /// The difference from one text to another.
  package init(from old: String, to new: String) {
    let old = Self.words(of: old)
    let new = Self.words(of: new)
    let (a, b) = (Array(old.prefix(Self.limit)), Array(new.prefix(Self.limit)))
    var lengths = [[Int]](
      repeating: Array(repeating: 0, count: b.count + 1), count: a.count + 1)
    for i in a.indices.reversed() {
      for j in b.indices.reversed() {
        lengths[i][j] =
          a[i] == b[j] ? lengths[i + 1][j + 1] + 1 : max(lengths[i + 1][j], lengths[i][j + 1])
      }
    }
    var runs = Runs()
    var (i, j) = (0, 0)
    while i < a.count || j < b.count {
      if i < a.count, j < b.count, a[i] == b[j] {
        runs.add(a[i], .same)
        (i, j) = (i + 1, j + 1)
      } else if i < a.count, j == b.count || lengths[i + 1][j] >= lengths[i][j + 1] {
        runs.add(a[i], .removed)
        i += 1
      } else {
        runs.add(b[j], .added)
        j += 1
      }
    }
    for word in old.dropFirst(Self.limit) { runs.add(word, .removed) }
    for word in new.dropFirst(Self.limit) { runs.add(word, .added) }
    parts = runs.parts
  }

  /// Whether the texts have the same words.
  package var isEmpty: Bool {
    parts.allSatisfy { if case .same = $0 { true } else { false } }
  }

  /// Words that both have.
  package var wordsShared: Int {
    parts.reduce(0) { if case .same(let words) = $1 { $0 + words.count } else { $0 } }
  }

  /// Words of the second text.
  package var words: Int {
    parts.reduce(wordsShared) { if case .added(let words) = $1 { $0 + words.count } else { $0 } }
  }

  /// The second text with marks, as wdiff has them: `the [-old-] {+new+} words`.
  package var marked: String {
    parts.map { part in
      switch part {
      case .same(let words): words.joined(separator: " ")
      case .removed(let words): "[-" + words.joined(separator: " ") + "-]"
      case .added(let words): "{+" + words.joined(separator: " ") + "+}"
      }
    }.joined(separator: " ")
  }

  private static func words(of text: String) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map(String.init)
  }
}

/// Words that become parts.
private struct Runs {
  enum Kind { case same, removed, added }

  private var runs: [(kind: Kind, words: [String])] = []

  /// Adds a word behind the last, to its run where it is of the same kind.
  mutating func add(_ word: String, _ kind: Kind) {
    if runs.last?.kind == kind {
      runs[runs.count - 1].words.append(word)
    } else {
      runs.append((kind, [word]))
    }
  }

  var parts: [WordDifference.Part] {
    runs.map { run in
      switch run.kind {
      case .same: .same(run.words)
      case .removed: .removed(run.words)
      case .added: .added(run.words)
      }
    }
  }
}
