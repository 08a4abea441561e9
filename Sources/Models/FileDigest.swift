package import Foundation

#if canImport(CryptoKit)
  import CryptoKit
#else
  import CLibCrypto
#endif

/// The SHA-256 of a file's content, built up piece by piece.
package struct FileDigest: Sendable {
  private var hash = SystemHash()
  /// Bytes seen so far.
  private(set) var byteCount = 0

  /// The digest of nothing yet.
  package init() {}

  /// Adds bytes.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    hash.add(bytes)
    byteCount += bytes.count
  }

  /// The digest in lower-case hexadecimal digits.
  package var hexadecimal: String {
    hash.bytes.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  /// The digest of some bytes.
  package static func hexadecimal(of data: Data) -> String {
    var digest = FileDigest()
    data.withUnsafeBytes { digest.add($0) }
    return digest.hexadecimal
  }

  /// The digest of the whole file at `path`; nil when it cannot be read.
  package static func hexadecimal(ofFile path: String) -> String? {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? file.close() }
    var digest = FileDigest()
    do {
      while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
        piece.withUnsafeBytes { digest.add($0) }
      }
    } catch {
      return nil
    }
    return digest.hexadecimal
  }

  /// Whether size and digest are those of `entry`.
  func matches(_ entry: ModelEntry) -> Bool {
    byteCount == entry.sizeBytes && hexadecimal == entry.sha256
  }

  /// Whether the file at `path` is the one that `entry` describes.
  static func matches(
    _ entry: ModelEntry, path: String, progress: (Int) -> Void
  ) throws -> Bool {
    try matches(sizeBytes: entry.sizeBytes, sha256: entry.sha256, path: path, progress: progress)
  }

  /// Whether the file at `path` has this size and digest. The size is looked at first; `progress` gets the
  /// bytes read so far.
  static func matches(
    sizeBytes: Int, sha256: String, path: String, progress: (Int) -> Void
  ) throws -> Bool {
    let file = try FileHandle(forReadingFrom: URL(filePath: path))
    defer { try? file.close() }
    guard try file.seekToEnd() == UInt64(sizeBytes) else { return false }
    try file.seek(toOffset: 0)
    var digest = FileDigest()
    while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
      try Task.checkCancellation()
      piece.withUnsafeBytes { digest.add($0) }
      progress(digest.byteCount)
    }
    return digest.hexadecimal == sha256
  }
}

/// SHA-256 by what comes with the system.
private struct SystemHash: Sendable {
  #if canImport(CryptoKit)
    private var hash = SHA256()

    mutating func add(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

    /// The digest of what was added so far.
    var bytes: [UInt8] { Array(hash.finalize()) }
  #else
    private var state = SHA256_CTX()

    init() { SHA256_Init(&state) }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
      SHA256_Update(&state, bytes.baseAddress, bytes.count)
    }

    /// The digest of what was added so far.
    var bytes: [UInt8] {
      var state = state
      return [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { bytes, count in
        SHA256_Final(bytes.baseAddress, &state)
        count = Int(SHA256_DIGEST_LENGTH)
      }
    }
  #endif
}
