import GGUF
import TestSupport

/// A model's file taken apart, to be changed and put together again.
struct ModelParts {
  struct Tensor {
    var shape: [Int]
    var type: TensorType
    var bytes: [UInt8]
  }

  var metadata: Metadata
  /// The tensors by name.
  var tensors: [String: Tensor]

  init(_ model: TinyModel) throws {
    let file = try model.file()
    metadata = file.metadata
    tensors = [:]
    for info in file.tensors {
      tensors[info.name] = Tensor(
        shape: info.shape, type: info.type, bytes: file.withBytes(of: info) { Array($0) })
    }
  }

  /// The file of these parts.
  func file() throws -> GGUFFile {
    var writer = GGUFWriter()
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) { writer.set(key, to: value) }
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      writer.add(name: name, shape: tensor.shape, type: tensor.type, bytes: tensor.bytes)
    }
    return try GGUFFile(bytes: writer.bytes(), path: "altered.gguf")
  }

  /// Puts a random matrix in the place of a tensor; `shape[0]` is the row length.
  mutating func replace(
    _ name: String, shape: [Int], type: TensorType, using generator: inout SeededGenerator
  ) {
    tensors[name] = Tensor(
      shape: shape, type: type,
      bytes: type.randomBytes(
        count: shape.reduce(1, *), deviation: 1 / Float(shape[0]).squareRoot(), using: &generator))
  }

  /// Gives the tensor `name` these float32 values.
  mutating func set(_ name: String, to values: [Float]) {
    tensors[name] = Tensor(
      shape: [values.count], type: .f32,
      bytes: values.flatMap { x in
        (0..<4).map { UInt8(truncatingIfNeeded: x.bitPattern >> ($0 * 8)) }
      })
  }

  /// Takes blocks out, so that later ones move up.
  mutating func removeBlocks(_ removed: Set<Int>, of count: Int) {
    let kept = (0..<count).filter { !removed.contains($0) }
    var rest = tensors.filter { !$0.key.hasPrefix("blk.") }
    for (new, old) in kept.enumerated() {
      for (name, tensor) in tensors where name.hasPrefix("blk.\(old).") {
        rest["blk.\(new)." + name.dropFirst("blk.\(old).".count)] = tensor
      }
    }
    tensors = rest
    metadata["llama.block_count"] = .unsigned(UInt64(kept.count))
  }
}
