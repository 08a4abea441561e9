import CKernels

extension PackedMatrix {
  /// Writes the 32 columns of group `group` of the 16 rows of `panel`.
  ///
  /// `source` holds 16 rows of 32 codes, `scales` what scales each row.
  package func store(
    panel: Int, group: Int, codes source: UnsafePointer<UInt8>,
    scales: UnsafePointer<GroupScales>
  ) {
    let record = panel * (columns / 32) + group
    let words = UnsafeRawPointer(source).assumingMemoryBound(to: UInt32.self)
    let out = (codeTarget + record * coding.groupBytes).assumingMemoryBound(to: UInt32.self)
    if coding.code == CK_CODE_U8 {
      for v in 0..<8 {
        for r in 0..<16 { out[16 * v + r] = words[8 * r + v] }
      }
    } else {
      let isSplit = coding.code == CK_CODE_SPLIT
      storeNibbles(of: words, from: isSplit ? 4 : 0, into: out)
      storePlanes(of: words, after: out + 64)
      if let lower = lowerTarget {
        let target = (lower + record * Self.nibbleBytes).assumingMemoryBound(to: UInt32.self)
        storeNibbles(of: words, from: 0, into: target)
      }
    }
    switch coding.scaling {
    case CK_SCALING_NESTED:
      storeNested(panel: panel, group: group, scales) { (UInt8($0.scale), UInt8($0.minimum)) }
    case CK_SCALING_HALVES: storeHalves(panel: panel, group: group, scales)
    case CK_SCALING_PAIRS:
      storeNested(panel: panel, group: group, scales) {
        (
          UInt8($0.scale) | UInt8($0.minimum) << 4,
          UInt8($0.second) | UInt8($0.secondMinimum) << 4
        )
      }
    case CK_SCALING_POWER: storePowers(record: record, scales)
    default:
      for r in 0..<16 {
        put(scales[r].scale, at: record * 16 + r, in: scaleTarget)
        put(scales[r].minimum, at: record * 16 + r, in: minimumTarget)
      }
    }
  }

  /// Writes the 32 columns of group `group` of one row (0..<16) of `panel`: the float16 scale, where the
  /// matrix has minimums the float16 minimum, and 16 bytes of nibbles. Byte k of these holds columns k and
  /// 16 + k, as in a panel. Rows that are never written stay zero.
  @inline(__always)
  package func store(
    panel: Int, group: Int, row: Int, nibbles: UnsafeRawPointer, scale: UnsafeRawPointer,
    minimum: UnsafeRawPointer?
  ) {
    let record = panel * (columns / 32) + group
    let place = (record * 16 + row) * 2
    scaleTarget?.storeBytes(
      of: scale.loadUnaligned(as: UInt16.self), toByteOffset: place, as: UInt16.self)
    if let minimum {
      minimumTarget?.storeBytes(
        of: minimum.loadUnaligned(as: UInt16.self), toByteOffset: place, as: UInt16.self)
    }
    let target = codeTarget + record * coding.groupBytes + 4 * row
    for v in 0..<4 {
      let word = nibbles.loadUnaligned(fromByteOffset: 4 * v, as: UInt32.self)
      target.storeBytes(of: word, toByteOffset: 64 * v, as: UInt32.self)
    }
  }

  /// The low four bits of four codes.
  private static let nibbles: UInt32 = 0x0f0f_0f0f

  /// Writes the four bits from bit `shift` on, vectors v and 4 + v to a byte.
  private func storeNibbles(
    of words: UnsafePointer<UInt32>, from shift: UInt32, into out: UnsafeMutablePointer<UInt32>
  ) {
    for v in 0..<4 {
      for r in 0..<16 {
        out[16 * v + r] =
          words[8 * r + v] >> shift & Self.nibbles
          | (words[8 * r + 4 + v] >> shift & Self.nibbles) << 4
      }
    }
  }

  /// Writes the bits that stand in planes: bit v of the plane of U5 is bit 4 of vector v, and that of
  /// split codes its bit 3; U6 has two bits for each of four vectors in each of two planes.
  private func storePlanes(
    of words: UnsafePointer<UInt32>, after plane: UnsafeMutablePointer<UInt32>
  ) {
    for r in 0..<16 {
      if coding.code == CK_CODE_U5 || coding.code == CK_CODE_SPLIT {
        let bit: UInt32 = coding.code == CK_CODE_U5 ? 4 : 3
        plane[r] = (0..<8).reduce(0) { $0 | (words[8 * r + $1] >> bit & 0x0101_0101) << UInt32($1) }
      } else if coding.code == CK_CODE_U6 {
        for half in 0..<2 {
          plane[16 * half + r] = (0..<4).reduce(0) {
            $0 | (words[8 * r + 4 * half + $1] >> 4 & 0x0303_0303) << UInt32(2 * $1)
          }
        }
      }
    }
  }

  /// Outer scales and minimums of 256 columns, and of the group two bytes a row that these multiply.
  private func storeNested(
    panel: Int, group: Int, _ scales: UnsafePointer<GroupScales>,
    bytes: (GroupScales) -> (first: UInt8, second: UInt8)
  ) {
    guard let target = scaleTarget else { return }
    let base = target + (panel * (columns / 256) + group / 8) * Self.nestedBytes
    let inner = (base + 64 + group % 8 * 32).assumingMemoryBound(to: UInt8.self)
    for r in 0..<16 {
      put(scales[r].outerScale, at: r, in: base)
      put(scales[r].outerMinimum, at: 16 + r, in: base)
      (inner[r], inner[16 + r]) = bytes(scales[r])
    }
  }

  private func storeHalves(panel: Int, group: Int, _ scales: UnsafePointer<GroupScales>) {
    guard let target = scaleTarget else { return }
    let base = target + (panel * (columns / 256) + group / 8) * Self.halvesBytes
    let inner = (base + 32 + group % 8 * 32).assumingMemoryBound(to: Int8.self)
    for r in 0..<16 {
      put(scales[r].outerScale, at: r, in: base)
      inner[r] = Int8(scales[r].scale)
      inner[16 + r] = Int8(scales[r].second)
    }
  }

  /// A scale of zero becomes the least power: codes of rows that are not there are those of zero.
  private func storePowers(record: Int, _ scales: UnsafePointer<GroupScales>) {
    guard let target = scaleTarget?.assumingMemoryBound(to: UInt8.self) else { return }
    for r in 0..<16 {
      target[record * 16 + r] = UInt8(clamping: max(-128, scales[r].scale.exponent) + 128)
    }
  }

  /// Writes the elements of a float coding: bit patterns of 16 rows at one column of `panel`.
  package func store<Bits: FixedWidthInteger>(
    panel: Int, column: Int, row: Int, bits: Bits
  ) {
    codeTarget.assumingMemoryBound(to: Bits.self)[(panel * columns + column) * 16 + row] = bits
  }

  private func put(_ value: Float, at index: Int, in target: UnsafeMutableRawPointer?) {
    target?.assumingMemoryBound(to: UInt16.self)[index] = ck_to_half(value)
  }
}
