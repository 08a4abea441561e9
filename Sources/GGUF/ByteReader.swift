/// A cursor over the head of a file that believes nothing: every length is checked against a cap and
/// against the bytes left before anything is allocated.
struct ByteReader {
  /// The whole file.
  let bytes: UnsafeRawBufferPointer
  /// The file's name, for errors.
  let path: String
  /// Which of the files that hold the model together this is, from 0.
  let part: Int
  /// The next byte to read, from the start of the file.
  private(set) var offset = 0
  /// List elements that the rest of the metadata may still hold.
  var elementsLeft = Limits.listElements

  init(_ bytes: UnsafeRawBufferPointer, path: String, part: Int = 0) {
    (self.bytes, self.path, self.part) = (bytes, path, part)
  }

  /// Caps far above every honest file: they bound what a hostile one can make the reader allocate.
  enum Limits {
    /// Bytes before the tensor data. The largest vocabularies in use need about 20 MB.
    static let headBytes = 1 << 28
    /// Metadata entries.
    static let entries = 1 << 16
    /// Tensors. The largest models in use have a few thousand.
    static let tensors = 1 << 16
    /// Elements of all lists together; a vocabulary of 256,000 tokens needs about a million.
    static let listElements = 1 << 23
    /// Bytes of a key or a tensor name (the specification's limit for keys).
    static let nameBytes = 65535
    /// Bytes of one text value.
    static let textBytes = 1 << 24
    /// Lists within lists.
    static let depth = 4
  }

  /// Bytes from the cursor to the end of the file.
  var bytesLeft: Int { bytes.count - offset }

  /// An error at the cursor, or at `place` when given.
  func failure(
    _ code: GGUFError.Code, at place: Int? = nil, name: String? = nil, _ message: String
  ) -> GGUFError {
    GGUFError(code, path: path, offset: place ?? offset, name: name, message: message)
  }

  /// Moves over `count` bytes and returns them.
  mutating func take(_ count: Int, of what: String) throws(GGUFError) -> UnsafeRawBufferPointer {
    guard count <= bytesLeft else {
      throw failure(
        .truncated,
        "the file ends within \(what) (\(count) bytes needed, \(bytesLeft) left). "
          + "The download is incomplete or the file is damaged; download it again.")
    }
    guard count <= Limits.headBytes - offset else {
      throw failure(
        .absurdLength, "\(what) lies more than \(Limits.headBytes) bytes in. \(GGUFError.damaged)")
    }
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)])
  }

  /// A little-endian integer.
  mutating func integer<Value: FixedWidthInteger>(
    _ type: Value.Type = Value.self, of what: String
  ) throws(GGUFError) -> Value {
    Value(littleEndian: try take(MemoryLayout<Value>.size, of: what).loadUnaligned(as: Value.self))
  }

  /// A 64-bit count of things that take at least `unit` bytes each, no more than `cap`.
  mutating func count(
    of what: String, unit: Int, cap: Int, name: String? = nil
  ) throws(GGUFError) -> Int {
    let place = offset
    let declared = try integer(UInt64.self, of: what)
    guard declared <= UInt64(cap) else {
      throw failure(
        .absurdLength, at: place, name: name,
        "\(what) \(declared) is more than the \(cap) that any sound file has. \(GGUFError.damaged)")
    }
    guard Int(declared) <= bytesLeft / unit else {
      throw failure(
        .truncated, at: place, name: name,
        "\(what) \(declared) is more than the file could hold. "
          + "The download is incomplete or the file is damaged; download it again.")
    }
    return Int(declared)
  }

  /// A text: its length in bytes and its bytes. Bytes that are not UTF-8 are replaced.
  mutating func text(
    of what: String, cap: Int, name: String? = nil
  ) throws(GGUFError) -> String {
    // The length is read here and not by `count`, and the words are put together only on failure: a
    // vocabulary is a hundred thousand such texts.
    if bytesLeft >= 8 {
      let declared = UInt64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      if declared <= UInt64(min(cap, bytesLeft - 8)), offset < Limits.headBytes - cap - 8 {
        let start = offset + 8
        offset = start + Int(declared)
        return String(decoding: bytes[start..<offset], as: UTF8.self)
      }
    }
    let length = try count(of: "the length of \(what)", unit: 1, cap: cap, name: name)
    return String(decoding: try take(length, of: what), as: UTF8.self)
  }
}
