extension Parser {
  /// Reads a statement whose `{%` is taken.
  mutating func statement() throws(JinjaError) -> Statement.Kind {
    let line = token.line
    let word = try name()
    switch word {
    case "if": return try branch()
    case "for": return try loop()
    case "set": return try set()
    case "macro": return try macro()
    case "call": return try callBlock()
    case "filter": return try filterBlock()
    case "with": return try with()
    case "generation":
      try expect(.tagEnd)
      return .scope([], try lastBody(until: "endgeneration"))
    case "break":
      try expect(.tagEnd)
      return .leaveLoop
    case "continue":
      try expect(.tagEnd)
      return .nextRound
    case "include", "import", "from", "extends", "block", "do", "autoescape", "trans", "debug":
      throw JinjaError.unsupported("'\(word)'").at(line)
    default: throw .syntax("'\(word)' begins no statement here", line: line)
    }
  }

  /// Reads up to and with the tag `end`.
  private mutating func lastBody(until end: String) throws(JinjaError) -> [Statement] {
    let statements = try body(until: [end])
    move()
    try expect(.tagEnd)
    return statements
  }

  private mutating func branch() throws(JinjaError) -> Statement.Kind {
    var branches: [Statement.Branch] = []
    var otherwise: [Statement] = []
    while true {
      let condition = try expressions(withConditionals: false)
      try expect(.tagEnd)
      let body = try body(until: ["elif", "else", "endif"])
      branches.append(Statement.Branch(condition: condition, body: body))
      if skipWord("elif") { continue }
      if skipWord("else") {
        try expect(.tagEnd)
        otherwise = try self.body(until: ["endif"])
      }
      try expect(.name("endif"))
      try expect(.tagEnd)
      return .branch(branches, otherwise: otherwise)
    }
  }

  private mutating func loop() throws(JinjaError) -> Statement.Kind {
    let target = try target()
    try expect(.name("in"))
    let items = try expressions(withConditionals: false)
    let condition = skipWord("if") ? try expression() : nil
    if hasWord("recursive") { throw JinjaError.unsupported("'for … recursive'").at(token.line) }
    try expect(.tagEnd)
    let body = try body(until: ["else", "endfor"])
    var otherwise: [Statement] = []
    if skipWord("else") {
      try expect(.tagEnd)
      otherwise = try self.body(until: ["endfor"])
    }
    try expect(.name("endfor"))
    try expect(.tagEnd)
    return .loop(
      Statement.Loop(
        target: target, items: items, condition: condition, body: body, otherwise: otherwise))
  }

  private mutating func target() throws(JinjaError) -> Statement.Target {
    var targets = [try oneTarget()]
    var isTuple = false
    while skip(",") {
      isTuple = true
      guard case .name(let word) = kind, word != "in" else {
        guard has("(") else { break }
        targets.append(try oneTarget())
        continue
      }
      targets.append(try oneTarget())
    }
    return isTuple ? .names(targets) : targets[0]
  }

  private mutating func oneTarget() throws(JinjaError) -> Statement.Target {
    if has("(") {
      return try deeper { parser throws(JinjaError) in
        parser.move()
        let inner = try parser.target()
        try parser.expect(.symbol(")"))
        return inner
      }
    }
    let line = token.line
    let name = try name()
    if ["true", "false", "none", "True", "False", "None"].contains(name) {
      throw .syntax("'\(name)' cannot be given a value", line: line)
    }
    return skip(".") ? .attribute(name, try self.name()) : .name(name)
  }

  private mutating func set() throws(JinjaError) -> Statement.Kind {
    let target = try target()
    if skip("=") {
      let value = try expressions()
      try expect(.tagEnd)
      return .set(target, value)
    }
    let filters = try filters(of: .caught)
    try expect(.tagEnd)
    return .catchInto(target, filters, try lastBody(until: "endset"))
  }

  private mutating func filterBlock() throws(JinjaError) -> Statement.Kind {
    let filters = try filters(of: try filter(of: .caught))
    try expect(.tagEnd)
    return .filtered(filters, try lastBody(until: "endfilter"))
  }

  private mutating func with() throws(JinjaError) -> Statement.Kind {
    var bindings: [(Statement.Target, Expression)] = []
    while kind != .tagEnd {
      if !bindings.isEmpty { try expect(.symbol(",")) }
      let target = try oneTarget()
      try expect(.symbol("="))
      bindings.append((target, try expression()))
    }
    try expect(.tagEnd)
    return .scope(bindings, try lastBody(until: "endwith"))
  }

  private mutating func macro() throws(JinjaError) -> Statement.Kind {
    let name = try name()
    let parameters = try parameters()
    try expect(.tagEnd)
    let body = try lastBody(until: "endmacro")
    return .macro(Statement.Macro(name: name, parameters: parameters, body: body))
  }

  private mutating func callBlock() throws(JinjaError) -> Statement.Kind {
    let parameters = has("(") ? try parameters() : []
    let line = token.line
    let call = try expression()
    guard case .call = call else { throw .syntax("a call is expected", line: line) }
    try expect(.tagEnd)
    let body = try lastBody(until: "endcall")
    return .call(
      call, caller: Statement.Macro(name: "caller", parameters: parameters, body: body))
  }

  private mutating func parameters() throws(JinjaError) -> [(name: String, standard: Expression?)] {
    try expect(.symbol("("))
    var parameters: [(name: String, standard: Expression?)] = []
    while !has(")") {
      if !parameters.isEmpty { try expect(.symbol(",")) }
      let name = try name()
      parameters.append((name, skip("=") ? try expression() : nil))
    }
    move()
    return parameters
  }
}
