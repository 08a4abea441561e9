extension FilterRules {
  /// Whether a test on a value holds.
  mutating func test(
    _ name: String, _ value: JinjaValue, _ arguments: Arguments
  ) throws(JinjaError) -> Bool {
    if let comparison = BuiltInNames.comparisons[name] {
      return try compare(value, comparison, try arguments.required(0, "other"))
    }
    if let answer = try kindTest(name, value) { return answer }
    switch name {
    case "sameas":
      let other = try arguments.required(0, "other")
      return Self.isSameKind(value, other) && value == other
    case "divisibleby":
      return try apply(.remainder, value, try arguments.required(0, "num")) == .int(0)
    case "odd", "even":
      return try apply(.remainder, value, .int(2)) == .int(name == "odd" ? 1 : 0)
    case "upper": return try value.words().hasOnlyCased(\.isUppercase)
    case "lower": return try value.words().hasOnlyCased(\.isLowercase)
    default: throw .unsupported("test '\(name)'")
    }
  }

  private func kindTest(_ name: String, _ value: JinjaValue) throws(JinjaError) -> Bool? {
    switch (name, value) {
    case ("defined", _): !value.isUndefined
    case ("undefined", _): value.isUndefined
    case ("none", .none), ("true", .bool(true)), ("false", .bool(false)): true
    case ("string", .text), ("mapping", .mapping), ("boolean", .bool): true
    case ("integer", .int), ("float", .float), ("callable", .callable): true
    case ("number", .int), ("number", .float), ("number", .bool): true
    case ("sequence", .text), ("sequence", .mapping), ("sequence", .undefined): true
    case ("sequence", .sequence(let sequence)): sequence.hasPlaces
    case ("iterable", .text), ("iterable", .mapping), ("iterable", .undefined): true
    case ("iterable", .sequence), ("iterable", .loop): true
    case ("none", _), ("true", _), ("false", _), ("string", _), ("mapping", _), ("boolean", _),
      ("integer", _), ("float", _), ("callable", _), ("number", _), ("sequence", _),
      ("iterable", _):
      false
    default: nil
    }
  }

  /// Whether `is` of Python could hold: `1 is True` never does.
  private static func isSameKind(_ left: JinjaValue, _ right: JinjaValue) -> Bool {
    switch (left, right) {
    case (.none, .none), (.bool, .bool), (.int, .int), (.float, .float), (.text, .text),
      (.namespace, .namespace), (.callable, .callable):
      true
    default: false
    }
  }
}
