extension Interpreter {
  /// Runs one statement.
  mutating func run(_ kind: Statement.Kind) throws(JinjaError) -> Flow {
    switch kind {
    case .text(let text): try write(text)
    case .output(let expression): try write(try value(of: expression).words())
    case .branch(let branches, let otherwise): return try run(branches, otherwise: otherwise)
    case .loop(let loop): try run(loop)
    case .set(let target, let expression): try assign(value(of: expression), to: target)
    case .catchInto(let target, let filters, let body):
      try assign(try caught(body, through: filters), to: target)
    case .filtered(let filters, let body):
      try write(try caught(body, through: filters).words())
    case .macro(let macro): set(macro.name, to: define(macro))
    case .call(let call, let caller): try run(call, caller: caller)
    case .scope(let bindings, let body): return try run(bindings, body)
    case .leaveLoop: return .leaveLoop
    case .nextRound: return .nextRound
    }
    return .next
  }

  private mutating func write(_ text: JinjaText) throws(JinjaError) {
    try spend(text.count)
    self.text += text
  }

  private mutating func run(
    _ branches: [Statement.Branch], otherwise: [Statement]
  ) throws(JinjaError) -> Flow {
    for branch in branches where try value(of: branch.condition).isTrue {
      return try run(branch.body)
    }
    return try run(otherwise)
  }

  private mutating func run(_ loop: Statement.Loop) throws(JinjaError) {
    var items = try elements(of: try value(of: loop.items))
    if let condition = loop.condition {
      var kept: [JinjaValue] = []
      for item in items {
        let stays = try inScope { (self) throws(JinjaError) in
          try self.assign(item, to: loop.target)
          return try self.value(of: condition).isTrue
        }
        if stays { kept.append(item) }
      }
      items = kept
    }
    if items.isEmpty {
      _ = try inScope { (self) throws(JinjaError) in try self.run(loop.otherwise) }
      return
    }
    for index in items.indices {
      try spend(1)
      let state = JinjaLoop(items: items, index: index)
      let flow = try inScope { (self) throws(JinjaError) in
        self.set("loop", to: .loop(state))
        try self.assign(items[index], to: loop.target)
        return try self.run(loop.body)
      }
      if flow == .leaveLoop { break }
    }
  }

  /// Gives the names of `target` what `value` holds.
  mutating func assign(
    _ value: JinjaValue, to target: Statement.Target
  ) throws(JinjaError) {
    switch target {
    case .name(let name): set(name, to: value)
    case .names(let targets):
      let items = try elements(of: value)
      guard items.count == targets.count else {
        throw .failed("\(items.count) values are given to \(targets.count) names")
      }
      for (item, target) in zip(items, targets) { try assign(item, to: target) }
    case .attribute(let name, let attribute):
      guard case .namespace(let id) = self.value(of: name) ?? .none else {
        throw .failed("'\(name)' is no namespace, so '\(name).\(attribute)' cannot be set")
      }
      namespaces[id][attribute] = value
    }
  }

  /// What `body` writes, after the filters over it.
  private mutating func caught(
    _ body: [Statement], through filters: Expression
  ) throws(JinjaError) -> JinjaValue {
    let outer = caught
    defer { caught = outer }
    caught = .text(
      try inScope { (self) throws(JinjaError) in try self.output(of: body) })
    return try value(of: filters)
  }

  private mutating func run(
    _ bindings: [(Statement.Target, Expression)], _ body: [Statement]
  ) throws(JinjaError) -> Flow {
    var values: [JinjaValue] = []
    for (_, expression) in bindings { values.append(try value(of: expression)) }
    return try inScope { (self) throws(JinjaError) in
      for (binding, value) in zip(bindings, values) { try self.assign(value, to: binding.0) }
      return try self.run(body)
    }
  }

  private mutating func run(
    _ call: Expression, caller: Statement.Macro
  ) throws(JinjaError) {
    guard case .call(let function, let arguments) = call else { return }
    var given = try self.arguments(arguments)
    given.named["caller"] = define(caller)
    try write(try self.call(try value(of: function), given).words())
  }
}
