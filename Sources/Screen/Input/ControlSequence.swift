/// A control sequence that a terminal sent for a key: what stands between its introducer and its final
/// byte, and what keys that is.
struct ControlSequence: Hashable, Sendable {
  /// Keys that are held with another.
  struct Modifiers: OptionSet, Hashable, Sendable {
    let rawValue: Int
    static let shift = Modifiers(rawValue: 1)
    static let alt = Modifiers(rawValue: 2)
    static let control = Modifiers(rawValue: 4)
    /// Super and Hyper, with which nothing means anything here.
    static let foreign = Modifiers(rawValue: 8 | 16)
    static let meta = Modifiers(rawValue: 32)
    static let capsLock = Modifiers(rawValue: 64)
    static let numLock = Modifiers(rawValue: 128)

    /// Those that change what a key means.
    var meant: Modifiers { subtracting([.capsLock, .numLock]) }
    var hasAlt: Bool { !isDisjoint(with: [.alt, .meta]) }
    var movesByWord: Bool { hasAlt || contains(.control) }
  }

  /// The numbers of each parameter; none where the sequence is private to its terminal.
  private let parameters: [[Int?]]
  private let isPrivate: Bool
  private let final: UInt8
  private let isAlt: Bool

  /// The sequence with these parameter bytes and this final byte; `isAlt` where a further escape stood in
  /// front of it.
  init(body: [UInt8], final: UInt8, isAlt: Bool) {
    isPrivate = body.contains { !(0x30...0x3b).contains($0) }
    parameters = body.split(separator: 0x3b, omittingEmptySubsequences: false).map { parameter in
      parameter.split(separator: 0x3a, omittingEmptySubsequences: false)
        .map { Int(String(decoding: $0, as: UTF8.self)) }
    }
    self.final = final
    self.isAlt = isAlt
  }

  private func number(_ parameter: Int, _ part: Int = 0) -> Int? {
    guard parameters.indices.contains(parameter), parameters[parameter].indices.contains(part)
    else { return nil }
    return parameters[parameter][part]
  }

  /// The modifiers that this parameter holds: their bits and one.
  private func modifiers(_ parameter: Int) -> Modifiers {
    let bits = number(parameter).map { max(0, $0 - 1) } ?? 0
    return Modifiers(rawValue: bits & 0xff).union(isAlt ? .alt : [])
  }

  // MARK: - CSI

  /// The keys of a sequence that CSI began.
  var keys: [Key] {
    // The third kind of event is a key that is let go.
    if isPrivate || number(1, 1) == 3 { return [] }
    switch final {
    case UInt8(ascii: "u"): return character(number(0), modifiers(1))
    case UInt8(ascii: "~") where number(0) == 27: return character(number(2), modifiers(1))
    case UInt8(ascii: "~"): return numbered(modifiers(1))
    // rxvt says Shift, Control or both with the final byte.
    case UInt8(ascii: "$"): return numbered(.shift)
    case UInt8(ascii: "^"): return numbered(.control)
    case UInt8(ascii: "@"): return numbered([.shift, .control])
    case UInt8(ascii: "a")...UInt8(ascii: "d"): return lettered(final - 0x20, .shift)
    default: return lettered(final, modifiers(1))
    }
  }

  private func numbered(_ modifiers: Modifiers) -> [Key] {
    switch number(0) {
    case 1, 7: Self.pressed(.home, modifiers)
    case 4, 8: Self.pressed(.end, modifiers)
    case 3: Self.pressed(.delete, modifiers)
    case 5: Self.pressed(.pageUp, modifiers)
    case 6: Self.pressed(.pageDown, modifiers)
    case .some(let number) where (11...15).contains(number):
      Self.pressed(.function(number - 10), modifiers)
    case .some(let number) where (17...21).contains(number):
      Self.pressed(.function(number - 11), modifiers)
    case .some(let number) where (23...24).contains(number):
      Self.pressed(.function(number - 12), modifiers)
    default: []
    }
  }

  private func lettered(_ letter: UInt8, _ modifiers: Modifiers) -> [Key] {
    switch letter {
    case UInt8(ascii: "A"): Self.pressed(.up, modifiers)
    case UInt8(ascii: "B"): Self.pressed(.down, modifiers)
    case UInt8(ascii: "C"): Self.pressed(.right, modifiers)
    case UInt8(ascii: "D"): Self.pressed(.left, modifiers)
    case UInt8(ascii: "F"): Self.pressed(.end, modifiers)
    case UInt8(ascii: "H"): Self.pressed(.home, modifiers)
    case UInt8(ascii: "P"): Self.pressed(.function(1), modifiers)
    case UInt8(ascii: "Q"): Self.pressed(.function(2), modifiers)
    case UInt8(ascii: "S"): Self.pressed(.function(4), modifiers)
    case UInt8(ascii: "Z"): [.backtab]
    default: []
    }
  }

