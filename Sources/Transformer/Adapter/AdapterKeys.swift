import GGUF

/// Typed access to an adapter's keys.
struct AdapterKeys {
  /// The keys.
  let metadata: Metadata

  /// A text.
  func text(_ key: String) throws(ModelError) -> String {
    guard let value = metadata[key]?.string else { throw .notInAdapter(key) }
    return value
  }

  /// A whole number.
  func count(
    _ key: String, in range: ClosedRange<Int> = 0...1 << 30
  ) throws(ModelError) -> Int {
    guard let value = metadata[key]?.int, range.contains(value) else { throw .notInAdapter(key) }
    return value
  }

  /// A list of whole numbers; empty where there is none.
  func counts(_ key: String) throws(ModelError) -> [Int] {
    guard let value = metadata[key] else { return [] }
    let numbers = value.array?.map(\.int) ?? [nil]
    guard !numbers.contains(nil) else { throw .notInAdapter(key) }
    return numbers.compactMap { $0 }
  }

  /// A list of `count` numbers.
  func numbers(_ key: String, _ count: Int) throws(ModelError) -> [Double] {
    let numbers = metadata[key]?.array?.compactMap(\.double) ?? []
    guard numbers.count == count, numbers.allSatisfy(\.isFinite) else { throw .notInAdapter(key) }
    return numbers
  }

  /// A list of `count` numbers from 0 to 1.
  func shares(_ key: String, _ count: Int) throws(ModelError) -> [Double] {
    let numbers = try numbers(key, count)
    guard numbers.allSatisfy({ (0...1).contains($0) }) else { throw .notInAdapter(key) }
    return numbers
  }
}

extension ModelError {
  /// A key of an adapter that is not there or makes no sense.
  static func notInAdapter(_ key: String) -> ModelError {
    ModelError(
      code: .missingKey, place: key,
      message: "The key \"\(key)\" is missing or makes no sense: this is no adapter that Fathom "
        + "can read. Train it again, or use another.")
  }
}
