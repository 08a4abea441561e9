/// What the head of one file says: version, alignment, metadata, and where its tensors lie.
struct FileHead {
  /// The format's version: 2 or 3.
  let version: Int
  /// Bytes that each tensor's offset is a multiple of.
  let alignment: Int
  /// The metadata by key.
  let metadata: Metadata
  /// The tensors in the order of the file.
  let tensors: [TensorInfo]

  /// Reads the head of the file that is mapped as `bytes`; it is number `part` of those that hold the model.
  init(_ bytes: MappedBytes, path: String, part: Int = 0) throws(GGUFError) {
    var reader = ByteReader(bytes.buffer, path: path, part: part)
    version = try reader.preamble()
    // An entry takes a length, a type and one byte; a tensor name, shape, type and offset.
    let tensorCount = try reader.count(
      of: "tensor count", unit: 32, cap: ByteReader.Limits.tensors)
    let entryCount = try reader.count(
      of: "metadata count", unit: 13, cap: ByteReader.Limits.entries)
    metadata = try reader.metadata(count: entryCount)
    alignment = try reader.alignment(in: metadata)
    tensors = try reader.tensors(count: tensorCount, alignment: alignment)
  }
}

extension ByteReader {
  /// Magic number and version.
  fileprivate mutating func preamble() throws(GGUFError) -> Int {
    let magic = try take(4, of: "the magic number")
    guard magic.elementsEqual("GGUF".utf8) else {
      throw failure(
        .notGGUF, at: 0, "the file does not begin with 'GGUF'. Give a model in the GGUF format.")
    }
    let place = offset
    let version = try integer(UInt32.self, of: "the version")
    switch version {
    case 2, 3: return Int(version)
    case UInt32(2).byteSwapped, UInt32(3).byteSwapped:
      throw failure(
        .unsupportedVersion, at: place,
        "the file is big-endian. Convert it to little-endian or download it in that form.")
    default:
      throw failure(
        .unsupportedVersion, at: place,
        "GGUF version \(version) is not supported, 2 and 3 are. Convert the model again.")
    }
  }

  /// The alignment that the metadata states, or the format's own.
  fileprivate func alignment(in metadata: Metadata) throws(GGUFError) -> Int {
    guard let value = metadata["general.alignment"] else { return GGUFFile.defaultAlignment }
    guard let alignment = value.int, (8...65536).contains(alignment),
      alignment & (alignment - 1) == 0
    else {
      throw failure(
        .badValue, name: "general.alignment",
        "the alignment must be a power of two from 8 to 65536. \(GGUFError.damaged)")
    }
    return alignment
  }
}
