/// Finds the tokens that stand in a text as they are, before anything is merged: user-defined ones
/// always, control tokens where the caller asks for them.
struct SpecialTokens: Sendable {
  /// A text and the token it is.
  private struct Entry: Sendable {
    var text: [UInt8]
    var id: Int32
    var isControl: Bool
  }

  /// A part of a text.
  enum Part {
    /// A token found in the text.
    case token(Int32)
    /// Bytes between tokens; not empty.
    case text(Range<Int>)
  }

  /// The entries by their first byte, the longest first.
  private var entries: [[Entry]] = Array(repeating: [], count: 256)

  init(_ vocabulary: Vocabulary) {
    for (index, kind) in vocabulary.kinds.enumerated()
    where kind == .control || kind == .userDefined || kind == .unknown {
      let text = Array(vocabulary.table[index])
      guard let first = text.first else { continue }
      let entry = Entry(text: text, id: Int32(index), isControl: kind != .userDefined)
      entries[Int(first)].append(entry)
    }
    for first in entries.indices { entries[first].sort { $0.text.count > $1.text.count } }
  }

  /// Cuts `bytes` at each special token: the leftmost first, of several there the longest.
  func parts(of bytes: [UInt8], withControl: Bool) -> [Part] {
    var parts: [Part] = []
    var textStart = 0
    var position = 0
    while position < bytes.count {
      guard let found = entry(at: position, in: bytes, withControl: withControl) else {
        position += 1
        continue
      }
      if textStart < position { parts.append(.text(textStart..<position)) }
      parts.append(.token(found.id))
      position += found.text.count
      textStart = position
    }
    if textStart < bytes.count { parts.append(.text(textStart..<bytes.count)) }
    return parts
  }

  private func entry(at position: Int, in bytes: [UInt8], withControl: Bool) -> Entry? {
    let candidates = entries[Int(bytes[position])]
    if candidates.isEmpty { return nil }
    return candidates.first { entry in
      (withControl || !entry.isControl) && bytes[position...].starts(with: entry.text)
    }
  }
}
