/// Writes a value as JSON, as `json.dumps` of Python does for the filter `tojson`.
struct JSONWriter {
  /// Spaces for each level; nil for one line.
  var indent: JinjaText?
  /// Between elements.
  var itemSeparator: JinjaText = ", "
  /// Between a key and its value.
  var keySeparator: JinjaText = ": "
  /// Whether keys are put in order.
  var sortsKeys = false
  /// Whether scalars beyond ASCII are written as `\uXXXX`.
  var escapesUnicode = false

  /// The JSON of `value`, which lies `level` deep.
  func text(of value: JinjaValue, level: Int = 0) throws(JinjaError) -> JinjaText {
    switch value {
    case .none: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .int(let value): return JinjaText(String(value))
    case .float(let value): return JinjaText(Self.number(value))
    case .text(let text): return quoted(text)
    case .sequence(let sequence) where sequence.kind == .list || sequence.kind == .tuple:
      var parts: [JinjaText] = []
      for item in sequence.items { parts.append(try text(of: item, level: level + 1)) }
      return enclosed(parts, "[", "]", level: level)
    case .mapping(let mapping):
      return enclosed(try pairs(of: mapping, level: level), "{", "}", level: level)
    default: throw .failed("\(value.kind) cannot be written as JSON")
    }
  }

  private func pairs(of mapping: JinjaMapping, level: Int) throws(JinjaError) -> [JinjaText] {
    var keys = mapping.keys
    if sortsKeys { keys = try JinjaValue.sorted(keys, by: { $0 }) }
    var parts: [JinjaText] = []
    for key in keys {
      let value = try text(of: mapping[key] ?? .none, level: level + 1)
      parts.append(try quoted(self.key(key)) + keySeparator + value)
    }
    return parts
  }

  private func key(_ key: JinjaValue) throws(JinjaError) -> JinjaText {
    switch key {
    case .text(let text): return text
    case .none, .bool, .int, .float: return try text(of: key)
    default: throw .failed("\(key.kind) cannot be a key in JSON")
    }
  }

  private func enclosed(
    _ parts: [JinjaText], _ open: JinjaText, _ close: JinjaText, level: Int
  ) -> JinjaText {
    guard let indent, !parts.isEmpty else {
      return open + JinjaText.joined(parts, by: itemSeparator) + close
    }
    func lineStart(_ level: Int) -> JinjaText {
      "\n" + JinjaText.joined(Array(repeating: indent, count: level), by: "")
    }
    let inner = JinjaText.joined(parts, by: itemSeparator + lineStart(level + 1))
    return open + lineStart(level + 1) + inner + lineStart(level) + close
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    return FloatWords.words(value)
  }

  private func quoted(_ text: JinjaText) -> JinjaText {
    JinjaText([MarkedScalar("\"")] + text.scalars.flatMap(escaped) + [MarkedScalar("\"")])
  }

  private func escaped(_ scalar: MarkedScalar) -> [MarkedScalar] {
    switch scalar.scalar {
    case "\"", "\\": return scalar.spelled("\\\(scalar.scalar)")
    case "\n": return scalar.spelled("\\n")
    case "\r": return scalar.spelled("\\r")
    case "\t": return scalar.spelled("\\t")
    case "\u{8}": return scalar.spelled("\\b")
    case "\u{C}": return scalar.spelled("\\f")
    default: break
    }
    if scalar.value < 0x20 || (escapesUnicode && scalar.value > 0x7E) {
      let units = String(scalar.scalar).utf16.map {
        "\\u" + MarkedScalar.hexadecimal(UInt32($0), 4)
      }
      return scalar.spelled(units.joined())
    }
    return [scalar]
  }
}

extension JinjaValue {
  /// The values in the order of their keys, equal ones as they stood; throws where two keys have no order.
  static func sorted(
    _ values: [JinjaValue], descending: Bool = false,
    by key: (JinjaValue) throws(JinjaError) -> JinjaValue
  ) throws(JinjaError) -> [JinjaValue] {
    var keyed: [(offset: Int, key: JinjaValue, value: JinjaValue)] = []
    for (offset, value) in values.enumerated() {
      keyed.append((offset, try key(value), value))
    }
    var clash: (JinjaValue, JinjaValue)?
    keyed.sort { a, b in
      guard let before = a.key.precedes(b.key), let after = b.key.precedes(a.key) else {
        clash = clash ?? (a.key, b.key)
        return a.offset < b.offset
      }
      if before == after { return a.offset < b.offset }
      return descending ? after : before
    }
    if let clash { throw .failed("\(clash.0.kind) and \(clash.1.kind) have no order") }
    return keyed.map(\.value)
  }
}
