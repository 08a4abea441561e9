extension FilterRules {
  /// Filters of lists and mappings that look at no attribute, and `default`.
  mutating func listFilter(
    _ name: String, _ value: JinjaValue, _ arguments: Arguments
  ) throws(JinjaError) -> JinjaValue? {
    switch name {
    case "default", "d":
      let isMissing =
        value.isUndefined || (arguments.bool(1, "boolean", or: false) && !value.isTrue)
      return isMissing ? arguments.value(0, "default_value") ?? .text("") : value
    case "list": return .list(try elements(of: value))
    case "items":
      if value.isUndefined { return .generator([]) }
      guard case .mapping(let mapping) = value else {
        throw .failed("'items' needs a mapping, and gets \(value.kind)")
      }
      return .generator(mapping.pairs)
    case "first": return try elements(of: value).first ?? .undefined("the first of nothing")
    case "last":
      if case .sequence(let sequence) = value, sequence.kind == .generator {
        throw .failed("a generator has no last element")
      }
      return try elements(of: value).last ?? .undefined("the last of nothing")
    case "reverse":
      if case .text(let text) = value { return .text(text.reversed) }
      if case .sequence(let sequence) = value, sequence.kind == .generator {
        return .list(sequence.items.reversed())
      }
      return .generator(try elements(of: value).reversed())
    case "batch": return try batch(try elements(of: value), arguments)
    case "dictsort": return try dictsort(value, arguments)
    default: return nil
    }
  }

  private mutating func batch(
    _ items: [JinjaValue], _ arguments: Arguments
  ) throws(JinjaError) -> JinjaValue {
    let width = try arguments.int(0, "linecount", or: 0)
    guard width > 0 else { throw .failed("'batch' needs a number above zero") }
    var batches: [JinjaValue] = []
    for start in stride(from: 0, to: items.count, by: width) {
      var batch = Array(items[start..<min(start + width, items.count)])
      if let filler = arguments.value(1, "fill_with"), batch.count < width {
        try spend(width)
        batch += Array(repeating: filler, count: width - batch.count)
      }
      batches.append(.list(batch))
    }
    return .generator(batches)
  }

  private mutating func dictsort(
    _ value: JinjaValue, _ arguments: Arguments
  ) throws(JinjaError) -> JinjaValue {
    guard case .mapping(let mapping) = value else {
      throw .failed("'dictsort' needs a mapping, and gets \(value.kind)")
    }
    let by = try arguments.text(1, "by")?.string ?? "key"
    guard by == "key" || by == "value" else { throw .failed("'dictsort' sorts by key or value") }
    let minds = arguments.bool(0, "case_sensitive", or: false)
    try spend(mapping.count, times: 16)
    return .list(
      try JinjaValue.sorted(mapping.pairs, descending: arguments.bool(2, "reverse", or: false)) {
        (pair) throws(JinjaError) in
        guard case .sequence(let parts) = pair else { return pair }
        return Self.folded(parts.items[by == "key" ? 0 : 1], mindsCase: minds)
      })
  }

  /// A key for sorting, in small letters unless capital ones matter.
  static func folded(_ value: JinjaValue, mindsCase: Bool) -> JinjaValue {
    guard !mindsCase, case .text(let text) = value else { return value }
    return .text(text.lowercased)
  }
}
