import Foundation

/// The begin of a server's answer: its number and its fields.
package struct ResponseHead: Hashable, Sendable {
  /// `200`, `404` and so on.
  package let status: Int
  /// The last value of each field, by its name in small letters.
  private let fields: [String: String]

  /// The value of a field; `name` in small letters.
  package subscript(name: String) -> String? { fields[name] }

  /// A whole number that a field states.
  func number(_ name: String) -> Int? { fields[name].flatMap { Int($0) } }

  /// The text of a field that names a content, without its quotes.
  package func tag(_ name: String) -> String? {
    fields[name].map { value in
      var value = Substring(value)
      if value.hasPrefix("W/") { value = value.dropFirst(2) }
      return value.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
    }
  }

  /// What the lines of an answer's head say; nil where this is none.
  init?(lines: [String]) {
    let words = (lines.first ?? "").split(separator: " ")
    guard words.count >= 2, words[0].hasPrefix("HTTP/"), let status = Int(words[1]) else {
      return nil
    }
    self.status = status
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let halves = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard halves.count == 2 else { continue }
      fields[halves[0].lowercased()] = halves[1].trimmingCharacters(in: .whitespaces)
    }
    self.fields = fields
  }

  /// A head of these values.
  package init(status: Int, fields: [String: String] = [:]) {
    (self.status, self.fields) = (status, fields)
  }
}

/// Takes the head off an answer that comes in pieces.
package struct ResponseReader {
  private var gathered: [UInt8] = []
  /// The head, once it is whole.
  package private(set) var head: ResponseHead?

  private static let byteLimit = 1 << 16

  /// Nothing came yet.
  package init() {}

  /// Takes in a piece and returns what of it belongs to the body; nil where this is no answer of a server.
  package mutating func body(of piece: [UInt8]) -> [UInt8]? {
    guard head == nil else { return piece }
    gathered += piece
    // Heads with numbers below 200 come before the one that counts.
    while head == nil {
      guard let end = Self.end(of: gathered) else {
        return gathered.count <= Self.byteLimit ? [] : nil
      }
      let lines = String(decoding: gathered[..<end], as: UTF8.self)
        .split(whereSeparator: \.isNewline).map(String.init)
      guard let head = ResponseHead(lines: lines) else { return nil }
      gathered.removeSubrange(..<end)
      if head.status >= 200 { self.head = head }
    }
    defer { gathered = [] }
    return gathered
  }

  /// The index behind the empty line that ends a head.
  private static func end(of bytes: [UInt8]) -> Int? {
    let newline = UInt8(ascii: "\n")
    var lineIsEmpty = false
    for (index, byte) in bytes.enumerated() {
      if byte == newline {
        if lineIsEmpty { return index + 1 }
        lineIsEmpty = true
      } else if byte != UInt8(ascii: "\r") {
        lineIsEmpty = false
      }
    }
    return nil
  }
}
