/// How the numbers of a tensor are stored. The raw value is the number in the file.
// swift-format-ignore: AlwaysUseLowerCamelCase
package enum TensorType: UInt32, Sendable, CaseIterable {
  case f32 = 0
  case f16 = 1
  case q4_0 = 2
  case q4_1 = 3
  case q5_0 = 6
  case q5_1 = 7
  case q8_0 = 8
  case q2K = 10
  case q3K = 11
  case q4K = 12
  case q5K = 13
  case q6K = 14
  case iq4_NL = 20
  case iq4_XS = 23
  case bf16 = 30
  case mxfp4 = 39

  /// What its bytes mean: the one table of types. Whatever else is said of a type follows from it.
  package var layout: any TensorLayout.Type {
    switch self {
    case .f32: F32.self
    case .f16: F16.self
    case .q4_0: Q4_0.self
    case .q4_1: Q4_1.self
    case .q5_0: Q5_0.self
    case .q5_1: Q5_1.self
    case .q8_0: Q8_0.self
    case .q2K: Q2K.self
    case .q3K: Q3K.self
    case .q4K: Q4K.self
    case .q5K: Q5K.self
    case .q6K: Q6K.self
    case .iq4_NL: IQ4NL.self
    case .iq4_XS: IQ4XS.self
    case .bf16: BF16.self
    case .mxfp4: MXFP4.self
    }
  }

  /// Names of types that the format has and this reader does not, for a helpful refusal.
  static let unsupportedNames: [UInt32: String] = [
    4: "Q4_2", 5: "Q4_3", 9: "Q8_1", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS",
    19: "IQ1_S", 21: "IQ3_S", 22: "IQ2_S", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64",
    29: "IQ1_M", 31: "Q4_0_4_4", 32: "Q4_0_4_8", 33: "Q4_0_8_8", 34: "TQ1_0", 35: "TQ2_0",
    36: "IQ4_NL_4_4", 37: "IQ4_NL_4_8", 38: "IQ4_NL_8_8", 40: "NVFP4", 41: "Q1_0",
  ]
}

extension TensorType {
  /// The name people know it by: `Q4_1`.
  package var name: String { layout.name }
  /// Elements that are stored together; a row is a whole number of such blocks.
  package var blockSize: Int { layout.blockSize }
  /// Bytes of one block.
  package var blockBytes: Int { layout.blockBytes }

  /// Turns `count` stored numbers, a whole number of blocks at `source`, into `target`. Neither needs
  /// alignment beyond that of its own type.
  package func dequantize(
    _ source: UnsafeRawPointer, count: Int, into target: UnsafeMutablePointer<Float>
  ) {
    layout.dequantize(source, count: count, into: target)
  }

  /// Whether `count` stored numbers, a whole number of blocks at `source`, are all finite: of a quantised
  /// type, whether the scales of its blocks are.
  package func areFinite(_ source: UnsafeRawPointer, count: Int) -> Bool {
    layout.areFinite(source, count: count)
  }

  /// The stored form of `values`, a whole number of blocks, for the types that this package writes:
  /// F32, F16, Q8_0 and Q4_1. Nil for the others.
  package func quantize(_ values: [Float]) -> [UInt8]? {
    guard let layout = layout as? any WrittenLayout.Type else { return nil }
    return layout.quantize(values)
  }
}
