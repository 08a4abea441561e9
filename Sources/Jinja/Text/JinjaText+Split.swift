extension JinjaText {
  /// How many runs of letters, digits and `_` there are.
  var wordCount: Int {
    var (count, isInside) = (0, false)
    for scalar in scalars {
      let properties = scalar.scalar.properties
      let isWord =
        properties.isAlphabetic || properties.numericType != nil || scalar.scalar == "_"
      if isWord && !isInside { count += 1 }
      isInside = isWord
    }
    return count
  }

  /// The pieces between `separator`, at most `limit` cuts; from the right where `fromRight`.
  func pieces(at separator: JinjaText, limit: Int, fromRight: Bool = false) -> [JinjaText] {
    if fromRight {
      let pieces = reversed.pieces(at: separator.reversed, limit: limit)
      return pieces.reversed().map(\.reversed)
    }
    var (pieces, start) = ([JinjaText](), 0)
    for place in places(of: separator, limit: limit) {
      pieces.append(JinjaText(scalars[start..<place]))
      start = place + separator.count
    }
    return pieces + [JinjaText(scalars[start...])]
  }

  /// The words between white space, at most `limit` cuts; from the right where `fromRight`.
  func words(limit: Int, fromRight: Bool = false) -> [JinjaText] {
    if fromRight { return reversed.words(limit: limit).reversed().map(\.reversed) }
    var (words, rest) = ([JinjaText](), scalars[...].drop(while: \.isSpace))
    while !rest.isEmpty {
      if words.count == limit {
        words.append(JinjaText(rest).stripped(at: .right))
        break
      }
      let end = rest.firstIndex(where: \.isSpace) ?? rest.endIndex
      words.append(JinjaText(rest[..<end]))
      rest = rest[end...].drop(while: \.isSpace)
    }
    return words
  }
}
