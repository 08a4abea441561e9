/// A GGUF file put together byte by byte, so that it can be as wrong as a test wants. It shares no code
/// with the writer.
struct HandmadeFile {
  var magic = Array("GGUF".utf8)
  var version: UInt32 = 3
  var tensorCount: UInt64?
  var entryCount: UInt64?
  var entries: [[UInt8]] = []
  var tensors: [[UInt8]] = []
  var data: [UInt8] = []

  /// All of it, the data on a multiple of 32.
  var bytes: [UInt8] {
    var head = magic + number(version)
    head += number(tensorCount ?? UInt64(tensors.count))
    head += number(entryCount ?? UInt64(entries.count))
    head += entries.joined()
    head += tensors.joined()
    guard !data.isEmpty else { return head }
    return head + [UInt8](repeating: 0, count: -head.count & 31) + data
  }
}

func number<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  (0..<MemoryLayout<Value>.size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

func text(_ text: String) -> [UInt8] { number(UInt64(text.utf8.count)) + Array(text.utf8) }

/// A metadata entry: key, type number, the value's bytes.
func entry(_ key: String, type: UInt32, _ value: [UInt8]) -> [UInt8] {
  text(key) + number(type) + value
}

/// A tensor's entry in the directory.
func tensor(_ name: String, _ shape: [UInt64], type: UInt32, offset: UInt64) -> [UInt8] {
  text(name) + number(UInt32(shape.count)) + shape.flatMap { number($0) } + number(type)
    + number(offset)
}
