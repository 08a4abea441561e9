import GGUF
import Kernels

/// A matrix that stands in for one of a model's file, as it is stored.
struct RepairedTensor {
  let name: String
  let shape: [Int]
  let type: TensorType
  let bytes: [UInt8]

  /// The numbers `values` in the place of `tensor`. A matrix of Q4_1 stays one: `factor` has its later numbers
  /// make up for what rounding does to the earlier ones. Types that this program does not write become Q8_0,
  /// or float16 where rows are no whole blocks.
  init(
    _ values: [Float], inPlaceOf tensor: TensorInfo, factor: TriangularFactor, pool: ThreadPool
  ) {
    (name, shape) = (tensor.name, tensor.shape)
    let width = tensor.rowLength
    if tensor.type == .q4_1 {
      type = .q4_1
      let rows = pool.map(tensor.rowCount) { row in
        Self.nibbles(Array(values[row * width..<(row + 1) * width]), factor)
      }
      bytes = Array(rows.joined())
      return
    }
    let usual: TensorType = width % TensorType.q8_0.blockSize == 0 ? .q8_0 : .f16
    let wanted = [.f32, .f16].contains(tensor.type) ? tensor.type : usual
    type = wanted
    bytes = wanted.quantize(values) ?? []
  }

  /// The numbers as they are stored.
  var values: [Float] {
    let count = shape.reduce(1, *)
    return Array(unsafeUninitializedCapacity: count) { numbers, written in
      bytes.withUnsafeBytes { source in
        guard let from = source.baseAddress, let to = numbers.baseAddress else { return }
        type.dequantize(from, count: count, into: to)
        written = count
      }
    }
  }

  // MARK: - Q4_1

  /// A row in blocks of Q4_1: scale and least number as float16, 32 codes.
  private static func nibbles(_ row: [Float], _ factor: TriangularFactor) -> [UInt8] {
    var grids: [Grid] = []
    let stored = factor.rounded(row, by: TensorType.q4_1.blockSize) { wishes in
      let grid = Grid(wishes)
      grids.append(grid)
      return { grid.value(grid.code($0)) }
    }
    var bytes: [UInt8] = []
    for (index, grid) in grids.enumerated() {
      let codes = stored[index * 32..<index * 32 + 32].map(grid.code)
      bytes += grid.head
      bytes += (0..<16).map { codes[$0] | codes[16 + $0] << 4 }
    }
    return bytes
  }

  /// The sixteen numbers that a block of Q4_1 can hold.
  private struct Grid {
    /// Scale and least number as they are stored.
    let head: [UInt8]
    private let scale: Float
    private let low: Float

    /// Even steps from the least to the greatest of `numbers`.
    init(_ numbers: ArraySlice<Float>) {
      let (low, high) = (numbers.min() ?? 0, numbers.max() ?? 0)
      head = TensorType.f16.quantize([(high - low) / 15, low]) ?? []
      var halves: [Float] = [0, 0]
      head.withUnsafeBytes { source in
        if let from = source.baseAddress {
          TensorType.f16.dequantize(from, count: 2, into: &halves)
        }
      }
      (scale, self.low) = (halves[0], halves[1])
    }

    func code(_ value: Float) -> UInt8 {
      scale > 0 ? UInt8(max(0, min(15, (value - low) / scale + 0.5))) : 0
    }

    func value(_ code: UInt8) -> Float { scale * Float(code) + low }
  }
}

// MARK: - Scaled

extension RepairedTensor {
  /// `tensor` with every number multiplied by `factor`: of a quantised type the scales of its blocks are, and
  /// the codes stay. Nil for types whose scales lie in a way that this program does not write.
  init?(_ tensor: TensorInfo, of file: GGUFFile, times factor: Float) {
    (name, shape, type) = (tensor.name, tensor.shape, tensor.type)
    if tensor.type == .f32 || tensor.type == .f16 {
      bytes = tensor.type.quantize(file.dequantize(tensor).map { $0 * factor }) ?? []
      return
    }
    guard let places = tensor.type.halfPlaces else { return nil }
    var bytes = file.withBytes(of: tensor) { Array($0) }
    var half: Float = 0
    for block in stride(from: 0, to: bytes.count, by: tensor.type.blockBytes) {
      for place in places {
        bytes.withUnsafeBytes { source in
          guard let base = source.baseAddress else { return }
          TensorType.f16.dequantize(base + block + place, count: 1, into: &half)
        }
        let stored = TensorType.f16.quantize([half * factor]) ?? []
        for (index, byte) in stored.enumerated() { bytes[block + place + index] = byte }
      }
    }
    self.bytes = bytes
  }
}

extension TensorType {
  /// Where a block of this type has the float16 numbers that its codes are multiplied by and that are added.
  fileprivate var halfPlaces: [Int]? {
    switch self {
    case .q4_0, .q5_0, .q8_0, .iq4_NL, .iq4_XS: [0]
    case .q4_1, .q5_1, .q4K, .q5K: [0, 2]
    case .q2K: [80, 82]
    case .q3K: [108]
    case .q6K: [208]
    case .f32, .f16, .bf16, .mxfp4: nil
    }
  }
}
