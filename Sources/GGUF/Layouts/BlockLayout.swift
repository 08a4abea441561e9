/// A layout of quantised blocks: groups of 32 columns, whose codes are whole numbers, and what scales
/// these.
///
/// w = outerScale · scale · (code − zero) − outerMinimum · minimum; without the minimum where `scaling`
/// has none.
package protocol BlockLayout: TensorLayout {
  /// Bits that a code needs.
  static var codeBits: Int { get }
  /// Subtracted from each code; 0 in layouts with minimums.
  static var zero: UInt8 { get }
  /// Which scales the groups have.
  static var scaling: BlockScaling { get }
  /// Where a block's float16 scale, or scale of scales, is.
  static var scalePlace: Int { get }
  /// Where its float16 minimum, or scale of minimums, is.
  static var minimumPlace: Int? { get }

  /// Writes the 32 codes of a group of a block and returns what scales them.
  static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> GroupScales

  /// Reads groups of a row, one after another: codes `codeStride` bytes apart, scales `scaleStride`
  /// values apart. Written once for all layouts.
  static func read(
    row: UnsafeRawPointer, groups: Range<Int>, codes: UnsafeMutablePointer<UInt8>,
    codeStride: Int, scales: UnsafeMutablePointer<GroupScales>, scaleStride: Int)
}

/// Which scales the groups of a block have.
package enum BlockScaling: Sendable {
  /// A float16 scale.
  case plain
  /// A float16 scale and a float16 minimum.
  case affine
  /// Whole numbers for both, which float16 scales of the block multiply.
  case nested
  /// A signed whole number for each 16 columns, which a float16 scale of the block multiplies.
  case halves
  /// Whole numbers below 16 for both and each 16 columns, which float16 scales of the block
  /// multiply.
  case pairs
  /// A power of two.
  case power

  /// Whether there are minimums.
  package var hasMinimums: Bool {
    switch self {
    case .affine, .nested, .pairs: true
    case .plain, .halves, .power: false
    }
  }
}

/// What scales the codes of a group of 32 columns.
package struct GroupScales: Sendable, BitwiseCopyable {
  /// The scale of the first 16 columns, and of the others.
  package var scale: Float, secondScale: Float
  /// The minimum of the first 16 columns, and of the others.
  package var minimum: Float, secondMinimum: Float
  /// What multiplies the scales, and what the minimums, which then are subtracted.
  package var outerScale: Float, outerMinimum: Float

  /// Of a row of zeros.
  package static let zero = Self(0)

  /// A scale, and where there is one a minimum, for all columns.
  init(
    _ scale: Float, minimum: Float = 0, outerScale: Float = 1, outerMinimum: Float = -1
  ) {
    self.init(
      (scale, scale), minimums: (minimum, minimum), outerScale: outerScale,
      outerMinimum: outerMinimum)
  }

  /// Scales, and where there are some minimums, of the first 16 columns and of the others.
  init(
    _ scales: (Float, Float), minimums: (Float, Float) = (0, 0), outerScale: Float,
    outerMinimum: Float = -1
  ) {
    (scale, secondScale) = scales
    (minimum, secondMinimum) = minimums
    self.outerScale = outerScale
    self.outerMinimum = outerMinimum
  }
}

extension BlockLayout {
  /// Columns of a group.
  package static var groupSize: Int { 32 }

  package static var zero: UInt8 { 0 }
  package static var scalePlace: Int { 0 }
  package static var minimumPlace: Int? { nil }

  /// The float16 scale of a block, and its float16 minimum; 0 where it has none.
  @inline(__always)
  static func floats(_ block: UnsafeRawPointer) -> (scale: Float, minimum: Float) {
    (block.half(scalePlace), minimumPlace.map { block.half($0) } ?? 0)
  }

  package static func isFinite(_ block: UnsafeRawPointer) -> Bool {
    guard let minimumPlace else { return F16.isFinite(block + scalePlace) }
    return F16.isFinite(block + scalePlace) && F16.isFinite(block + minimumPlace)
  }

  package static func read(
    row: UnsafeRawPointer, groups: Range<Int>, codes: UnsafeMutablePointer<UInt8>,
    codeStride: Int, scales: UnsafeMutablePointer<GroupScales>, scaleStride: Int
  ) {
    let groupsPerBlock = blockSize / groupSize
    for (index, group) in groups.enumerated() {
      let block = row + group / groupsPerBlock * blockBytes
      scales[index * scaleStride] = read(
        block, group: group % groupsPerBlock, codes: codes + index * codeStride)
    }
  }

  package static func dequantize(
    _ source: UnsafeRawPointer, count: Int, into target: UnsafeMutablePointer<Float>
  ) {
    precondition(count % blockSize == 0, "dequantize takes whole blocks")
    let groupsPerBlock = blockSize / groupSize
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: groupSize) { memory in
      guard let codes = memory.baseAddress else { return }
      for group in 0..<count / groupSize {
        let block = source + group / groupsPerBlock * blockBytes
        let scales = read(block, group: group % groupsPerBlock, codes: codes)
        let to = target + group * groupSize
        write(codes, scales.scale, scales.minimum, scales, to)
        write(codes + 16, scales.secondScale, scales.secondMinimum, scales, to + 16)
      }
    }
  }

  /// Sixteen numbers. No product of a scale and a code needs more than 24 bits, so they are exact;
  /// where a minimum is subtracted, that alone is rounded.
  @inline(__always)
  private static func write(
    _ codes: UnsafePointer<UInt8>, _ scale: Float, _ minimum: Float, _ scales: GroupScales,
    _ target: UnsafeMutablePointer<Float>
  ) {
    let step = scales.outerScale * scale
    let bias = scales.outerMinimum * minimum
    let stored = UnsafeRawPointer(codes).loadUnaligned(as: SIMD16<UInt8>.self)
    let whole = SIMD16<Int32>(truncatingIfNeeded: stored) &- Int32(zero)
    let numbers = SIMD16<Float>(whole) * step
    UnsafeMutableRawPointer(target).storeBytes(
      of: scaling.hasMinimums ? numbers - bias : numbers, as: SIMD16<Float>.self)
  }
}
