/// A scalar of a text, and a mark that says where it came from. Two scalars are equal whatever their
/// marks.
package struct MarkedScalar: Hashable, Comparable, Sendable {
  /// The mark in the upper 8 bits, the scalar in the lower 24.
  private let bits: UInt32

  /// A scalar with a mark; 0 is the template's own text.
  package init(_ scalar: Unicode.Scalar, mark: UInt8 = 0) {
    bits = UInt32(mark) << 24 | scalar.value
  }

  /// The number of the scalar.
  package var value: UInt32 { bits & 0xFF_FFFF }

  /// Where it came from.
  package var mark: UInt8 { UInt8(bits >> 24) }

  /// The scalar.
  package var scalar: Unicode.Scalar { Unicode.Scalar(value) ?? "\u{FFFD}" }

  /// Another scalar from the same place.
  func with(_ scalar: Unicode.Scalar) -> MarkedScalar { MarkedScalar(scalar, mark: mark) }

  /// Whether both are the same; see the type.
  package static func == (left: MarkedScalar, right: MarkedScalar) -> Bool {
    left.value == right.value
  }

  /// Whether the left one comes first, by the numbers of the scalars.
  package static func < (left: MarkedScalar, right: MarkedScalar) -> Bool {
    left.value < right.value
  }

  /// Takes in what makes two of them equal.
  package func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

extension MarkedScalar {
  /// Whether Python counts it as white space: also U+001C to U+001F.
  var isSpace: Bool {
    value == 0x20 || (0x09...0x0D).contains(value) || (0x1C...0x1F).contains(value)
      || (value > 0x7F && scalar.properties.isWhitespace)
  }

  /// Whether `str.splitlines` of Python ends a line here.
  var endsLine: Bool {
    switch value {
    case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }

  /// Whether `repr` of Python writes it as it is.
  var isPrintable: Bool {
    if (0x20...0x7E).contains(value) { return true }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator, .spaceSeparator:
      return false
    default: return true
    }
  }

  /// Whether it is one of `0` to `9`.
  var isDigit: Bool { (0x30...0x39).contains(value) }
}
