/// The printable stand-ins for bytes in byte-level vocabularies (GPT-2, `bytes_to_unicode` in
/// openai/gpt-2 `encoder.py`): printable Latin-1 stands for itself, the other 68 bytes for
/// U+0100 and on.
enum ByteAlphabet {
  /// The stand-in of each byte.
  static let scalars: [Unicode.Scalar] = {
    var next: UInt16 = 0x100
    return (UInt8.min...UInt8.max).map { byte in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
      default:
        defer { next += 1 }
        return Unicode.Scalar(next) ?? Unicode.Scalar(byte)
      }
    }
  }()

  /// The byte that each scalar below U+0144 stands for; nil where it stands for none.
  private static let bytes: [UInt8?] = {
    var table: [UInt8?] = Array(repeating: nil, count: 0x144)
    for (byte, scalar) in scalars.enumerated() { table[Int(scalar.value)] = UInt8(byte) }
    return table
  }()

  /// The byte that `scalar` stands for, if it is in the alphabet.
  static func byte(for scalar: Unicode.Scalar) -> UInt8? {
    scalar.value < 0x144 ? bytes[Int(scalar.value)] : nil
  }
}
