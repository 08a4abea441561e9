extension TextRules {
  /// What a method of a text gives.
  mutating func method(
    _ name: String, of text: JinjaText, _ arguments: Arguments
  ) throws(JinjaError) -> JinjaValue {
    try spend(1 + text.count / 4)
    switch name {
    case "strip": return .text(text.stripped(of: try arguments.text(0, "chars")))
    case "lstrip": return .text(text.stripped(of: try arguments.text(0, "chars"), at: .left))
    case "rstrip": return .text(text.stripped(of: try arguments.text(0, "chars"), at: .right))
    case "split", "rsplit": return try split(text, arguments, fromRight: name == "rsplit")
    case "splitlines":
      let lines = text.lines(keepingEnds: arguments.bool(0, "keepends", or: false))
      return .list(lines.map { .text($0) })
    case "startswith", "endswith", "removeprefix", "removesuffix":
      return try ends(name, of: text, arguments)
    case "replace": return .text(try replace(in: text, arguments))
    case "join": return .text(try join(elements(of: arguments.required(0, "iterable")), by: text))
    case "format": return .text(try braceFormat(text, arguments))
    case "find", "rfind", "index", "rindex", "count", "partition", "rpartition":
      return try search(name, in: text, arguments)
    case "zfill", "ljust", "rjust", "center": return .text(try pad(name, text, arguments))
    case let name where name.hasPrefix("is"): return .bool(Self.condition(name, on: text))
    default: return .text(Self.changedCase(name, of: text))
    }
  }

  private static func changedCase(_ name: String, of text: JinjaText) -> JinjaText {
    switch name {
    case "upper": text.uppercased
    case "title": text.titled
    case "capitalize": text.capitalized
    case "swapcase": text.swappedCase
    default: text.lowercased
    }
  }

  private static func condition(_ name: String, on text: JinjaText) -> Bool {
    switch name {
    case "isdigit", "isdecimal": text.consists { $0.scalar.properties.numericType == .decimal }
    case "isnumeric": text.consists { $0.scalar.properties.numericType != nil }
    case "isalpha": text.consists { $0.isLetter }
    case "isalnum": text.consists { $0.isLetter || $0.scalar.properties.numericType != nil }
    case "isspace": text.consists(of: \.isSpace)
    case "isupper": text.hasOnlyCased(\.isUppercase)
    default: text.hasOnlyCased(\.isLowercase)
    }
  }

  private mutating func split(
    _ text: JinjaText, _ arguments: Arguments, fromRight: Bool
  ) throws(JinjaError) -> JinjaValue {
    let most = try arguments.int(1, "maxsplit", or: -1)
    let limit = most < 0 ? Int.max : most
    guard let separator = try arguments.text(0, "sep") else {
      return .list(text.words(limit: limit, fromRight: fromRight).map { .text($0) })
    }
    guard !separator.isEmpty else { throw .failed("'split' is given an empty separator") }
    let pieces = text.pieces(at: separator, limit: limit, fromRight: fromRight)
    return .list(pieces.map { .text($0) })
  }

  private func ends(
    _ name: String, of text: JinjaText, _ arguments: Arguments
  ) throws(JinjaError) -> JinjaValue {
    let given = try arguments.required(0, "prefix")
    var parts: [JinjaText] = []
    if case .sequence(let sequence) = given, sequence.kind == .tuple {
      parts = sequence.items.compactMap(\.text)
    } else if case .text(let part) = given {
      parts = [part]
    } else {
      throw .failed("'\(name)' needs a text, and gets \(given.kind)")
    }
    switch name {
    case "startswith": return .bool(parts.contains(where: text.hasPrefix))
    case "endswith": return .bool(parts.contains(where: text.hasSuffix))
    case "removeprefix":
      return .text(
        text.hasPrefix(parts[0]) ? JinjaText(text.scalars.dropFirst(parts[0].count)) : text)
    default:
      return .text(
        text.hasSuffix(parts[0]) ? JinjaText(text.scalars.dropLast(parts[0].count)) : text)
    }
  }

  private func search(
    _ name: String, in text: JinjaText, _ arguments: Arguments
  ) throws(JinjaError) -> JinjaValue {
    guard arguments.positional.count == 1, let part = try arguments.text(0, "sub") else {
      throw .unsupported("'\(name)' with other arguments than one text")
    }
    if name == "count" {
      return .int(part.isEmpty ? text.count + 1 : text.places(of: part).count)
    }
    let isLast = name.hasPrefix("r")
    let place =
      isLast
      ? text.lastPlace(of: part) : part.isEmpty ? 0 : text.places(of: part, limit: 1).first
    if name.hasSuffix("partition") {
      return .tuple(Self.parts(of: text, around: part, at: place, isLast: isLast).map { .text($0) })
    }
    if place == nil && name.hasSuffix("index") {
      throw .failed("'\(name)' looks for something that is not in the text")
    }
    return .int(place ?? -1)
  }

  private static func parts(
    of text: JinjaText, around part: JinjaText, at place: Int?, isLast: Bool
  ) -> [JinjaText] {
    guard let place else { return isLast ? ["", "", text] : [text, "", ""] }
    let end = place + part.count
    return [text.scalars[..<place], text.scalars[place..<end], text.scalars[end...]]
      .map { JinjaText($0) }
  }

  /// `text` with one text instead of another, which `arguments` say.
  mutating func replace(
    in text: JinjaText, _ arguments: Arguments
  ) throws(JinjaError) -> JinjaText {
    let old = try arguments.required(0, "old").words()
    let new = try arguments.required(1, "new").words()
    var most = -1
    if case let count? = arguments.value(2, "count"), count != .none {
      most = try arguments.int(2, "count", or: -1)
    }
    let limit = most < 0 ? Int.max : most
    let times = old.isEmpty ? text.count + 1 : text.places(of: old, limit: limit).count
    try spend(times, times: new.count)
    try spend(text.count)
    return text.replacing(old, with: new, limit: limit)
  }

  /// The elements as texts, with `separator` between them.
  mutating func join(
    _ items: [JinjaValue], by separator: JinjaText
  ) throws(JinjaError) -> JinjaText {
    var texts: [JinjaText] = []
    try spend(items.count, times: separator.count)
    for item in items {
      let text = try item.words()
      try spend(text.count)
      texts.append(text)
    }
    return JinjaText.joined(texts, by: separator)
  }

  private mutating func pad(
    _ name: String, _ text: JinjaText, _ arguments: Arguments
  ) throws(JinjaError) -> JinjaText {
    let width = try arguments.int(0, "width", or: 80)
    let missing = max(0, width.subtractingReportingOverflow(text.count).partialValue)
    try spend(missing)
    func fill(_ count: Int) throws(JinjaError) -> JinjaText {
      let filler = try arguments.text(1, "fillchar") ?? " "
      return JinjaText(Array(repeating: filler.scalars, count: count).joined())
    }
    switch name {
    case "ljust": return text + (try fill(missing))
    case "rjust": return try fill(missing) + text
    case "center":
      // As Python does: an odd one stands on the left where the width is odd.
      let left = missing / 2 + (missing & width & 1)
      return try fill(left) + text + fill(missing - left)
    default:
      let sign = text.hasPrefix("-") || text.hasPrefix("+") ? 1 : 0
      let zeros = JinjaText(String(repeating: "0", count: missing))
      return JinjaText(text.scalars.prefix(sign)) + zeros + JinjaText(text.scalars.dropFirst(sign))
    }
  }
}

extension MarkedScalar {
  /// Whether `str.isalpha` of Python counts it as a letter.
  fileprivate var isLetter: Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }
}
