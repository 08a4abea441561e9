import GGUF

/// Reads the `tokenizer.` keys of a file's metadata, with errors that name key and value.
struct MetadataReader {
  let metadata: Metadata

  /// The text at `key`, or nil when there is none.
  func string(_ key: String) throws(TokenizationError) -> String? {
    try value(key, as: "a text", \.string)
  }

  /// The truth value at `key`, or nil when there is none.
  func bool(_ key: String) throws(TokenizationError) -> Bool? {
    try value(key, as: "a truth value", \.bool)
  }

  /// The texts at `key`, or nil when there are none.
  func strings(_ key: String) throws(TokenizationError) -> [String]? {
    try array(key, as: "a text", \.string)
  }

  /// The whole numbers at `key`, or nil when there are none.
  func integers(_ key: String) throws(TokenizationError) -> [Int]? {
    try array(key, as: "a whole number", \.int)
  }

  /// The numbers at `key`, or nil when there are none.
  func numbers(_ key: String) throws(TokenizationError) -> [Double]? {
    try array(key, as: "a number", \.double)
  }

  /// The token id at `key`, below `count`; nil when there is none.
  func token(_ key: String, below count: Int) throws(TokenizationError) -> Int? {
    guard let id = try value(key, as: "a whole number", \.int) else { return nil }
    // All ones means "none" in files of some converters.
    if id == Int(UInt32.max) || id == -1 { return nil }
    guard (0..<count).contains(id) else {
      throw TokenizationError(
        code: .malformed, key: key, value: String(id),
        remedy: "the vocabulary has \(count) tokens; the file needs converting again")
    }
    return id
  }

  private func value<Value>(
    _ key: String, as kind: String, _ path: (MetadataValue) -> Value?
  ) throws(TokenizationError) -> Value? {
    guard let value = metadata[key] else { return nil }
    guard let converted = path(value) else { throw wrongType(key, value, kind) }
    return converted
  }

  private func array<Element>(
    _ key: String, as kind: String, _ path: (MetadataValue) -> Element?
  ) throws(TokenizationError) -> [Element]? {
    guard let value = metadata[key] else { return nil }
    guard let array = value.array else { throw wrongType(key, value, "a list") }
    var elements: [Element] = []
    elements.reserveCapacity(array.count)
    for (index, value) in array.enumerated() {
      guard let element = path(value) else { throw wrongType("\(key)[\(index)]", value, kind) }
      elements.append(element)
    }
    return elements
  }

  private func wrongType(
    _ key: String, _ value: MetadataValue, _ kind: String
  ) -> TokenizationError {
    TokenizationError(
      code: .malformed, key: key, value: String(String(describing: value).prefix(60)),
      remedy: "it has to be \(kind); the file needs converting again")
  }
}
