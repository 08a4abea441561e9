extension ValueRules {
  /// `value.name`: a method where the value has one, else what it holds under this name.
  func attribute(_ name: String, of value: JinjaValue) throws(JinjaError) -> JinjaValue {
    switch value {
    case .undefined(let what): throw .failed("'\(what)' is undefined, and so has no '\(name)'")
    case .mapping(let mapping):
      if BuiltInNames.mappingMethods.contains(name) { return .callable(.method(value, name)) }
      if BuiltInNames.mappingChanges.contains(name) { return .undefined(name) }
      return mapping[name] ?? .undefined(name)
    case .text where BuiltInNames.textMethods.contains(name): return .callable(.method(value, name))
    case .sequence(let sequence)
    where sequence.hasPlaces && BuiltInNames.listMethods.contains(name):
      return .callable(.method(value, name))
    case .namespace(let id): return namespaces[id][name] ?? .undefined(name)
    case .loop(let loop):
      if name == "cycle" { return .callable(.method(value, name)) }
      return try loop.attribute(name)
    default: return .undefined(name)
    }
  }

  /// `value[key]`
  func item(_ key: JinjaValue, of value: JinjaValue) throws(JinjaError) -> JinjaValue {
    let name = key.text?.string
    switch value {
    case .mapping(let mapping):
      if let found = (try? self.key(key)).flatMap({ mapping[$0] }) { return found }
      if let name, BuiltInNames.mappingMethods.contains(name) {
        return .callable(.method(value, name))
      }
      return .undefined(name ?? "a key")
    case .sequence(let sequence) where sequence.hasPlaces:
      if let place = key.wholeNumber { return Self.element(place, of: sequence.items) }
    case .text(let text):
      if let place = key.wholeNumber {
        return Self.place(place, in: text.count).map { .text(JinjaText([text.scalars[$0]])) }
          ?? .undefined("character \(place)")
      }
    default: break
    }
    if let name { return try attribute(name, of: value) }
    if case .undefined(let what) = value {
      throw .failed("'\(what)' is undefined, and so has no elements")
    }
    return .undefined("an element")
  }

  private static func element(_ place: Int, of items: [JinjaValue]) -> JinjaValue {
    self.place(place, in: items.count).map { items[$0] } ?? .undefined("element \(place)")
  }

  /// A place that may be counted from the end.
  private static func place(_ place: Int, in count: Int) -> Int? {
    let fromStart = place < 0 ? place &+ count : place
    return (0..<count).contains(fromStart) ? fromStart : nil
  }

  /// `value[start:stop:step]`
  mutating func slice(
    _ value: JinjaValue, _ bounds: [JinjaValue?]
  ) throws(JinjaError) -> JinjaValue {
    var numbers: [Int?] = []
    for bound in bounds {
      switch bound {
      case nil, JinjaValue.none?: numbers.append(nil)
      case let number?:
        guard let whole = number.wholeNumber else { return .undefined("a slice") }
        numbers.append(whole)
      }
    }
    try spend(value.weight)
    switch value {
    case .text(let text):
      let places = try Self.places(numbers, in: text.count)
      return .text(JinjaText(places.map { text.scalars[$0] }))
    case .sequence(let sequence) where sequence.hasPlaces:
      let places = try Self.places(numbers, in: sequence.items.count)
      return .sequence(JinjaSequence(sequence.kind, places.map { sequence.items[$0] }))
    case .undefined(let what): throw .failed("'\(what)' is undefined, and so has no elements")
    default: return .undefined("a slice of \(value.kind)")
    }
  }

  /// The places of a slice, as Python counts them.
  private static func places(
    _ bounds: [Int?], in count: Int
  ) throws(JinjaError) -> StrideTo<Int> {
    let step = bounds[2] ?? 1
    guard step != 0 else { throw .failed("a slice has a step of zero") }
    func clamped(_ bound: Int, _ range: ClosedRange<Int>) -> Int {
      let fromStart = bound < 0 ? bound.addingReportingOverflow(count).partialValue : bound
      return min(max(fromStart, range.lowerBound), range.upperBound)
    }
    let range = step > 0 ? 0...count : -1...(count - 1)
    let start = bounds[0].map { clamped($0, range) } ?? (step > 0 ? 0 : count - 1)
    let stop = bounds[1].map { clamped($0, range) } ?? (step > 0 ? count : -1)
    return stride(from: start, to: stop, by: min(max(step, -count - 1), count + 1))
  }
}

extension JinjaLoop {
  /// What `loop` says of the loop.
  fileprivate func attribute(_ name: String) throws(JinjaError) -> JinjaValue {
    switch name {
    case "index": .int(index + 1)
    case "index0": .int(index)
    case "revindex": .int(items.count - index)
    case "revindex0": .int(items.count - index - 1)
    case "first": .bool(index == 0)
    case "last": .bool(index == items.count - 1)
    case "length": .int(items.count)
    case "depth": .int(1)
    case "depth0": .int(0)
    case "previtem": index > 0 ? items[index - 1] : .undefined("there is no previous item")
    case "nextitem":
      index + 1 < items.count ? items[index + 1] : .undefined("there is no next item")
    case "changed": throw .unsupported("'loop.changed'")
    default: .undefined(name)
    }
  }
}
