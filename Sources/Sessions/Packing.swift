import CBzip2
import Foundation

/// Bytes made smaller by the system's libbz2, as complete streams of bzip2.
///
/// Of records it makes a quarter less than zlib does, in the same time.
enum Packing {
  /// What a stream may say of its length: more is damage.
  private static let largestLength = 1 << 30
  /// In steps of 100 kB; a stream is sorted in blocks of so many bytes.
  private static let blockSize: Int32 = 9

  /// The packed bytes; nil where there is no memory for them.
  static func pack(_ data: Data) -> Data? {
    // What the library's documentation asks for.
    var packed = Data(count: data.count + data.count / 100 + 600)
    var length = UInt32(clamping: packed.count)
    let status = exchange(&packed, data) { target, source, count in
      BZ2_bzBuffToBuffCompress(target, &length, source, count, blockSize, 0, 0)
    }
    return status == BZ_OK ? packed.prefix(Int(length)) : nil
  }

  /// The `length` bytes that were packed; nil where `data` is no such stream.
  static func unpack(_ data: Data, length: Int) -> Data? {
    guard (1...largestLength).contains(length) else { return nil }
    var bytes = Data(count: length)
    var found = UInt32(clamping: length)
    let status = exchange(&bytes, data) { target, source, count in
      BZ2_bzBuffToBuffDecompress(target, &found, source, count, 0, 0)
    }
    return status == BZ_OK && Int(found) == length ? bytes : nil
  }

  /// Calls the library with the bytes of both; it only reads the source.
  private static func exchange(
    _ target: inout Data, _ source: Data,
    _ call: (UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<CChar>?, UInt32) -> Int32
  ) -> Int32 {
    guard let count = UInt32(exactly: source.count) else { return BZ_PARAM_ERROR }
    return target.withUnsafeMutableBytes { target in
      source.withUnsafeBytes { source in
        call(
          target.bindMemory(to: CChar.self).baseAddress,
          UnsafeMutablePointer(mutating: source.bindMemory(to: CChar.self).baseAddress), count)
      }
    }
  }
}
