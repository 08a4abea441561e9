/// A GGUF file, version 2 or 3: metadata and tensors, read with suspicion.
///
/// A file that can be opened is consistent: each length was checked against the bytes there are, each
/// tensor lies within the file, aligned, and apart from the others. Whether it is a model is for the
/// reader of the metadata to say.
///
/// Source: the GGUF specification, https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
package struct GGUFFile: Sendable {
  /// Where the file lies, as given.
  package let path: String
  /// The format's version: 2 or 3.
  package let version: Int
  /// Bytes that each tensor's offset is a multiple of.
  package let alignment: Int
  /// The metadata by key.
  package let metadata: Metadata
  /// The tensors in the order of the file.
  package let tensors: [TensorInfo]

  private let bytes: MappedBytes
  private let indices: [String: Int]

  /// Bytes of the whole file.
  package var sizeBytes: Int { bytes.buffer.count }

  /// Maps the file at `path` into memory and reads its head.
  package init(path: String) throws(GGUFError) {
    try self.init(MappedBytes(path: path), path: path)
  }

  /// Reads a file that lies in memory. `path` names it in errors.
  package init(bytes: [UInt8], path: String = "memory") throws(GGUFError) {
    try self.init(MappedBytes(copying: bytes), path: path)
  }

  private init(_ bytes: MappedBytes, path: String) throws(GGUFError) {
    var reader = ByteReader(bytes.buffer, path: path)
    version = try reader.preamble()
    // An entry takes a length, a type and one byte; a tensor name, shape, type and offset.
    let tensorCount = try reader.count(
      of: "tensor count", unit: 32, cap: ByteReader.Limits.tensors)
    let entryCount = try reader.count(
      of: "metadata count", unit: 13, cap: ByteReader.Limits.entries)
    metadata = try reader.metadata(count: entryCount)
    try reader.refusePart(of: metadata)
    alignment = try reader.alignment(in: metadata)
    tensors = try reader.tensors(count: tensorCount, alignment: alignment)
    indices = Dictionary(
      uniqueKeysWithValues: tensors.indices.lazy.map { [tensors] in (tensors[$0].name, $0) })
    self.path = path
    self.bytes = bytes
  }

  /// The tensor of this name.
  package func tensor(named name: String) -> TensorInfo? {
    indices[name].map { tensors[$0] }
  }

  /// Calls `body` with the bytes of a tensor of this file. They must not escape.
  package func withBytes<Result>(
    of tensor: TensorInfo, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    precondition(
      tensor.offset + tensor.byteCount <= sizeBytes, "the tensor belongs to another file")
    return try body(
      UnsafeRawBufferPointer(
        rebasing: bytes.buffer[tensor.offset..<(tensor.offset + tensor.byteCount)]))
  }

  /// The bytes of a tensor of this file, to keep when the file's head is no longer needed: the lists of
  /// a vocabulary take more memory than most tensors.
  package func bytes(of tensor: TensorInfo) -> TensorBytes {
    precondition(
      tensor.offset + tensor.byteCount <= sizeBytes, "the tensor belongs to another file")
    return TensorBytes(
      owner: bytes, range: tensor.offset..<tensor.offset + tensor.byteCount)
  }

  /// The numbers of a tensor of this file, row after row of `shape[0]`.
  package func dequantize(_ tensor: TensorInfo) -> [Float] {
    Array(unsafeUninitializedCapacity: tensor.elementCount) { numbers, count in
      withBytes(of: tensor) { source in
        guard let from = source.baseAddress, let to = numbers.baseAddress else { return }
        tensor.type.dequantize(from, count: tensor.elementCount, into: to)
        count = tensor.elementCount
      }
    }
  }

  /// Lets go of the memory that holds the mapped file, for instance once the weights are repacked. Bytes
  /// touched later are read from the file again. Nothing happens to a file that lies in memory.
  package func releasePages() { bytes.releasePages() }
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

  /// Refuses one file of several: what it has is no model.
  fileprivate func refusePart(of metadata: Metadata) throws(GGUFError) {
    guard let count = metadata["split.count"]?.int, count > 1 else { return }
    let number = metadata["split.no"]?.int.map { " \($0.addingReportingOverflow(1).partialValue)" }
    throw failure(
      .partOfModel, at: 0, name: "split.count",
      "the file is part\(number ?? "") of a model that is split over \(count) files. Give a model in "
        + "one file: llama-gguf-split --merge of llama.cpp makes one of the parts.")
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

extension GGUFFile {
  /// The alignment of a file that states none.
  static let defaultAlignment = 32
}
