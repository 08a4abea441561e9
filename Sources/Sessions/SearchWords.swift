import Foundation

/// What a person looks for: words that all have to be in a conversation, anywhere in it, also as a part of
/// longer ones. Words in quotes stand together.
package struct SearchWords: Hashable, Sendable {
  /// The words, folded, none of them empty.
  package let words: [String]

  /// The most words that are looked for, and the most scalars of one: a text that was pasted is no search.
  private static let limit = (words: 16, scalars: 200)

  /// The words in `text`, whatever it holds.
  package init(_ text: String) {
    // Scalar by scalar: a mark that sits on a quote or a space makes another character of it.
    let parts = Self.fold(text).unicodeScalars
      .split(separator: "\"", omittingEmptySubsequences: false).map(Array.init)
    let pieces = parts.enumerated().flatMap { number, part in
      number % 2 == 1 ? [part[...]] : part.split(separator: " ")
    }
    words = pieces.map { Self.word($0) }.filter { !$0.isEmpty }.prefix(Self.limit.words)
      .map(\.self)
  }

  /// The scalars between the spaces around them, as many as are looked for.
  private static func word(_ scalars: ArraySlice<UnicodeScalar>) -> String {
    let start = scalars.drop { $0 == " " }
    let kept = start.reversed().drop { $0 == " " }.reversed().prefix(limit.scalars)
    var word = String.UnicodeScalarView()
    word.append(contentsOf: kept)
    return String(word)
  }

  /// Whether nothing is looked for.
  package var isEmpty: Bool { words.isEmpty }

  /// `text` as it is compared: lower case, without accents, one space for any white space.
  package static func fold(_ text: String) -> String {
    var folded = String.UnicodeScalarView()
    var isSpace = false
    for scalar in text.lowercased().decomposedStringWithCanonicalMapping.unicodeScalars {
      if (0x300...0x36F).contains(scalar.value) { continue }
      let isBlank = scalar.properties.isWhitespace
      if isBlank, isSpace { continue }
      isSpace = isBlank
      // The database ends a text at a zero.
      folded.append(isBlank ? " " : scalar.value == 0 ? "\u{FFFD}" : scalar)
    }
    return String(folded)
  }

  /// Up to about `length` characters of a text around the first place of the first word, on one line.
  package func excerpt(of text: String, length: Int = 72) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let place = words.first.flatMap {
      line.range(of: $0, options: [.caseInsensitive, .diacriticInsensitive])?.lowerBound
    }
    let before = place.map { line.distance(from: line.startIndex, to: $0) } ?? 0
    let start = before + 20 <= length ? 0 : before - 20
    let end = line.dropFirst(start).dropFirst(length).isEmpty ? "" : "…"
    return (start > 0 ? "…" : "") + line.dropFirst(start).prefix(length) + end
  }
}
