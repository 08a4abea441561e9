extension JinjaValue {
  /// What `str` of Python gives, which is what `{{ … }}` writes.
  func words() throws(JinjaError) -> JinjaText {
    switch self {
    case .undefined: return ""
    case .text(let text): return text
    default: return try spelled()
    }
  }

  /// What `repr` of Python gives, which is how values stand inside of lists.
  func spelled() throws(JinjaError) -> JinjaText {
    switch self {
    case .undefined: return "Undefined"
    case .none: return "None"
    case .bool(let value): return value ? "True" : "False"
    case .int(let value): return JinjaText(String(value))
    case .float(let value): return JinjaText(FloatWords.words(value))
    case .text(let text): return text.quoted
    case .sequence(let sequence): return try sequence.spelled()
    case .mapping(let mapping):
      var parts: [JinjaText] = []
      for (key, value) in zip(mapping.keys, mapping.values) {
        parts.append(try key.spelled() + ": " + value.spelled())
      }
      return "{" + JinjaText.joined(parts, by: ", ") + "}"
    case .namespace, .callable, .loop: throw .unsupported("writing out \(kind)")
    }
  }
}

extension JinjaSequence {
  fileprivate func spelled() throws(JinjaError) -> JinjaText {
    var parts: [JinjaText] = []
    for item in items { parts.append(try item.spelled()) }
    let inner = JinjaText.joined(parts, by: ", ")
    switch kind {
    case .list: return "[" + inner + "]"
    case .tuple: return "(" + inner + (items.count == 1 ? ",)" : ")")
    case .keys: return "dict_keys([" + inner + "])"
    case .values: return "dict_values([" + inner + "])"
    case .items: return "dict_items([" + inner + "])"
    case .range, .generator: throw .unsupported("writing out a generator")
    }
  }
}

extension JinjaText {
  /// The texts with `separator` between them.
  static func joined(_ texts: [JinjaText], by separator: JinjaText) -> JinjaText {
    var scalars: [MarkedScalar] = []
    scalars.reserveCapacity(texts.reduce(0) { $0 + $1.count + separator.count })
    for (index, text) in texts.enumerated() {
      if index > 0 { scalars += separator.scalars }
      scalars += text.scalars
    }
    return JinjaText(scalars)
  }

  /// The text in quotes, as Python writes it in a list.
  fileprivate var quoted: JinjaText {
    let values = Set(scalars.lazy.map(\.value))
    let quote: Unicode.Scalar = values.contains(0x27) && !values.contains(0x22) ? "\"" : "'"
    let end = [MarkedScalar(quote)]
    return JinjaText(end + scalars.flatMap { $0.escaped(in: quote) } + end)
  }
}

extension MarkedScalar {
  fileprivate func escaped(in quote: Unicode.Scalar) -> [MarkedScalar] {
    switch scalar {
    case "\\", quote: return spelled("\\\(scalar)")
    case "\n": return spelled("\\n")
    case "\r": return spelled("\\r")
    case "\t": return spelled("\\t")
    default: break
    }
    if isPrintable { return [self] }
    if value < 0x100 { return spelled("\\x" + hexadecimal(2)) }
    return value < 0x1_0000
      ? spelled("\\u" + hexadecimal(4)) : spelled("\\U" + hexadecimal(8))
  }

  /// These scalars, from the same place.
  func spelled(_ text: String) -> [MarkedScalar] { text.unicodeScalars.map(with) }

  /// The number of the scalar in hexadecimal digits.
  func hexadecimal(_ width: Int) -> String { Self.hexadecimal(value, width) }

  /// A number in hexadecimal digits.
  static func hexadecimal(_ value: UInt32, _ width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
