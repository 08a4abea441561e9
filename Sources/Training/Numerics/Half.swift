import CKernels
import GGUF

/// Float16 numbers as bytes.
enum Half {
  /// Reads `count` numbers.
  static func read(
    _ bytes: UnsafeRawPointer, count: Int, into target: UnsafeMutablePointer<Float>
  ) {
    TensorType.f16.dequantize(bytes, count: count, into: target)
  }

  /// Appends `count` numbers.
  static func append(_ source: UnsafePointer<Float>, count: Int, to bytes: inout [UInt8]) {
    for i in 0..<count {
      let bits = ck_to_half(source[i])
      bytes.append(UInt8(truncatingIfNeeded: bits))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
    }
  }
}
