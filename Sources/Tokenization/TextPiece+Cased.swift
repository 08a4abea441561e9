extension TextPiece {
  /// The end of the word of `Splitter.cased` at `start`.
  func casedWordEnd(from start: Int, digits: Int, contractions: Bool) -> Int {
    // A prefix is tried first, then none, as a regular expression does.
    let bodies =
      hasSymbol(at: start) || has(.whitespace, at: start) && !hasNewline(at: start)
      ? [start + 1, start] : [start]
    for body in bodies {
      if let end = upperThenLowerEnd(from: body) {
        return contracted(end, allowed: contractions)
      }
    }
    for body in bodies {
      let upperEnd = caseEnd(from: body, \.isUpperLike)
      if upperEnd > body {
        return contracted(caseEnd(from: upperEnd, \.isLowerLike), allowed: contractions)
      }
    }
    if has(.number, at: start) { return numberEnd(from: start, digits: digits) }
    return symbolsOrSpaceEnd(from: start, tail: "\r\n/")
  }

  /// The end of `U*L+` at `start`, if it matches.
  private func upperThenLowerEnd(from start: Int) -> Int? {
    let upperEnd = caseEnd(from: start, \.isUpperLike)
    let lowerEnd = caseEnd(from: upperEnd, \.isLowerLike)
    if lowerEnd > upperEnd { return lowerEnd }
    // What is in both classes can end the word: the last such one does.
    let last = (start..<upperEnd).last { letterCase(at: $0).isLowerLike }
    return last.map { $0 + 1 }
  }

  private func contracted(_ position: Int, allowed: Bool) -> Int {
    guard allowed, position < end else { return position }
    return contractionEnd(from: position, ignoringCase: true) ?? position
  }

  private func caseEnd(from start: Int, _ condition: (LetterCase) -> Bool) -> Int {
    var index = start
    while index < end, condition(letterCase(at: index)) { index += 1 }
    return index
  }

  private func letterCase(at index: Int) -> LetterCase {
    switch text.scalars[index].properties.generalCategory {
    case .uppercaseLetter, .titlecaseLetter: .upper
    case .lowercaseLetter: .lower
    case .modifierLetter, .otherLetter, .nonspacingMark, .spacingMark, .enclosingMark: .both
    default: .none
    }
  }
}

/// Which of the two classes of letters a scalar is in.
private enum LetterCase {
  case upper, lower, both, none

  var isUpperLike: Bool { self == .upper || self == .both }
  var isLowerLike: Bool { self == .lower || self == .both }
}