  /// What a key means with modifiers; nothing where the pair has no meaning.
  private static func pressed(_ key: Key, _ modifiers: Modifiers) -> [Key] {
    let modifiers = modifiers.meant
    if !modifiers.isDisjoint(with: .foreign) { return [] }
    switch key {
    case .left where modifiers.movesByWord: return [.wordLeft]
    case .right where modifiers.movesByWord: return [.wordRight]
    case .delete where modifiers.movesByWord: return [.alt("d")]
    case .backspace where modifiers.movesByWord: return [.control("w")]
    case .enter where !modifiers.isEmpty: return [.newline]
    case .tab where modifiers.contains(.shift): return [.backtab]
    case .up, .down, .function: return modifiers.isEmpty ? [key] : []
    default: return [key]
    }
  }

  // MARK: - SS3

  /// The keys of a sequence that SS3 began: cursor keys and the keypad.
  var keysOfKeypad: [Key] {
    let modifiers = modifiers(parameters.count - 1)
    switch final {
    case UInt8(ascii: "M"): return Self.pressed(.enter, modifiers)
    case UInt8(ascii: "I"): return Self.pressed(.tab, modifiers)
    case UInt8(ascii: " "), UInt8(ascii: "="): return [.scalar(UnicodeScalar(final))]
    case UInt8(ascii: "X"): return [.scalar("=")]
    case UInt8(ascii: "a")...UInt8(ascii: "d"): return lettered(final - 0x20, .control)
    case UInt8(ascii: "j")...UInt8(ascii: "y"): return [.scalar(UnicodeScalar(final - 0x40))]
    default: return lettered(final, modifiers)
    }
  }

  // MARK: - Keys by their code

  private func character(_ code: Int?, _ modifiers: Modifiers) -> [Key] {
    guard let code, code >= 0, code <= 0x10ffff,
      modifiers.meant.isDisjoint(with: .foreign)
    else { return [] }
    switch code {
    case 13: return Self.pressed(.enter, modifiers)
    case 9: return Self.pressed(.tab, modifiers)
    case 8, 127: return Self.pressed(.backspace, modifiers)
    case 0..<0x20: return Key.control(byte: UInt8(code))
    case 0xe000...0xf8ff: return Self.functional(code, modifiers)
    default: return printed(UnicodeScalar(UInt32(code)), modifiers)
    }
  }

  private func printed(_ scalar: UnicodeScalar?, _ modifiers: Modifiers) -> [Key] {
    guard let scalar, scalar.isPrinted else { return [] }
    if modifiers.contains(.control) {
      let isLetter = scalar.isASCII && scalar.properties.isAlphabetic
      guard isLetter || scalar == "[" else { return [] }
      return Key.control(byte: UInt8(scalar.value & 0x1f))
    }
    if modifiers.hasAlt { return [.alt(typed: scalar)] }
    let isUpper = modifiers.contains(.shift) != modifiers.contains(.capsLock)
    // The key itself, what it is with Shift, and the text that it types, as far as the terminal says so.
    if let typed = number(2), final == UInt8(ascii: "u"),
      let text = UnicodeScalar(UInt32(clamping: typed)), text.isPrinted
    {
      return [.scalar(text)]
    }
    let shifted = number(0, 1).flatMap { UnicodeScalar(UInt32(clamping: $0)) }
    if modifiers.contains(.shift), let shifted, shifted.isPrinted {
      return [.scalar(shifted)]
    }
    let upper = scalar.properties.uppercaseMapping.unicodeScalars
    return [.scalar(isUpper && upper.count == 1 ? upper.first ?? scalar : scalar)]
  }

  /// Keys that have no character, by the codes of the kitty keyboard protocol.
  private static func functional(_ code: Int, _ modifiers: Modifiers) -> [Key] {
    let digits: [UnicodeScalar] = Array("0123456789./*-+".unicodeScalars)
    switch code {
    case 57399...57413: return [.scalar(digits[code - 57399])]
    case 57414: return pressed(.enter, modifiers)
    case 57415: return [.scalar("=")]
    case 57416: return [.scalar(",")]
    case 57417...57424:
      let keys: [Key] = [.left, .right, .up, .down, .pageUp, .pageDown, .home, .end]
      return pressed(keys[code - 57417], modifiers)
    case 57426: return pressed(.delete, modifiers)
    default: return []
    }
  }
}

extension UnicodeScalar {
  fileprivate var isPrinted: Bool { value >= 0x20 && !(0x7f..<0xa0).contains(value) }
}
