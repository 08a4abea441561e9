extension FilterRules {
  /// What a filter makes of a value.
  mutating func filter(
    _ name: String, _ value: JinjaValue, _ arguments: Arguments
  ) throws(JinjaError) -> JinjaValue {
    try spend(value.weight / 4)
    if let result = try textFilter(name, value, arguments) { return result }
    if let result = try numberFilter(name, value, arguments) { return result }
    if let result = try listFilter(name, value, arguments) { return result }
    if let result = try choiceFilter(name, value, arguments) { return result }
    throw .unsupported("filter '\(name)'")
  }

  private mutating func textFilter(
    _ name: String, _ value: JinjaValue, _ arguments: Arguments
  ) throws(JinjaError) -> JinjaValue? {
    switch name {
    case "trim":
      let set = try arguments.text(0, "chars")
      return .text(try value.words().stripped(of: set))
    case "upper": return .text(try value.words().uppercased)
    case "lower": return .text(try value.words().lowercased)
    case "capitalize": return .text(try value.words().capitalized)
    case "title": return .text(try value.words().titledByWord)
    case "string", "safe": return .text(try value.words())
    case "replace": return .text(try replace(in: try value.words(), arguments))
    case "indent":
      guard case .text(let text) = value else {
        throw .failed("'indent' needs a text, and gets \(value.kind)")
      }
      return .text(try indent(text, arguments))
    case "wordcount": return .int(try value.words().wordCount)
    case "format":
      let format = try value.words()
      if !arguments.order.isEmpty {
        var mapping = JinjaMapping()
        for name in arguments.order { mapping[name] = arguments.named[name] }
        return .text(try percentFormat(format, .mapping(mapping)))
      }
      return .text(try percentFormat(format, .tuple(arguments.positional)))
    case "tojson":
      let text = try json(arguments).text(of: value)
      try spend(text.count)
      return .text(text)
    default: return nil
    }
  }

  /// How `tojson` writes, as the libraries of Hugging Face define it.
  private func json(_ arguments: Arguments) throws(JinjaError) -> JSONWriter {
    var writer = JSONWriter()
    writer.escapesUnicode = arguments.bool(0, "ensure_ascii", or: false)
    writer.sortsKeys = arguments.bool(3, "sort_keys", or: false)
    switch arguments.value(1, "indent") {
    case nil, JinjaValue.none?: break
    case .text(let text)?: writer.indent = text
    case _?:
      let width = try arguments.int(1, "indent", or: 0)
      guard width <= 100 else { throw .limit("an indent is wider than 100") }
      writer.indent = JinjaText(String(repeating: " ", count: max(0, width)))
    }
    if writer.indent != nil { writer.itemSeparator = "," }
    if case .sequence(let pair)? = arguments.value(2, "separators"), pair.items.count == 2 {
      writer.itemSeparator = try pair.items[0].words()
      writer.keySeparator = try pair.items[1].words()
    }
    return writer
  }

  private mutating func indent(
    _ text: JinjaText, _ arguments: Arguments
  ) throws(JinjaError) -> JinjaText {
    var margin = JinjaText("")
    if case .text(let given)? = arguments.value(0, "width") {
      margin = given
    } else {
      let width = max(0, try arguments.int(0, "width", or: 4))
      try spend(width)
      margin = JinjaText(String(repeating: " ", count: width))
    }
    let withBlank = arguments.bool(2, "blank", or: false)
    // An empty text is one line here.
    let lines = (text + "\n").lines()
    try spend(lines.count, times: margin.count)
    var result = lines.first ?? ""
    for line in lines.dropFirst() {
      result += "\n"
      result += line.isEmpty && !withBlank ? line : margin + line
    }
    return arguments.bool(1, "first", or: false) ? margin + result : result
  }

  private func numberFilter(
    _ name: String, _ value: JinjaValue, _ arguments: Arguments
  ) throws(JinjaError) -> JinjaValue? {
    switch name {
    case "length", "count": return .int(try length(of: value))
    case "int": return try int(of: value, arguments)
    case "float":
      if let number = value.number { return .float(number) }
      if case .undefined(let what) = value { throw .failed("'\(what)' is undefined") }
      let number = value.text.flatMap { Double($0.stripped().string) }
      return number.map(JinjaValue.float) ?? arguments.value(0, "default") ?? .float(0)
    case "abs":
      if case .float(let number) = value { return .float(number.magnitude) }
      guard let number = value.wholeNumber else { throw .failed("\(value.kind) has no sign") }
      return number < 0 ? try signed(.minus, value) : .int(number)
    case "round": return try rounded(value, arguments)
    default: return nil
    }
  }

  /// How many scalars or elements there are.
  private func length(of value: JinjaValue) throws(JinjaError) -> Int {
    switch value {
    case .text(let text): return text.count
    case .mapping(let mapping): return mapping.count
    case .sequence(let sequence) where sequence.kind != .generator: return sequence.items.count
    case .undefined: return 0
    case .loop(let loop): return loop.items.count
    default: throw .failed("\(value.kind) has no length")
    }
  }

  private func int(
    of value: JinjaValue, _ arguments: Arguments
  ) throws(JinjaError) -> JinjaValue {
    if let number = value.wholeNumber { return .int(number) }
    let standard = arguments.value(0, "default") ?? .int(0)
    switch value {
    case .undefined(let what): throw .failed("'\(what)' is undefined")
    case .float(let number):
      return Int(exactly: number.rounded(.towardZero)).map(JinjaValue.int) ?? standard
    case .text(let text):
      let base = try arguments.int(1, "base", or: 10)
      guard (2...36).contains(base) else { throw .unsupported("the base \(base)") }
      let spelling = text.stripped().string.replacing("_", with: "")
      if let number = Int(spelling, radix: base) { return .int(number) }
      guard let number = Double(spelling) else { return standard }
      return Int(exactly: number.rounded(.towardZero)).map(JinjaValue.int) ?? standard
    default: return standard
    }
  }

  private func rounded(
    _ value: JinjaValue, _ arguments: Arguments
  ) throws(JinjaError) -> JinjaValue {
    guard let number = value.number else { throw .failed("\(value.kind) cannot be rounded") }
    if let whole = value.wholeNumber, arguments.value(1, "method") == nil { return .int(whole) }
    let places = try arguments.int(0, "precision", or: 0)
    guard (0...15).contains(places) else { throw .unsupported("'round' to \(places) places") }
    let scale = (0..<places).reduce(1.0) { power, _ in power * 10 }
    switch try arguments.text(1, "method")?.string ?? "common" {
    case "ceil": return .float((number * scale).rounded(.up) / scale)
    case "floor": return .float((number * scale).rounded(.down) / scale)
    default: return .float(Double(FloatWords.fixed(number, places: places)) ?? number)
    }
  }
}
