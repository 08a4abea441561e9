/// What a pre-tokenizer asks of a character. The five classes exclude each other.
enum ScalarClass: UInt8, Sendable {
  /// General category L.
  case letter
  /// General category N.
  case number
  /// The White_Space property (`\s`).
  case whitespace
  /// General category P.
  case punctuation
  /// Everything else: marks, symbols, controls, unassigned.
  case other

  /// The class of `scalar`.
  init(_ scalar: Unicode.Scalar) {
    self = scalar.value < 0x80 ? Self.ascii[Int(scalar.value)] : Self(lookingUp: scalar)
  }

  /// Neither letter, number nor white space: `[^\s\p{L}\p{N}]`.
  var isSymbol: Bool { self == .punctuation || self == .other }

  private static let ascii = (0..<0x80 as Range<UInt8>).map { Self(lookingUp: Unicode.Scalar($0)) }

  private init(lookingUp scalar: Unicode.Scalar) {
    let properties = scalar.properties
    if properties.isWhitespace {
      self = .whitespace
      return
    }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      self = .letter
    case .decimalNumber, .letterNumber, .otherNumber:
      self = .number
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      self = .punctuation
    default:
      self = .other
    }
  }
}

/// A text as scalars, each with its class and its place in the UTF-8 bytes.
struct ScalarText {
  /// The scalars.
  private(set) var scalars: [Unicode.Scalar] = []
  /// The class of each scalar.
  private(set) var classes: [ScalarClass] = []
  /// Where each scalar begins in the bytes, and where the last one ends: `count + 1` offsets.
  private(set) var offsets: [Int]

  /// The text in `bytes`, which must be valid UTF-8.
  init(_ bytes: ArraySlice<UInt8>) {
    offsets = [bytes.startIndex]
    scalars.reserveCapacity(bytes.count)
    classes.reserveCapacity(bytes.count)
    offsets.reserveCapacity(bytes.count + 1)
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      scalars.append(scalar)
      classes.append(ScalarClass(scalar))
      offsets.append(offsets[offsets.count - 1] + scalar.utf8.count)
    }
  }

  /// The place of these scalars in the bytes.
  func bytes(of range: Range<Int>) -> Range<Int> {
    offsets[range.lowerBound]..<offsets[range.upperBound]
  }
}
