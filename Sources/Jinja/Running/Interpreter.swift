/// Runs a template once.
struct Interpreter: FilterRules {
  /// Statements and operations, and scalars and elements that were made, for a template that is given
  /// nothing; what it is given allows for more.
  private static let leastBudget = 8_000_000
  /// What each scalar that it is given allows for.
  private static let budgetPerScalar = 400
  /// Statements, operations and macros in one another.
  private static let depthLimit = 300

  /// Names, and the scope around them.
  private struct Scope {
    var values: [String: JinjaValue] = [:]
    let parent: Int?
    let number: Int
  }

  /// A macro and where it was written.
  struct Macro {
    let written: Statement.Macro
    fileprivate let scope: Int
    fileprivate let scopeNumber: Int
  }

  /// What `strftime_now` is told.
  let date: JinjaDate
  /// The text so far.
  var text = JinjaText("")
  /// What the block has caught whose filters are being run.
  var caught: JinjaValue = .none
  /// All macros so far.
  var macros: [Macro] = []
  /// All namespaces so far.
  var namespaces: [JinjaMapping] = []
  private var scopes: [Scope]
  private var scopeCount = 1
  private var depth = 0
  private var budget: Int
  /// The line of the statement that is being run.
  private var line = 0

  init(names: [String: JinjaValue], date: JinjaDate) {
    self.date = date
    scopes = [Scope(values: names, parent: nil, number: 0)]
    let given = names.values.reduce(0) { $0 + $1.size }
    budget = Self.leastBudget + min(given, 1 << 32) * Self.budgetPerScalar
  }

  /// The text that statements write.
  mutating func output(of statements: [Statement]) throws(JinjaError) -> JinjaText {
    let before = text
    text = ""
    defer { text = before }
    _ = try run(statements)
    return text
  }

  /// What happens after a statement.
  enum Flow { case next, leaveLoop, nextRound }

  /// Runs statements in order, until one leaves the loop around them.
  mutating func run(_ statements: [Statement]) throws(JinjaError) -> Flow {
    for statement in statements {
      let outer = line
      line = statement.line
      do {
        let flow = try deeper { (self) throws(JinjaError) in try self.run(statement.kind) }
        if flow != .next { return flow }
      } catch {
        throw error.at(line)
      }
      line = outer
    }
    return .next
  }

  /// Goes one level deeper.
  mutating func deeper<Result>(
    _ work: (inout Interpreter) throws(JinjaError) -> Result
  ) throws(JinjaError) -> Result {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else {
      throw .limit("more than \(Self.depthLimit) statements, operations and macros are nested")
    }
    try spend(1)
    return try work(&self)
  }

  /// Takes the cost of something that is about to be done off what is left.
  mutating func spend(_ cost: Int) throws(JinjaError) {
    guard cost <= budget else { throw .limit("the template makes more than any real one does") }
    budget -= cost
  }

  /// Takes `count` times `size` off what is left.
  mutating func spend(_ count: Int, times size: Int) throws(JinjaError) {
    let (cost, isTooLarge) = count.multipliedReportingOverflow(by: size)
    try spend(isTooLarge ? .max : max(cost, 0))
  }
}

extension Interpreter {
  /// Runs `work` with names of its own, which see those around: here, or where `macro` was written.
  mutating func inScope<Result>(
    of macro: Macro? = nil, _ work: (inout Interpreter) throws(JinjaError) -> Result
  ) throws(JinjaError) -> Result {
    var parent = scopes.count - 1
    if let macro {
      guard macro.scope < scopes.count, scopes[macro.scope].number == macro.scopeNumber else {
        throw .unsupported("a macro outside of the block that has it")
      }
      parent = macro.scope
    }
    scopes.append(Scope(parent: parent, number: scopeCount))
    scopeCount += 1
    defer { scopes.removeLast() }
    return try work(&self)
  }

  /// What a name stands for.
  func value(of name: String) -> JinjaValue? {
    var index: Int? = scopes.count - 1
    while let here = index {
      if let value = scopes[here].values[name] { return value }
      index = scopes[here].parent
    }
    return BuiltInNames.functions.contains(name) ? .callable(.function(name)) : nil
  }

  /// Gives a name a value, in the scope that is in force.
  mutating func set(_ name: String, to value: JinjaValue) {
    scopes[scopes.count - 1].values[name] = value
  }

  /// A macro that is written here.
  mutating func define(_ macro: Statement.Macro) -> JinjaValue {
    let here = scopes.count - 1
    macros.append(Macro(written: macro, scope: here, scopeNumber: scopes[here].number))
    return .callable(.macro(macros.count - 1))
  }
}

extension JinjaValue {
  /// All scalars and elements in it.
  fileprivate var size: Int {
    switch self {
    case .text(let text): text.count
    case .sequence(let sequence): sequence.items.reduce(1) { $0 + $1.size }
    case .mapping(let mapping): mapping.values.reduce(1) { $0 + $1.size }
    default: 1
    }
  }
}
