extension ValueRules {
  /// The value with a sign in front.
  func signed(
    _ sign: Expression.Sign, _ value: JinjaValue
  ) throws(JinjaError) -> JinjaValue {
    if case .float(let number) = value { return .float(sign == .minus ? -number : number) }
    guard let number = value.wholeNumber else { throw .failed("\(value.kind) has no sign") }
    return sign == .minus
      ? .int(try Self.exact(0.subtractingReportingOverflow(number))) : .int(number)
  }

  /// A result that fits a whole number.
  static func exact(
    _ result: (partialValue: Int, overflow: Bool)
  ) throws(JinjaError) -> Int {
    guard !result.overflow else { throw .limit("a number is too large") }
    return result.partialValue
  }

  /// What an operator makes of two values.
  mutating func apply(
    _ binary: Expression.Operator, _ left: JinjaValue, _ right: JinjaValue
  ) throws(JinjaError) -> JinjaValue {
    if binary == .concatenate {
      let (first, second) = (try left.words(), try right.words())
      try spend(first.count + second.count)
      return .text(first + second)
    }
    if let a = left.wholeNumber, let b = right.wholeNumber { return try whole(binary, a, b) }
    if let a = left.number, let b = right.number { return .float(try real(binary, a, b)) }
    switch (binary, left, right) {
    case (.add, .text(let a), .text(let b)):
      try spend(a.count + b.count)
      return .text(a + b)
    case (.add, .sequence(let a), .sequence(let b))
    where a.kind == b.kind && (a.kind == .list || a.kind == .tuple):
      try spend(a.items.count + b.items.count)
      return .sequence(JinjaSequence(a.kind, a.items + b.items))
    case (.remainder, .text(let format), _):
      return .text(try percentFormat(format, right))
    case (.multiply, _, _):
      if let count = right.wholeNumber { return try repeated(left, count) }
      if let count = left.wholeNumber { return try repeated(right, count) }
    default: break
    }
    throw .failed("'\(binary.rawValue)' does not go with \(left.kind) and \(right.kind)")
  }

  private mutating func repeated(
    _ value: JinjaValue, _ count: Int
  ) throws(JinjaError) -> JinjaValue {
    try spend(max(count, 0), times: value.weight)
    switch value {
    case .text(let text):
      return .text(
        JinjaText(Array(repeating: text.scalars, count: max(count, 0)).joined()))
    case .sequence(let sequence) where sequence.kind == .list || sequence.kind == .tuple:
      let items = Array(repeating: sequence.items, count: max(count, 0)).joined()
      return .sequence(JinjaSequence(sequence.kind, Array(items)))
    default: throw .failed("'*' does not go with \(value.kind)")
    }
  }

  private func whole(
    _ binary: Expression.Operator, _ a: Int, _ b: Int
  ) throws(JinjaError) -> JinjaValue {
    switch binary {
    case .add: return .int(try Self.exact(a.addingReportingOverflow(b)))
    case .subtract: return .int(try Self.exact(a.subtractingReportingOverflow(b)))
    case .multiply: return .int(try Self.exact(a.multipliedReportingOverflow(by: b)))
    case .floorDivide, .remainder:
      guard b != 0 else { throw .failed("a division by zero") }
      let quotient = try Self.exact(a.dividedReportingOverflow(by: b))
      let rest = a - quotient * b
      let isBelow = rest != 0 && (rest < 0) != (b < 0)
      if binary == .remainder { return .int(isBelow ? rest + b : rest) }
      return .int(isBelow ? quotient - 1 : quotient)
    case .power where b >= 0: return .int(try Self.power(a, b))
    case .divide, .power, .concatenate:
      return .float(try real(binary, Double(a), Double(b)))
    }
  }

  private static func power(_ base: Int, _ exponent: Int) throws(JinjaError) -> Int {
    if exponent == 0 || base == 1 { return 1 }
    if base == 0 { return 0 }
    if base == -1 { return exponent % 2 == 0 ? 1 : -1 }
    guard exponent < 64 else { throw .limit("a number is too large") }
    var result = 1
    for _ in 0..<exponent { result = try exact(result.multipliedReportingOverflow(by: base)) }
    return result
  }

  private func real(
    _ binary: Expression.Operator, _ a: Double, _ b: Double
  ) throws(JinjaError) -> Double {
    switch binary {
    case .add: return a + b
    case .subtract: return a - b
    case .multiply: return a * b
    case .power: throw .unsupported("'**' with a fraction")
    case .divide, .floorDivide, .remainder, .concatenate:
      guard b != 0 else { throw .failed("a division by zero") }
      if binary == .divide { return a / b }
      if binary == .floorDivide { return (a / b).rounded(.down) }
      let rest = a.truncatingRemainder(dividingBy: b)
      return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
    }
  }

  /// Whether a comparison holds.
  mutating func compare(
    _ left: JinjaValue, _ comparison: Expression.Comparison, _ right: JinjaValue
  ) throws(JinjaError) -> Bool {
    try spend(min(left.weight, right.weight) / 16)
    switch comparison {
    case .equal: return left == right
    case .unequal: return left != right
    case .isIn: return try contains(right, left)
    case .isNotIn: return !(try contains(right, left))
    case .less, .greaterOrEqual: return try precedes(left, right) == (comparison == .less)
    case .greater, .lessOrEqual: return try precedes(right, left) == (comparison == .greater)
    }
  }

  private func precedes(_ left: JinjaValue, _ right: JinjaValue) throws(JinjaError) -> Bool {
    guard let answer = left.precedes(right) else {
      throw .failed("\(left.kind) and \(right.kind) have no order")
    }
    return answer
  }

  /// Whether `value` is in `container`.
  mutating func contains(
    _ container: JinjaValue, _ value: JinjaValue
  ) throws(JinjaError) -> Bool {
    switch container {
    case .text(let text):
      guard case .text(let part) = value else {
        throw .failed("\(value.kind) cannot be looked for in a text")
      }
      try spend(text.count / 4)
      return text.contains(part)
    case .sequence(let sequence):
      try spend(sequence.items.count, times: 1 + value.weight / 16)
      return sequence.items.contains(value)
    case .mapping(let mapping): return mapping[try key(value)] != nil
    case .undefined: return false
    default: throw .failed("nothing can be looked for in \(container.kind)")
    }
  }
}
