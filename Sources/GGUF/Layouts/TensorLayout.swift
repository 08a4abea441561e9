/// What the bytes of one tensor type mean. A type's layout is written once, in its own conformance, and
/// everything that reads or writes such bytes goes through it.
///
/// The layouts are those of ggml (ggml-common.h, https://github.com/ggml-org/ggml).
package protocol TensorLayout {
  /// The name people know it by.
  static var name: String { get }
  /// Elements that are stored together.
  static var blockSize: Int { get }
  /// Bytes of one block.
  static var blockBytes: Int { get }
  /// Whether the numbers of a block are finite: of a quantised one, whether its scales are.
  static func isFinite(_ block: UnsafeRawPointer) -> Bool

  // Each of these is written once for all layouts. As requirements they are compiled for each.

  /// Turns `count` stored numbers, a whole number of blocks, into `target`.
  static func dequantize(
    _ source: UnsafeRawPointer, count: Int, into target: UnsafeMutablePointer<Float>)
  /// Whether `count` stored numbers, a whole number of blocks, are all finite.
  static func areFinite(_ source: UnsafeRawPointer, count: Int) -> Bool
}

/// A layout that this package also writes.
protocol WrittenLayout: TensorLayout {
  /// Appends one block of numbers, rounded as llama.cpp rounds them.
  static func append(_ block: ArraySlice<Float>, to bytes: inout [UInt8])
}

extension TensorLayout {
  package static func areFinite(_ source: UnsafeRawPointer, count: Int) -> Bool {
    precondition(count % blockSize == 0, "whole blocks are looked at")
    var faults: UInt8 = 0
    for block in 0..<count / blockSize {
      // No way out in the middle: so the compiler can look at many at once.
      faults |= isFinite(source + block * blockBytes) ? 0 : 1
    }
    return faults == 0
  }
}

extension WrittenLayout {
  /// The stored form of whole blocks.
  static func quantize(_ values: [Float]) -> [UInt8] {
    precondition(values.count % blockSize == 0, "quantize takes whole blocks")
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count / blockSize * blockBytes)
    for start in stride(from: 0, to: values.count, by: blockSize) {
      append(values[start..<start + blockSize], to: &bytes)
    }
    return bytes
  }
}
