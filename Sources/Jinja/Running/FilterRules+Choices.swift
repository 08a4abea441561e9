extension FilterRules {
  /// Filters that choose, order or change elements, by an attribute, a test or another filter.
  mutating func choiceFilter(
    _ name: String, _ value: JinjaValue, _ arguments: Arguments
  ) throws(JinjaError) -> JinjaValue? {
    switch name {
    case "join":
      var items = try elements(of: value)
      if let path = arguments.value(1, "attribute") { items = try attributes(path, of: items) }
      let separator = try (arguments.value(0, "d") ?? .text("")).words()
      return .text(try join(items, by: separator))
    // As in Jinja, whatever counts as false has no elements here.
    case _ where !value.isTrue && BuiltInNames.lenientFilters.contains(name): return .generator([])
    case "map": return .generator(try map(try elements(of: value), arguments))
    case "select", "reject":
      return .generator(
        try chosen(try elements(of: value), arguments, by: nil, keeping: name == "select"))
    case "selectattr", "rejectattr":
      let path = try arguments.required(0, "attribute")
      return .generator(
        try chosen(
          try elements(of: value), arguments.dropping(1), by: path, keeping: name == "selectattr"))
    case "sort": return .list(try sorted(try elements(of: value), arguments))
    case "unique": return .generator(try unique(try elements(of: value), arguments))
    case "min", "max": return try extreme(name, try elements(of: value), arguments)
    case "sum":
      var items = try elements(of: value)
      if let path = arguments.value(0, "attribute"), path != .none {
        items = try attributes(path, of: items)
      }
      var sum = arguments.value(1, "start") ?? .int(0)
      for item in items { sum = try apply(.add, sum, item) }
      return sum
    default: return nil
    }
  }

  /// What lies at `path`, such as `function.name`, in each element.
  private func attributes(
    _ path: JinjaValue, of items: [JinjaValue]
  ) throws(JinjaError) -> [JinjaValue] {
    var found: [JinjaValue] = []
    for item in items { found.append(try attribute(at: path, of: item)) }
    return found
  }

  private func attribute(
    at path: JinjaValue, of item: JinjaValue
  ) throws(JinjaError) -> JinjaValue {
    guard case .text(let text) = path else { return try self.item(path, of: item) }
    var value = item
    for part in text.pieces(at: ".", limit: .max) {
      let number = part.consists(of: \.isDigit) ? Int(part.string) : nil
      value = try self.item(number.map(JinjaValue.int) ?? .text(part), of: value)
    }
    return value
  }

  private mutating func map(
    _ items: [JinjaValue], _ arguments: Arguments
  ) throws(JinjaError) -> [JinjaValue] {
    try spend(items.count)
    if arguments.positional.isEmpty, let path = arguments.named["attribute"] {
      return try attributes(path, of: items).map {
        $0.isUndefined ? arguments.named["default"] ?? $0 : $0
      }
    }
    guard case .text(let name)? = arguments.positional.first else {
      throw .failed("'map' needs the name of a filter or an attribute")
    }
    var results: [JinjaValue] = []
    for item in items {
      results.append(try filter(name.string, item, arguments.dropping(1)))
    }
    return results
  }

  private mutating func chosen(
    _ items: [JinjaValue], _ arguments: Arguments, by path: JinjaValue?, keeping: Bool
  ) throws(JinjaError) -> [JinjaValue] {
    try spend(items.count)
    var kept: [JinjaValue] = []
    for item in items {
      let value = try path.map { (path) throws(JinjaError) in try attribute(at: path, of: item) }
      var holds = (value ?? item).isTrue
      if case .text(let name)? = arguments.positional.first {
        holds = try test(name.string, value ?? item, arguments.dropping(1))
      }
      if holds == keeping { kept.append(item) }
    }
    return kept
  }

  private mutating func sorted(
    _ items: [JinjaValue], _ arguments: Arguments
  ) throws(JinjaError) -> [JinjaValue] {
    try spend(items.count, times: 16)
    let minds = arguments.bool(1, "case_sensitive", or: false)
    let path = arguments.value(2, "attribute") ?? .none
    return try JinjaValue.sorted(items, descending: arguments.bool(0, "reverse", or: false)) {
      (item) throws(JinjaError) in
      guard path != .none else { return Self.folded(item, mindsCase: minds) }
      guard case .text(let text) = path else {
        return Self.folded(try self.attribute(at: path, of: item), mindsCase: minds)
      }
      var keys: [JinjaValue] = []
      for part in text.pieces(at: ",", limit: .max) {
        keys.append(
          Self.folded(try self.attribute(at: .text(part), of: item), mindsCase: minds))
      }
      return .list(keys)
    }
  }

  private mutating func unique(
    _ items: [JinjaValue], _ arguments: Arguments
  ) throws(JinjaError) -> [JinjaValue] {
    let minds = arguments.bool(0, "case_sensitive", or: false)
    var (seen, kept) = (Set<JinjaValue>(), [JinjaValue]())
    for item in items {
      var key = item
      if let path = arguments.value(1, "attribute") { key = try attribute(at: path, of: item) }
      if seen.insert(Self.folded(key, mindsCase: minds)).inserted { kept.append(item) }
    }
    return kept
  }

  private mutating func extreme(
    _ name: String, _ items: [JinjaValue], _ arguments: Arguments
  ) throws(JinjaError) -> JinjaValue {
    let minds = arguments.bool(0, "case_sensitive", or: false)
    let path = arguments.value(1, "attribute")
    func key(_ item: JinjaValue) throws(JinjaError) -> JinjaValue {
      let value = try path.map { (path) throws(JinjaError) in
        try self.attribute(at: path, of: item)
      }
      return Self.folded(value ?? item, mindsCase: minds)
    }
    var best: (key: JinjaValue, item: JinjaValue)?
    for item in items {
      let key = try key(item)
      guard let leader = best else {
        best = (key, item)
        continue
      }
      guard let isLess = name == "min" ? key.precedes(leader.key) : leader.key.precedes(key) else {
        throw .failed("\(key.kind) and \(leader.key.kind) have no order")
      }
      if isLess { best = (key, item) }
    }
    return best?.item ?? .undefined("the \(name) of nothing")
  }
}
