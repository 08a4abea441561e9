extension Parser {
  /// Reads an expression, or several with commas between them as a tuple.
  mutating func expressions(withConditionals: Bool = true) throws(JinjaError) -> Expression {
    func one(_ parser: inout Parser) throws(JinjaError) -> Expression {
      withConditionals ? try parser.expression() : try parser.disjunction()
    }
    if has(")") { return .tuple([]) }
    let first = try one(&self)
    guard has(",") else { return first }
    var items = [first]
    while skip(",") {
      if endsTuple { break }
      items.append(try one(&self))
    }
    return .tuple(items)
  }

  private var endsTuple: Bool {
    switch kind {
    case .outputEnd, .tagEnd, .symbol(")"), .name("in"), .name("recursive"): true
    default: false
    }
  }

  /// Reads one expression.
  mutating func expression() throws(JinjaError) -> Expression {
    try deeper { parser throws(JinjaError) in
      var value = try parser.disjunction()
      while parser.skipWord("if") {
        try parser.link()
        let condition = try parser.disjunction()
        let otherwise = parser.skipWord("else") ? try parser.expression() : nil
        value = .conditional(condition, then: value, otherwise: otherwise)
      }
      return value
    }
  }

  /// Reads what `or` joins.
  mutating func disjunction() throws(JinjaError) -> Expression {
    var value = try conjunction()
    while skipWord("or") {
      try link()
      value = .or(value, try conjunction())
    }
    return value
  }

  private mutating func conjunction() throws(JinjaError) -> Expression {
    var value = try negation()
    while skipWord("and") {
      try link()
      value = .and(value, try negation())
    }
    return value
  }

  private mutating func negation() throws(JinjaError) -> Expression {
    guard skipWord("not") else { return try comparison() }
    return .not(try deeper { parser throws(JinjaError) in try parser.negation() })
  }

  private mutating func comparison() throws(JinjaError) -> Expression {
    let first = try operation(level: 0)
    var links: [Expression.Link] = []
    while let comparison = nextComparison() {
      try link()
      links.append(Expression.Link(comparison: comparison, operand: try operation(level: 0)))
    }
    return links.isEmpty ? first : .comparison(first, links)
  }

  /// Moves behind a comparison if one is next.
  private mutating func nextComparison() -> Expression.Comparison? {
    if skipWord("in") { return .isIn }
    if hasWord("not"), following == .name("in") {
      move()
      move()
      return .isNotIn
    }
    guard case .symbol(let symbol) = kind, let found = Expression.Comparison(rawValue: symbol)
    else {
      return nil
    }
    move()
    return found
  }

  /// The operators from the ones that bind least.
  private static let operators: [[Expression.Operator]] = [
    [.add, .subtract], [.concatenate], [.multiply, .divide, .floorDivide, .remainder], [.power],
  ]

  private mutating func operation(level: Int) throws(JinjaError) -> Expression {
    guard level < Self.operators.count else { return try unary() }
    var value = try operation(level: level + 1)
    while case .symbol(let symbol) = kind, let found = Expression.Operator(rawValue: symbol),
      Self.operators[level].contains(found)
    {
      move()
      try link()
      value = .binary(found, value, try operation(level: level + 1))
    }
    return value
  }

  private mutating func unary(withFilters: Bool = true) throws(JinjaError) -> Expression {
    let value: Expression
    if has("-") || has("+") {
      let sign: Expression.Sign = has("-") ? .minus : .plus
      move()
      value = .sign(
        sign, try deeper { parser throws(JinjaError) in try parser.unary(withFilters: false) })
    } else {
      value = try primary()
    }
    let whole = try postfix(of: value)
    return withFilters ? try filters(of: whole) : whole
  }

  /// Reads a name, a number, a text or something in brackets.
  mutating func primary() throws(JinjaError) -> Expression {
    let token = token
    move()
    switch token.kind {
    case .name("true"), .name("True"): return .constant(.bool(true))
    case .name("false"), .name("False"): return .constant(.bool(false))
    case .name("none"), .name("None"): return .constant(.none)
    case .name(let name): return .name(name)
    case .int(let value): return .constant(.int(value))
    case .float(let value): return .constant(.float(value))
    case .string(var string):
      while case .string(let more) = kind {
        string += more
        move()
      }
      return .constant(.text(JinjaText(string)))
    case .symbol("("):
      let inner = try deeper { parser throws(JinjaError) in try parser.expressions() }
      try expect(.symbol(")"))
      return inner
    case .symbol("["): return .list(try items(until: "]"))
    case .symbol("{"): return try mapping()
    default: throw .syntax("\(token.words) is not expected", line: token.line)
    }
  }

  private mutating func items(until end: String) throws(JinjaError) -> [Expression] {
    var items: [Expression] = []
    while !has(end) {
      if !items.isEmpty {
        try expect(.symbol(","))
        if has(end) { break }
      }
      items.append(try expression())
    }
    move()
    return items
  }

  private mutating func mapping() throws(JinjaError) -> Expression {
    var pairs: [Expression.Pair] = []
    while !has("}") {
      if !pairs.isEmpty {
        try expect(.symbol(","))
        if has("}") { break }
      }
      let key = try expression()
      try expect(.symbol(":"))
      pairs.append(Expression.Pair(key: key, value: try expression()))
    }
    move()
    return .mapping(pairs)
  }

  /// Reads attributes, items and calls behind a value.
  mutating func postfix(of value: Expression) throws(JinjaError) -> Expression {
    var value = value
    while true {
      if skip(".") {
        value = try attribute(of: value)
      } else if skip("[") {
        value = try subscripted(value)
      } else if has("(") {
        value = .call(value, try arguments())
      } else {
        return value
      }
      try link()
    }
  }

  private mutating func attribute(of value: Expression) throws(JinjaError) -> Expression {
    if case .int(let number) = kind {
      move()
      return .item(value, .constant(.int(number)))
    }
    return .attribute(value, try name())
  }

  private mutating func subscripted(_ value: Expression) throws(JinjaError) -> Expression {
    let line = token.line
    let start = has(":") ? nil : try expression()
    guard skip(":") else {
      guard let start else { throw unexpected() }
      if has(",") { throw JinjaError.unsupported("several indices").at(line) }
      try expect(.symbol("]"))
      return .item(value, start)
    }
    let stop = has(":") || has("]") ? nil : try expression()
    let step = skip(":") && !has("]") ? try expression() : nil
    try expect(.symbol("]"))
    return .slice(value, start: start, stop: stop, step: step)
  }

  /// Reads what stands in the brackets of a call.
  mutating func arguments() throws(JinjaError) -> Expression.Arguments {
    try expect(.symbol("("))
    var arguments = Expression.Arguments()
    var isFirst = true
    while !has(")") {
      if !isFirst {
        try expect(.symbol(","))
        if has(")") { break }
      }
      isFirst = false
      if arguments.spread == nil, skip("*") {
        arguments.spread = try expression()
      } else if arguments.namedSpread == nil, skip("**") {
        arguments.namedSpread = try expression()
      } else if case .name(let name) = kind, following == .symbol("=") {
        move()
        move()
        arguments.named.append((name, try expression()))
      } else if arguments.named.isEmpty {
        arguments.positional.append(try expression())
      } else {
        throw .syntax("an argument without a name stands behind one with", line: token.line)
      }
    }
    move()
    return arguments
  }

  /// Reads filters, tests and calls behind a value.
  mutating func filters(of value: Expression) throws(JinjaError) -> Expression {
    var value = value
    while true {
      if skip("|") {
        value = try filter(of: value)
      } else if skipWord("is") {
        value = try test(of: value)
      } else if has("("), !isCaught(value) {
        value = .call(value, try arguments())
      } else {
        return value
      }
      try link()
    }
  }

  private func isCaught(_ value: Expression) -> Bool {
    if case .caught = value { true } else { false }
  }

  /// Reads the name of a filter and its arguments.
  mutating func filter(of value: Expression) throws(JinjaError) -> Expression {
    let name = try dottedName()
    return .filter(value, name, has("(") ? try arguments() : Expression.Arguments())
  }

  private mutating func dottedName() throws(JinjaError) -> String {
    var name = try name()
    while skip(".") { name += "." + (try self.name()) }
    return name
  }

  private mutating func test(of value: Expression) throws(JinjaError) -> Expression {
    let isNegated = skipWord("not")
    let name = try dottedName()
    var arguments = Expression.Arguments()
    if has("(") {
      arguments = try self.arguments()
    } else if beginsOperand {
      if hasWord("is") { throw .syntax("'is' cannot follow a test", line: token.line) }
      let operand = try deeper { parser throws(JinjaError) in
        try parser.postfix(of: try parser.primary())
      }
      arguments.positional = [operand]
    }
    let test = Expression.test(value, name, arguments)
    return isNegated ? .not(test) : test
  }

  /// Whether a test has an operand without brackets.
  private var beginsOperand: Bool {
    switch kind {
    case .name("else"), .name("or"), .name("and"): false
    case .name, .string, .int, .float, .symbol("["), .symbol("{"): true
    default: false
    }
  }
}
