import GGUF
import Kernels

/// Finds tensors by name and checks their shapes.
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
    return tensor
  }

  /// Some llama files have biases; left out in silence they would give another model.
  func refuseBiases() throws(ModelError) {
    guard let bias = file.tensors.first(where: { $0.name.hasSuffix(".bias") }) else { return }
    throw ModelError(
      code: .unsupportedTensor, place: bias.name,
      message: "The tensor \"\(bias.name)\" is a bias; this engine runs models without. "
        + "Use another model.")
  }

  /// A matrix [rows, columns], repacked.
  func matrix(_ name: String, _ rows: Int, _ columns: Int) throws(ModelError) -> PackedMatrix {
    PackedMatrix(repacking: try tensor(name, [columns, rows]), of: file, pool: pool)
  }

  /// A vector as floats.
  func vector(_ name: String, _ count: Int) throws(ModelError) -> [Float] {
    file.dequantize(try tensor(name, [count]))
  }

  /// A vector that may be missing.
  func optionalVector(_ name: String, _ count: Int) throws(ModelError) -> [Float]? {
    file.tensor(named: name) == nil ? nil : try vector(name, count)
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
