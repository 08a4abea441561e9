/// A text up to a border that no match may cross, with the questions that patterns ask of it.
struct TextPiece {
  /// The whole text.
  let text: ScalarText
  /// The index behind the last scalar of the piece.
  let end: Int

  /// The scalar at `index`, or nil behind the border.
  func scalar(at index: Int) -> Unicode.Scalar? { index < end ? text.scalars[index] : nil }

  /// Whether a scalar of this class is at `index`.
  func has(_ kind: ScalarClass, at index: Int) -> Bool {
    index < end && text.classes[index] == kind
  }

  /// Whether one of `0`...`9` is at `index`.
  func hasASCIIDigit(at index: Int) -> Bool {
    index < end && ("0"..."9").contains(text.scalars[index])
  }

  /// Whether a carriage return or a line feed is at `index`.
  func hasNewline(at index: Int) -> Bool {
    index < end && (text.scalars[index] == "\n" || text.scalars[index] == "\r")
  }

  /// Whether `[^\s\p{L}\p{N}]` matches at `index`.
  func hasSymbol(at index: Int) -> Bool { index < end && text.classes[index].isSymbol }

  /// The end of the run of this class from `start` on.
  func end(of kind: ScalarClass, from start: Int) -> Int {
    var index = start
    while has(kind, at: index) { index += 1 }
    return index
  }

  /// The end of the run from `start` on whose scalars all satisfy `condition`.
  func end(from start: Int, where condition: (Unicode.Scalar, ScalarClass) -> Bool) -> Int {
    var index = start
    while index < end && condition(text.scalars[index], text.classes[index]) { index += 1 }
    return index
  }

  /// The end of `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d` at `start`, if one is there.
  func contractionEnd(from start: Int, ignoringCase: Bool) -> Int? {
    guard text.scalars[start] == "'", let first = scalar(at: start + 1) else { return nil }
    let caseBit: UInt32 = ignoringCase ? 0x20 : 0
    // Setting bit 5 makes small letters of capital ones; other scalars do not become letters
    // of this list that way.
    switch UInt8(exactly: first.value | caseBit).map(Unicode.Scalar.init) {
    case "s", "t", "m", "d": return start + 2
    case "r", "v":
      return scalar(at: start + 2).map { $0.value | caseBit } == 0x65 ? start + 3 : nil
    case "l":
      return scalar(at: start + 2).map { $0.value | caseBit } == 0x6C ? start + 3 : nil
    default: return nil
    }
  }

  /// The match of `\s+(?!\S)|\s+` at `start`: white space without its last scalar when a word
  /// follows, so that the word keeps one space in front.
  func whitespaceEnd(from start: Int) -> Int {
    let runEnd = end(of: .whitespace, from: start)
    return runEnd < end && runEnd - start > 1 ? runEnd - 1 : runEnd
  }
}

extension TextPiece {
  /// The end of the word of `Splitter.gpt2` at `start`.
  func gpt2WordEnd(from start: Int) -> Int {
    if let end = contractionEnd(from: start, ignoringCase: false) { return end }
    let body = text.scalars[start] == " " && start + 1 < end ? start + 1 : start
    switch text.classes[body] {
    case .letter: return end(of: .letter, from: body)
    case .number: return end(of: .number, from: body)
    case .punctuation, .other: return end(from: body) { _, kind in kind.isSymbol }
    case .whitespace: return whitespaceEnd(from: start)
    }
  }

  /// The end of the word of `Splitter.llama3` at `start`.
  func llama3WordEnd(from start: Int, digits: Int) -> Int {
    if let end = contractionEnd(from: start, ignoringCase: true) { return end }
    if has(.number, at: start) { return numberEnd(from: start, digits: digits) }
    if has(.letter, at: start) || (has(.letter, at: start + 1) && !hasNewline(at: start)) {
      return end(of: .letter, from: start + 1)
    }
    return symbolsOrSpaceEnd(from: start, tail: "\r\n")
  }

  /// The end of `\p{N}{1,digits}` at `start`; `start` itself where there is no number.
  func numberEnd(from start: Int, digits: Int) -> Int {
    // No further: the rest of the run is looked at again.
    let limit = TextPiece(text: text, end: digits < end - start ? start + digits : end)
    return limit.end(of: .number, from: start)
  }

  /// The end of ` ?[^\s\p{L}\p{N}]+[tail]*|\s*[\r\n]+|\s+(?!\S)|\s+` at `start`.
  func symbolsOrSpaceEnd(from start: Int, tail: String) -> Int {
    let body = text.scalars[start] == " " ? start + 1 : start
    if hasSymbol(at: body) {
      let symbolsEnd = end(from: body) { _, kind in kind.isSymbol }
      return end(from: symbolsEnd) { scalar, _ in tail.unicodeScalars.contains(scalar) }
    }
    let runEnd = end(of: .whitespace, from: start)
    let lastNewline = (start..<runEnd).last(where: hasNewline(at:))
    return lastNewline.map { $0 + 1 } ?? whitespaceEnd(from: start)
  }
}
