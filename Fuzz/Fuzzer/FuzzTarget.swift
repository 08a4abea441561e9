/// A part of the program that reads what others wrote.
struct FuzzTarget: Sendable {
  /// What `make fuzz TARGET=` calls it.
  let name: String
  /// Whether its inputs are mostly JSON, which changes value by value keep whole.
  var isJSON = false
  /// Bytes of an input at most: short ones are many a second.
  var greatestLength = 4096
  /// Inputs to begin with, a few kB.
  let seeds: @Sendable () -> [[UInt8]]
  /// Reads one input; ends the program where a promise is broken.
  let run: @Sendable ([UInt8]) -> Void

  /// Every target, in the order in which `make fuzz` runs them.
  static let all: [FuzzTarget] = [
    .gguf, .model, .adapter, .tokens, .keys, .editor, .commands, .records, .rows, .certificate,
    .manifest, .theme, .data, .packed,
  ]
}

/// Reads an input byte by byte for decisions, and gives the rest as it is; zeros where nothing is left.
struct Decisions {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  /// The next byte.
  mutating func byte() -> Int { Int(rest.popFirst() ?? 0) }

  /// One of the values.
  mutating func pick<Value>(_ values: [Value]) -> Value { values[byte() % values.count] }

  /// What is left, as text; what is no UTF-8 is replaced.
  var text: String { String(decoding: rest, as: UTF8.self) }
}
