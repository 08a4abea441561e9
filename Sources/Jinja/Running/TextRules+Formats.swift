extension TextRules {
  /// `format % value`
  mutating func percentFormat(
    _ format: JinjaText, _ value: JinjaValue
  ) throws(JinjaError) -> JinjaText {
    var given: [JinjaValue] = [value]
    if case .sequence(let sequence) = value, sequence.kind == .tuple { given = sequence.items }
    var (reader, result, used) = (FormatReader(format), JinjaText(""), 0)
    while let scalar = reader.pop() {
      guard scalar.scalar == "%" else {
        result.scalars.append(scalar)
        continue
      }
      if reader.next == "%" {
        result.scalars += [reader.pop()].compactMap { $0 }
        continue
      }
      var value: JinjaValue?
      if reader.next == "(" {
        _ = reader.pop()
        guard case .mapping(let mapping)? = given.first, let name = reader.pop(until: ")") else {
          throw .failed("'%(' in a format needs a mapping")
        }
        value = mapping[.text(name)]
        used = given.count
      } else if used < given.count {
        value = given[used]
        used += 1
      }
      guard let value else { throw .failed("a format has more places than values") }
      result += try percentSpecification(&reader).text(of: value)
    }
    try spend(result.count)
    switch value {
    // As in Python, what elements can be asked of may be more than the places.
    case .mapping, .undefined: return result
    case .sequence(let sequence) where sequence.kind == .list || sequence.kind == .range:
      return result
    default: break
    }
    guard used == given.count else { throw .failed("a format has fewer places than values") }
    return result
  }

  private func percentSpecification(
    _ reader: inout FormatReader
  ) throws(JinjaError) -> FormatSpecification {
    var specification = FormatSpecification(alignment: ">")
    while let flag = reader.next, "-+ 0#".unicodeScalars.contains(flag) {
      _ = reader.pop()
      switch flag {
      case "-": specification.alignment = "<"
      case "0" where specification.alignment != "<":
        (specification.alignment, specification.fill) = ("=", "0")
      case "+", " ": specification.sign = flag
      default: break
      }
    }
    specification.width = reader.number() ?? 0
    if reader.next == "." {
      _ = reader.pop()
      specification.precision = reader.number() ?? 0
    }
    guard let letter = reader.pop()?.scalar else { throw .failed("a format ends with '%'") }
    specification.letter = letter
    return specification
  }

  /// `format.format(…)`
  mutating func braceFormat(
    _ format: JinjaText, _ arguments: Arguments
  ) throws(JinjaError) -> JinjaText {
    var (reader, result, used) = (FormatReader(format), JinjaText(""), 0)
    while let scalar = reader.pop() {
      guard scalar.scalar == "{" || scalar.scalar == "}" else {
        result.scalars.append(scalar)
        continue
      }
      if reader.next == scalar.scalar {
        result.scalars += [reader.pop()].compactMap { $0 }
        continue
      }
      guard scalar.scalar == "{", let field = reader.pop(until: "}") else {
        throw .failed("a format has a brace without its partner")
      }
      result += try self.field(field, arguments, &used)
    }
    try spend(result.count)
    return result
  }

  private func field(
    _ field: JinjaText, _ arguments: Arguments, _ used: inout Int
  ) throws(JinjaError) -> JinjaText {
    let parts = field.pieces(at: ":", limit: 1)
    var name = parts[0]
    var isSpelled = false
    if name.hasSuffix("!r") || name.hasSuffix("!s") {
      isSpelled = name.hasSuffix("!r")
      name = JinjaText(name.scalars.dropLast(2))
    }
    let value: JinjaValue?
    if name.isEmpty {
      value = arguments.positional.indices.contains(used) ? arguments.positional[used] : nil
      used += 1
    } else if let place = Int(name.string) {
      value = arguments.positional.indices.contains(place) ? arguments.positional[place] : nil
    } else {
      if name.contains(".") || name.contains("[") {
        throw .unsupported("'{\(name.string)}' in a format")
      }
      value = arguments.named[name.string]
    }
    guard var value else { throw .failed("a format has a place without a value") }
    if isSpelled { value = .text(try value.spelled()) }
    var reader = FormatReader(parts.count > 1 ? parts[1] : "")
    return try braceSpecification(&reader).text(of: value)
  }

  private func braceSpecification(
    _ reader: inout FormatReader
  ) throws(JinjaError) -> FormatSpecification {
    var specification = FormatSpecification()
    let alignments = "<>^=".unicodeScalars
    let start = reader.rest
    if let second = start.dropFirst().first?.scalar, alignments.contains(second) {
      specification.fill = reader.pop()?.scalar ?? " "
    }
    if let first = reader.next, alignments.contains(first) {
      specification.alignment = reader.pop()?.scalar
    }
    if let sign = reader.next, "+- ".unicodeScalars.contains(sign) {
      _ = reader.pop()
      specification.sign = sign == "-" ? nil : sign
    }
    if reader.next == "0", specification.alignment == nil {
      (specification.alignment, specification.fill) = ("=", "0")
    }
    specification.width = reader.number() ?? 0
    if reader.next == "." {
      _ = reader.pop()
      specification.precision = reader.number() ?? 0
    }
    specification.letter = reader.pop()?.scalar
    if reader.next != nil { throw .unsupported("a format such as '{:…}' with more than a kind") }
    return specification
  }
}
