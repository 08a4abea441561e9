package import Dials

/// A drafter whose table can be kept between sessions, and can come with a model.
package protocol KeptMemory: Drafter {
  /// The table: at most `ShareRows.byteLimit` bytes, what was learned last first.
  var memory: [UInt8] { get }

  /// Puts a kept table in the place of this one. False, and nothing changed, where the bytes are none or
  /// name tokens that a vocabulary of this size does not have.
  mutating func restore(_ memory: [UInt8], vocabularyCount: Int) -> Bool
}

/// What may follow one token or two, in bytes.
///
/// A row is the tokens before, the number of followers, and each follower with its share in 255ths; a token
/// takes three bytes, the lowest first.
package struct ShareRow: Hashable, Sendable {
  /// The tokens before.
  package var context: [TokenID]
  /// What may follow, likeliest first.
  package var choices: [TokenChoice]

  /// What may follow some tokens.
  package init(context: [TokenID], choices: [TokenChoice]) {
    self.context = context
    self.choices = choices
  }
}

/// Rows as bytes, and bytes as rows.
package enum ShareRows {
  /// Followers of a row that are kept.
  package static let width = 4
  /// The bytes that a table takes at most.
  package static let byteLimit = 2_000_000

  /// The first rows that fit; followers that are not worth a draft token are left out.
  package static func bytes(of rows: some Sequence<ShareRow>) -> [UInt8] {
    var bytes: [UInt8] = []
    for row in rows {
      let choices = row.choices.prefix { $0.share >= ShareBin.least }.prefix(width)
      if choices.isEmpty { continue }
      let size = 3 * row.context.count + 1 + 4 * choices.count
      guard bytes.count + size <= byteLimit else { break }
      for token in row.context { append(token, to: &bytes) }
      bytes.append(UInt8(choices.count))
      for choice in choices {
        append(choice.token, to: &bytes)
        bytes.append(UInt8(min(255, max(1, (choice.share * 255).rounded()))))
      }
    }
    return bytes
  }

  /// The rows in `bytes`, each with so many tokens before; nil where they are no rows, or name a token
  /// outside the vocabulary.
  package static func rows(
    in bytes: [UInt8], contextCount: Int, vocabularyCount: Int
  ) -> [ShareRow]? {
    guard bytes.count <= byteLimit else { return nil }
    var rows: [ShareRow] = []
    var rest = bytes[...]
    func token() -> TokenID? {
      let found = rest.prefix(3).reversed().reduce(0) { $0 << 8 | Int($1) }
      guard rest.count >= 3, found < vocabularyCount else { return nil }
      rest.removeFirst(3)
      return TokenID(found)
    }
    while !rest.isEmpty {
      var row = ShareRow(context: [], choices: [])
      for _ in 0..<contextCount {
        guard let token = token() else { return nil }
        row.context.append(token)
      }
      guard let count = rest.popFirst(), (1...width).contains(Int(count)) else { return nil }
      for _ in 0..<count {
        guard let token = token(), let share = rest.popFirst(), share > 0 else { return nil }
        row.choices.append(TokenChoice(token: token, share: Float(share) / 255))
      }
      rows.append(row)
    }
    return rows
  }

  private static func append(_ token: TokenID, to bytes: inout [UInt8]) {
    for shift in [0, 8, 16] { bytes.append(UInt8(truncatingIfNeeded: token.index >> shift)) }
  }
}
