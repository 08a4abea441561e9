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

  /// The file, or all files of a model that is split.
  private let parts: [MappedBytes]
  private let indices: [String: Int]

  /// Bytes of the whole file, or of all files of a model that is split.
  package var sizeBytes: Int { parts.reduce(0) { $0 + $1.buffer.count } }

  /// Maps the file at `path` into memory and reads its head. Where it is the first of several that hold a
  /// model, the others are found beside it, and they are one file from then on.
  package init(path: String) throws(GGUFError) { try self.init(ReadFile(path: path)) }

  /// Reads a file that lies in memory. `path` names it in errors.
  package init(bytes: [UInt8], path: String = "memory") throws(GGUFError) {
    try self.init(ReadFile(MappedBytes(copying: bytes), path: path))
  }

  private init(_ file: ReadFile) throws(GGUFError) {
    let split = try SplitFiles(file)
    (path, version, alignment) = (file.path, file.head.version, file.head.alignment)
    metadata = split.metadata
    tensors = split.files.flatMap(\.head.tensors)
    parts = split.files.map(\.bytes)
    indices = Dictionary(
      uniqueKeysWithValues: tensors.indices.lazy.map { [tensors] in (tensors[$0].name, $0) })
  }

  /// The tensor of this name.
  package func tensor(named name: String) -> TensorInfo? {
    indices[name].map { tensors[$0] }
  }

  /// Calls `body` with the bytes of a tensor of this file. They must not escape.
  package func withBytes<Result>(
    of tensor: TensorInfo, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try bytes(of: tensor).withBytes(body)
  }

  /// The bytes of a tensor of this file, to keep when the file's head is no longer needed: the lists of
  /// a vocabulary take more memory than most tensors.
  package func bytes(of tensor: TensorInfo) -> TensorBytes {
    precondition(
      tensor.part < parts.count
        && tensor.offset + tensor.byteCount <= parts[tensor.part].buffer.count,
      "the tensor belongs to another file")
    return TensorBytes(
      owner: parts[tensor.part], range: tensor.offset..<tensor.offset + tensor.byteCount)
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
  package func releasePages() {
    for part in parts { part.releasePages() }
  }
}

extension GGUFFile {
  /// The alignment of a file that states none.
  static let defaultAlignment = 32
}
