import Files
import Foundation
import GGUF

/// A file of named tensors as the safetensors format has it: the length of a JSON header, the header,
/// the numbers.
///
/// Source: https://github.com/huggingface/safetensors (README.md, "Format").
package struct SafetensorsFile {
  /// How numbers are stored.
  package enum NumberType: String, Sendable, CaseIterable {
    /// 11 bits of precision, 2 bytes.
    case float16
    /// 24 bits, 4 bytes: nothing is lost.
    case float32

    /// Bytes of a number.
    package var byteCount: Int { self == .float16 ? 2 : 4 }
    /// The name in the header.
    var headerName: String { self == .float16 ? "F16" : "F32" }
    /// The name in config.json.
    var torchName: String { rawValue }
  }

  /// One tensor.
  struct Tensor {
    let name: String
    /// Extents, the slowest to vary first.
    let shape: [Int]
    /// The numbers, made when they are written.
    let numbers: () -> [Float]
  }

  let tensors: [Tensor]
  let type: NumberType

  /// The header, with spaces at its end so that the numbers begin at a multiple of 8.
  func header() throws -> Data {
    var entries: [String: JSON] = ["__metadata__": .object(["format": .string("pt")])]
    var offset = 0
    for tensor in tensors {
      let end = offset + tensor.shape.reduce(1, *) * type.byteCount
      entries[tensor.name] = .object([
        "dtype": .string(type.headerName), "shape": .list(tensor.shape.map { .integer($0) }),
        "data_offsets": .list([.integer(offset), .integer(end)]),
      ])
      offset = end
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var header = try encoder.encode(JSON.object(entries))
    header.append(Data(repeating: 0x20, count: -header.count & 7))
    let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
    return length + header
  }

  /// Writes the file whole or not at all, one tensor after another.
  func write(to file: OutputFile) throws(FileError) {
    let header: Data
    do { header = try self.header() } catch {
      throw FileError(error, .writing, path: file.path)
    }
    try file.write { sink throws(FileError) in
      try sink.write(header)
      for tensor in tensors { try sink.write(data(tensor.numbers())) }
    }
  }

  private func data(_ numbers: [Float]) -> Data {
    let stored: TensorType = type == .float32 ? .f32 : .f16
    return Data(stored.quantize(numbers) ?? [])
  }
}
