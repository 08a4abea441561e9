extension Interpreter {
  /// What an expression comes to.
  mutating func value(of expression: Expression) throws(JinjaError) -> JinjaValue {
    switch expression {
    case .constant(let value): return value
    case .name(let name): return value(of: name) ?? .undefined(name)
    case .caught: return caught
    default:
      let value = try deeper { (self) throws(JinjaError) in try self.compute(expression) }
      guard value.depth <= Self.valueDepthLimit else {
        throw .limit("more than \(Self.valueDepthLimit) lists lie in one another")
      }
      return value
    }
  }

  /// Lists in lists.
  private static var valueDepthLimit: Int { 80 }

  private mutating func compute(_ expression: Expression) throws(JinjaError) -> JinjaValue {
    switch expression {
    case .constant, .name, .caught: return try value(of: expression)
    case .list(let items): return .list(try values(of: items))
    case .tuple(let items): return .tuple(try values(of: items))
    case .mapping(let pairs): return try mapping(pairs)
    case .attribute(let base, let name):
      return try attribute(name, of: try value(of: base))
    case .item(let base, let key): return try item(value(of: key), of: value(of: base))
    case .slice(let base, let start, let stop, let step):
      let sliced = try value(of: base)
      var bounds: [JinjaValue?] = []
      for bound in [start, stop, step] {
        bounds.append(try bound.map { (bound) throws(JinjaError) in try self.value(of: bound) })
      }
      return try slice(sliced, bounds)
    case .call(let function, let arguments):
      let callee = try value(of: function)
      return try call(callee, try self.arguments(arguments))
    case .filter(let base, let name, let arguments):
      let input = try value(of: base)
      return try filter(name, input, try self.arguments(arguments))
    case .test(let base, let name, let arguments):
      let input = try value(of: base)
      return .bool(try test(name, input, try self.arguments(arguments)))
    default: return try computeOperation(expression)
    }
  }

  private mutating func computeOperation(
    _ expression: Expression
  ) throws(JinjaError) -> JinjaValue {
    switch expression {
    case .not(let operand): return .bool(!(try value(of: operand).isTrue))
    case .and(let left, let right):
      let first = try value(of: left)
      return first.isTrue ? try value(of: right) : first
    case .or(let left, let right):
      let first = try value(of: left)
      return first.isTrue ? first : try value(of: right)
    case .sign(let sign, let operand): return try signed(sign, try value(of: operand))
    case .binary(let binary, let left, let right):
      let first = try value(of: left)
      return try apply(binary, first, try value(of: right))
    case .comparison(let first, let links): return try compare(first, links)
    case .conditional(let condition, let then, let otherwise):
      if try value(of: condition).isTrue { return try value(of: then) }
      return try otherwise.map { (other) throws(JinjaError) in try value(of: other) }
        ?? .undefined("the missing 'else'")
    default: throw .failed("this expression has no value")
    }
  }

  private mutating func values(of items: [Expression]) throws(JinjaError) -> [JinjaValue] {
    var values: [JinjaValue] = []
    for item in items { values.append(try value(of: item)) }
    return values
  }

  private mutating func mapping(_ pairs: [Expression.Pair]) throws(JinjaError) -> JinjaValue {
    var mapping = JinjaMapping()
    for pair in pairs {
      let key = try self.key(try value(of: pair.key))
      mapping[key] = try value(of: pair.value)
    }
    return .mapping(mapping)
  }

  /// What a call is given.
  mutating func arguments(
    _ written: Expression.Arguments
  ) throws(JinjaError) -> Arguments {
    var arguments = Arguments(positional: try values(of: written.positional))
    for (name, expression) in written.named {
      arguments.named[name] = try value(of: expression)
      arguments.order.append(name)
    }
    if let spread = written.spread {
      arguments.positional += try elements(of: try value(of: spread))
    }
    if let spread = written.namedSpread {
      guard case .mapping(let mapping) = try value(of: spread) else {
        throw .failed("'**' needs a mapping")
      }
      for (key, value) in zip(mapping.keys, mapping.values) {
        let name = try key.words().string
        arguments.named[name] = value
        arguments.order.append(name)
      }
    }
    return arguments
  }

  private mutating func compare(
    _ first: Expression, _ links: [Expression.Link]
  ) throws(JinjaError) -> JinjaValue {
    var left = try value(of: first)
    for link in links {
      let right = try value(of: link.operand)
      guard try compare(left, link.comparison, right) else { return .bool(false) }
      left = right
    }
    return .bool(true)
  }
}
