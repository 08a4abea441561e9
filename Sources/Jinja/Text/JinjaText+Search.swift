extension JinjaText {
  /// The places where `part` begins, from the left, none inside another; at most `limit`. In time
  /// that is linear in both texts (Knuth, Morris and Pratt).
  func places(of part: JinjaText, limit: Int = .max) -> [Int] {
    guard !part.isEmpty, limit > 0, part.count <= count else { return [] }
    let needle = part.scalars
    let borders = Self.borders(of: needle)
    var (places, matched) = ([Int](), 0)
    for (index, scalar) in scalars.enumerated() {
      while matched > 0 && needle[matched] != scalar { matched = borders[matched - 1] }
      if needle[matched] == scalar { matched += 1 }
      if matched == needle.count {
        places.append(index + 1 - matched)
        if places.count == limit { break }
        matched = 0
      }
    }
    return places
  }

  /// For each beginning of `needle` the length of its longest end that is a beginning as well.
  private static func borders(of needle: [MarkedScalar]) -> [Int] {
    var borders = Array(repeating: 0, count: needle.count)
    var length = 0
    for index in needle.indices.dropFirst() {
      while length > 0 && needle[length] != needle[index] { length = borders[length - 1] }
      if needle[length] == needle[index] { length += 1 }
      borders[index] = length
    }
    return borders
  }

  /// Whether `part` stands in it.
  func contains(_ part: JinjaText) -> Bool {
    part.isEmpty || !places(of: part, limit: 1).isEmpty
  }

  /// Where `part` begins for the last time.
  package func lastPlace(of part: JinjaText) -> Int? {
    if part.isEmpty { return count }
    return reversed.places(of: part.reversed, limit: 1).first.map { count - $0 - part.count }
  }

  /// The scalars in the other order.
  var reversed: JinjaText { JinjaText(scalars.reversed()) }

  /// Whether it begins with `part`.
  package func hasPrefix(_ part: JinjaText) -> Bool { scalars.starts(with: part.scalars) }

  /// Whether it ends with `part`.
  func hasSuffix(_ part: JinjaText) -> Bool {
    scalars.suffix(part.count).elementsEqual(part.scalars)
  }

  /// The ends of a text.
  struct Ends: OptionSet {
    let rawValue: Int
    static let left = Ends(rawValue: 1)
    static let right = Ends(rawValue: 2)
    static let both: Ends = [.left, .right]
  }

  /// Without the scalars of `set` at its ends; without white space where there is no set.
  func stripped(of set: JinjaText? = nil, at ends: Ends = .both) -> JinjaText {
    let unwanted = set.map { Set($0.scalars) }
    func goes(_ scalar: MarkedScalar) -> Bool { unwanted?.contains(scalar) ?? scalar.isSpace }
    var rest = scalars[...]
    if ends.contains(.left) { rest = rest.drop(while: goes) }
    if ends.contains(.right), let last = rest.lastIndex(where: { !goes($0) }) {
      rest = rest[...last]
    } else if ends.contains(.right) {
      rest = []
    }
    return JinjaText(rest)
  }

  /// With `new` instead of `old`, at most `limit` times from the left.
  func replacing(_ old: JinjaText, with new: JinjaText, limit: Int) -> JinjaText {
    if old.isEmpty { return interleaved(with: new, limit: limit) }
    var (result, start) = ([MarkedScalar](), 0)
    for place in places(of: old, limit: limit) {
      result += scalars[start..<place]
      result += new.scalars
      start = place + old.count
    }
    return JinjaText(result + scalars[start...])
  }

  /// With `text` before each scalar and at the end, at most `limit` times.
  private func interleaved(with text: JinjaText, limit: Int) -> JinjaText {
    var result: [MarkedScalar] = []
    for (index, scalar) in scalars.enumerated() {
      if index < limit { result += text.scalars }
      result.append(scalar)
    }
    return JinjaText(count < limit ? result + text.scalars : result)
  }

  /// The lines, as `str.splitlines` of Python cuts them.
  func lines(keepingEnds: Bool = false) -> [JinjaText] {
    var (lines, start, index) = ([JinjaText](), 0, 0)
    while index < count {
      guard scalars[index].endsLine else {
        index += 1
        continue
      }
      let isPair =
        scalars[index].value == 0x0D && index + 1 < count && scalars[index + 1].value == 0x0A
      let next = index + (isPair ? 2 : 1)
      lines.append(JinjaText(scalars[start..<(keepingEnds ? next : index)]))
      (start, index) = (next, next)
    }
    if start < count { lines.append(JinjaText(scalars[start...])) }
    return lines
  }
}
