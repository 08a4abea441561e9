package import Files
import Foundation

/// Builds a GGUF file of version 3: metadata in the order it was set, tensors in the order they were added.
///
/// Whole numbers are written with 32 bits where they fit, floats where nothing is lost, as other programs
/// expect them.
package struct GGUFWriter: Sendable {
  private var keys: [String] = []
  private var metadata: Metadata = [:]
  private var tensors: [Tensor] = []

  private struct Tensor {
    var name: String
    var shape: [Int]
    var type: TensorType
    var bytes: [UInt8]
  }

  /// A file with neither metadata nor tensors.
  package init() {}

  /// Sets a metadata value; a key that is there already keeps its place. The elements of a list are of
  /// one case.
  package mutating func set(_ key: String, to value: MetadataValue) {
    precondition(key != "general.alignment", "the writer has one alignment, 32")
    if metadata.updateValue(value, forKey: key) == nil { keys.append(key) }
  }

  /// Adds a tensor: `shape[0]` is the row length, `bytes` are its rows one after the other.
  package mutating func add(name: String, shape: [Int], type: TensorType, bytes: [UInt8]) {
    let elements = shape.reduce(1, *)
    precondition((1...4).contains(shape.count) && elements > 0, "a tensor has 1 to 4 extents")
    precondition(shape[0] % type.blockSize == 0, "a row is a whole number of blocks")
    precondition(bytes.count == elements / type.blockSize * type.blockBytes, "bytes fit the shape")
    precondition(!tensors.contains { $0.name == name }, "tensor names are unique")
    tensors.append(Tensor(name: name, shape: shape, type: type, bytes: bytes))
  }

  /// The file.
  package func bytes() -> [UInt8] {
    var file = Array("GGUF".utf8)
    file.append(UInt32(3))
    file.append(UInt64(tensors.count))
    file.append(UInt64(keys.count))
    for key in keys {
      guard let value = metadata[key] else { continue }
      file.append(text: key)
      let type = MetadataType(toWrite: [value])
      file.append(type.rawValue)
      file.append(value, as: type)
    }
    appendDirectory(to: &file)
    file.pad()
    for tensor in tensors {
      file += tensor.bytes
      file.pad()
    }
    return file
  }

  /// Writes the file whole or not at all.
  package func write(to file: OutputFile) throws(FileError) { try file.write(Data(bytes())) }

  private func appendDirectory(to file: inout [UInt8]) {
    var offset = 0
    for tensor in tensors {
      file.append(text: tensor.name)
      file.append(UInt32(tensor.shape.count))
      for extent in tensor.shape { file.append(UInt64(extent)) }
      file.append(tensor.type.rawValue)
      file.append(UInt64(offset))
      offset += (tensor.bytes.count + 31) & ~31
    }
  }
}

extension MetadataType {
  /// The narrowest type that holds all of `values`, which are of one case.
  fileprivate init(toWrite values: [MetadataValue]) {
    self =
      switch values.first {
      case .integer: values.allSatisfy { $0.int32 } ? .int32 : .int64
      case .unsigned, nil: values.allSatisfy { $0.uint32 } ? .uint32 : .uint64
      case .float: values.allSatisfy { $0.float32 } ? .float32 : .float64
      case .bool: .bool
      case .string: .string
      case .array: .array
      }
  }
}

extension MetadataValue {
  fileprivate var int32: Bool { int.map { Int32(exactly: $0) != nil } ?? false }
  fileprivate var uint32: Bool { int.map { UInt32(exactly: $0) != nil } ?? false }
  fileprivate var float32: Bool { double.map { Float(exactly: $0) != nil } ?? false }
}

extension [UInt8] {
  fileprivate mutating func append<Value: FixedWidthInteger>(_ value: Value) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }

  fileprivate mutating func append(text: String) {
    append(UInt64(text.utf8.count))
    append(contentsOf: text.utf8)
  }

  /// Fills up to the alignment.
  fileprivate mutating func pad() {
    append(contentsOf: repeatElement(0, count: -count & (GGUFFile.defaultAlignment - 1)))
  }

  fileprivate mutating func append(_ value: MetadataValue, as type: MetadataType) {
    switch (value, type) {
    case (.integer(let number), .int32): append(Int32(truncatingIfNeeded: number))
    case (.integer(let number), .int64): append(number)
    case (.unsigned(let number), .uint32): append(UInt32(truncatingIfNeeded: number))
    case (.unsigned(let number), .uint64): append(number)
    case (.float(let number), .float32): append(Float(number).bitPattern)
    case (.float(let number), .float64): append(number.bitPattern)
    case (.bool(let truth), .bool): append(truth ? 1 : 0 as UInt8)
    case (.string(let text), .string): append(text: text)
    case (.array(let values), .array):
      let type = MetadataType(toWrite: values)
      append(type.rawValue)
      append(UInt64(values.count))
      for value in values { append(value, as: type) }
    default: preconditionFailure("the elements of a list are of one case")
    }
  }
}
