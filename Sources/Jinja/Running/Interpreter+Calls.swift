extension Interpreter {
  /// What a call gives.
  mutating func call(
    _ callee: JinjaValue, _ arguments: Arguments
  ) throws(JinjaError) -> JinjaValue {
    switch callee {
    case .callable(.macro(let id)): return .text(try run(macros[id], arguments))
    case .callable(.function(let name)): return try function(name, arguments)
    case .callable(.method(.text(let text), let name)):
      return try method(name, of: text, arguments)
    case .callable(.method(.mapping(let mapping), let name)):
      return try method(name, of: mapping, arguments)
    case .callable(.method(.sequence(let sequence), let name)):
      return try method(name, of: sequence.items, arguments)
    case .callable(.method(.loop(let loop), _)):
      guard !arguments.positional.isEmpty else { throw .failed("'cycle' has nothing to choose") }
      return arguments.positional[loop.index % arguments.positional.count]
    case .undefined(let name): throw .failed("'\(name)' is undefined, and cannot be called")
    default: throw .failed("\(callee.kind) cannot be called")
    }
  }

  /// What a macro writes.
  private mutating func run(
    _ macro: Macro, _ arguments: Arguments
  ) throws(JinjaError) -> JinjaText {
    let written = macro.written
    return try inScope(of: macro) { (self) throws(JinjaError) in
      for (place, parameter) in written.parameters.enumerated() {
        var value = arguments.value(place, parameter.name)
        if value == nil, let standard = parameter.standard {
          value = try self.value(of: standard)
        }
        self.set(parameter.name, to: value ?? .undefined(parameter.name))
      }
      let known = Set(written.parameters.map(\.name))
      self.set("varargs", to: .tuple(arguments.dropping(written.parameters.count).positional))
      var rest = JinjaMapping()
      for name in arguments.order where !known.contains(name) { rest[name] = arguments.named[name] }
      self.set("kwargs", to: .mapping(rest))
      self.set("caller", to: arguments.named["caller"] ?? .undefined("caller"))
      return try self.output(of: written.body)
    }
  }

  private mutating func function(
    _ name: String, _ arguments: Arguments
  ) throws(JinjaError) -> JinjaValue {
    switch name {
    case "range": return try range(arguments)
    case "namespace":
      namespaces.append(try mapping(of: arguments))
      return .namespace(namespaces.count - 1)
    case "dict": return .mapping(try mapping(of: arguments))
    case "strftime_now":
      guard let format = try arguments.text(0, "format") else {
        throw .failed("'strftime_now' needs a format")
      }
      return .text(try date.text(format: format))
    default:
      let message = try arguments.required(0, "message").words()
      throw JinjaError(code: .refused, message: message.string)
    }
  }

  /// The longest range that Jinja's sandbox allows.
  private static let longestRange = 100_000

  private mutating func range(_ arguments: Arguments) throws(JinjaError) -> JinjaValue {
    let given = arguments.positional
    guard (1...3).contains(given.count) else { throw .failed("'range' needs one to three numbers") }
    var numbers: [Int] = []
    for place in given.indices { numbers.append(try arguments.int(place, "bound", or: 0)) }
    let (start, stop) = given.count == 1 ? (0, numbers[0]) : (numbers[0], numbers[1])
    let step = given.count == 3 ? numbers[2] : 1
    guard step != 0 else { throw .failed("'range' has a step of zero") }
    let distance = try Self.exact(stop.subtractingReportingOverflow(start))
    guard distance / step <= Self.longestRange else { throw .limit("a range is too long") }
    let items = stride(from: start, to: stop, by: step).map(JinjaValue.int)
    try spend(items.count)
    return .sequence(JinjaSequence(.range, items))
  }

  private func mapping(of arguments: Arguments) throws(JinjaError) -> JinjaMapping {
    var mapping = JinjaMapping()
    switch arguments.positional.first {
    case nil: break
    case .mapping(let given)?: mapping = given
    case let given?:
      for pair in try elements(of: given) {
        let parts = try elements(of: pair)
        guard parts.count == 2 else { throw .failed("a mapping is made of pairs") }
        mapping[try key(parts[0])] = parts[1]
      }
    }
    for name in arguments.order { mapping[name] = arguments.named[name] }
    return mapping
  }

  private mutating func method(
    _ name: String, of mapping: JinjaMapping, _ arguments: Arguments
  ) throws(JinjaError) -> JinjaValue {
    try spend(mapping.count)
    switch name {
    case "items": return .sequence(JinjaSequence(.items, mapping.pairs))
    case "keys": return .sequence(JinjaSequence(.keys, mapping.keys))
    case "values": return .sequence(JinjaSequence(.values, mapping.values))
    case "copy": return .mapping(mapping)
    default:
      let key = try key(try arguments.required(0, "key"))
      return mapping[key] ?? arguments.value(1, "default") ?? .none
    }
  }

  private mutating func method(
    _ name: String, of items: [JinjaValue], _ arguments: Arguments
  ) throws(JinjaError) -> JinjaValue {
    let wanted = try arguments.required(0, "value")
    try spend(items.count, times: 1 + wanted.weight / 16)
    if name == "count" { return .int(items.count { $0 == wanted }) }
    guard let place = items.firstIndex(of: wanted) else {
      throw .failed("'index' looks for something that is not in the list")
    }
    return .int(place)
  }
}
