import GGUF
import Kernels

/// Finds tensors by name and checks their shapes and numbers.
struct TensorReader {
  let file: GGUFFile
  let pool: ThreadPool

  /// A tensor of this shape, the first extent being the length of a row.
  func tensor(_ name: String, _ shape: [Int]) throws(ModelError) -> TensorInfo {
    guard let tensor = file.tensor(named: name) else {
      throw ModelError(
        code: .missingTensor, place: name,
        message: "The tensor \"\(name)\" is missing. The file is not a complete model.")
    }
    guard tensor.shape == shape else {
      throw ModelError(
        code: .badShape, place: name,
        message: "The tensor \"\(name)\" has the shape \(tensor.shape), but the model's keys ask "
          + "for \(shape).")
    }
    if let row = FiniteCheck.firstBadRow(of: tensor, in: file, pool: pool) {
      throw ModelError(
        code: .notFinite, place: name,
        message:
          "The tensor \"\(name)\" holds an infinity or a NaN (first in row \(row) of \(tensor.rowCount)). "
          + "The file is damaged: download it again, or convert the model again.")
    }
    // The check has read all of it.
    if tensor.byteCount > PackedMatrix.bytesHeld { file.releasePages() }
    return tensor
  }

  /// Refuses a tensor that no pass of a model of `blockCount` blocks reads: left out in silence it would give
  /// another model.
  func refuseOthers(
    than known: Set<String>, ofBlocks parts: Set<String>, blockCount: Int, family: String
  ) throws(ModelError) {
    for tensor in file.tensors where !known.contains(tensor.name) {
      var problem = "belongs to nothing that this engine runs"
      if let (block, part) = Self.block(of: tensor.name) {
        if block >= blockCount {
          problem = "is of block \(block), but the key \"\(family).block_count\" is \(blockCount)"
        } else if parts.contains(part) || part.hasPrefix("attn_rot_embd") {
          // RoPE's wavelengths, which files of the first days have in every block, follow from the keys.
          continue
        }
      }
      if tensor.name.hasSuffix(".bias") {
        problem = "is a bias; this engine runs models of this family without it"
      }
      throw ModelError(
        code: .unsupportedTensor, place: tensor.name,
        message:
          "The tensor \"\(tensor.name)\" \(problem). Left out in silence it would give another "
          + "model; use another file.")
    }
  }

  /// The block of a tensor, and which of its tensors it is.
  private static func block(of name: String) -> (Int, String)? {
    let words = name.split(separator: ".", maxSplits: 2)
    guard words.count == 3, words[0] == "blk", let block = Int(words[1]) else { return nil }
    return (block, String(words[2]))
  }

  /// A matrix [rows, columns], repacked: all of it, or the rows that `order` names.
  func matrix(
    _ name: String, _ rows: Int, _ columns: Int, order: [Int32]? = nil
  ) throws(ModelError) -> PackedMatrix {
    let tensor = try tensor(name, [columns, rows])
    return PackedMatrix(
      repacking: tensor, rows: order, bytes: file.bytes(of: tensor), pool: pool)
  }

  /// A matrix of a block, its rows in the order of the pass.
  func matrix(
    _ part: BlockPart, ofBlock block: Int, _ blueprint: Blueprint
  ) throws(ModelError) -> PackedMatrix {
    let place = blueprint.place(of: part)
    return try matrix(
      place.name(block: block), place.tensorRows, place.columns ?? 1,
      order: blueprint.rowOrder(of: part))
  }

  /// A vector of a block in the order of the pass; nil where the family has none.
  func vector(
    _ part: BlockPart, ofBlock block: Int, _ blueprint: Blueprint
  ) throws(ModelError) -> [Float]? {
    guard blueprint.has(part) else { return nil }
    let place = blueprint.place(of: part)
    let values = try vector(place.name(block: block), place.tensorRows)
    return blueprint.rowOrder(of: part).map { $0.map { values[Int($0)] } } ?? values
  }

  /// The bias of a part of a block in the order of the pass; nil where the file has none.
  func bias(
    of part: BlockPart, ofBlock block: Int, _ blueprint: Blueprint
  ) throws(ModelError) -> [Float]? {
    guard blueprint.mayHaveBias(part) else { return nil }
    let place = blueprint.place(of: part)
    guard let values = try optionalVector(place.biasName(block: block), place.tensorRows) else {
      return nil
    }
    return blueprint.rowOrder(of: part).map { $0.map { values[Int($0)] } } ?? values
  }

  /// A vector as floats.
  func vector(_ name: String, _ count: Int) throws(ModelError) -> [Float] {
    file.dequantize(try tensor(name, [count]))
  }

  /// A vector that may be missing.
  func optionalVector(_ name: String, _ count: Int) throws(ModelError) -> [Float]? {
    file.tensor(named: name) == nil ? nil : try vector(name, count)
  }

  /// A vector of positive numbers that may be missing.
  func positiveVector(_ name: String, _ count: Int) throws(ModelError) -> [Float]? {
    let values = try optionalVector(name, count)
    if let wrong = values?.first(where: { $0 <= 0 }) {
      throw ModelError(
        code: .badValue, place: name,
        message:
          "The tensor \"\(name)\" holds \(wrong), but its numbers divide and must be positive. The "
          + "file is damaged: download it again, or convert the model again.")
    }
    return values
  }
}

extension Arena {
  /// A copy of `values`.
  func copy(_ values: [Float]) -> UnsafeMutablePointer<Float> {
    let target = take(values.count, of: Float.self)
    target.update(from: values, count: values.count)
    return target
  }
}
