/// A value of a template, with the rules of Python for what equals what.
package indirect enum JinjaValue: Sendable {
  /// A name or an attribute that there is not: no text, false, no elements.
  case undefined(String)
  /// `none`
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case text(JinjaText)
  case sequence(JinjaSequence)
  case mapping(JinjaMapping)
  /// What `namespace(…)` made, by its number: the only thing that can be changed.
  case namespace(Int)
  case callable(JinjaCallable)
  /// `loop` inside a loop.
  case loop(JinjaLoop)

  /// A list.
  package static func list(_ items: [JinjaValue]) -> JinjaValue {
    .sequence(JinjaSequence(.list, items))
  }

  /// A tuple.
  static func tuple(_ items: [JinjaValue]) -> JinjaValue {
    .sequence(JinjaSequence(.tuple, items))
  }

  /// Elements that can be gone through, and nothing else.
  static func generator(_ items: [JinjaValue]) -> JinjaValue {
    .sequence(JinjaSequence(.generator, items))
  }

  /// Whether a condition on it holds.
  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let value): value
    case .int(let value): value != 0
    case .float(let value): value != 0
    case .text(let text): !text.isEmpty
    case .sequence(let sequence): sequence.kind == .generator || !sequence.items.isEmpty
    case .mapping(let mapping): mapping.count > 0
    case .namespace, .callable: true
    case .loop(let loop): !loop.items.isEmpty
    }
  }

  /// The word for its kind, in errors.
  var kind: String {
    switch self {
    case .undefined(let name): "'\(name)', which is undefined"
    case .none: "none"
    case .bool: "a truth value"
    case .int, .float: "a number"
    case .text: "a text"
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .namespace: "a namespace"
    case .callable: "a function"
    case .loop: "a loop"
    }
  }

  /// How deep values lie in it.
  var depth: Int {
    switch self {
    case .sequence(let sequence): sequence.depth
    case .mapping(let mapping): mapping.depth
    default: 0
    }
  }

  /// How much there is of it, scalars or elements.
  var weight: Int {
    switch self {
    case .text(let text): text.count
    case .sequence(let sequence): sequence.items.count
    case .mapping(let mapping): mapping.count
    default: 0
    }
  }

  /// Its text, if it is one.
  package var text: JinjaText? { if case .text(let text) = self { text } else { nil } }

  /// Whether it is a name or an attribute that there is not.
  var isUndefined: Bool { if case .undefined = self { true } else { false } }

  /// The whole number that it is, truth values included.
  var wholeNumber: Int? {
    switch self {
    case .int(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }

  /// The number that it is, truth values included.
  var number: Double? {
    if case .float(let value) = self { return value }
    return wholeNumber.map(Double.init)
  }
}

/// Elements in a row.
package struct JinjaSequence: Sendable {
  /// What Python calls it.
  enum Kind: Sendable {
    case list, tuple, range
    /// What the methods of a mapping give: no element of it can be asked for.
    case keys, values, items
    /// What most filters give: to be gone through, and no more.
    case generator
  }

  /// What Python calls it.
  let kind: Kind
  /// The elements.
  package let items: [JinjaValue]
  /// How deep values lie in it.
  let depth: Int

  /// Elements in a row.
  init(_ kind: Kind, _ items: [JinjaValue]) {
    (self.kind, self.items) = (kind, items)
    depth = 1 + (items.lazy.map(\.depth).max() ?? 0)
  }

  /// Whether an element can be asked for by its number.
  var hasPlaces: Bool { kind == .list || kind == .tuple || kind == .range }
}

/// What can be called.
package enum JinjaCallable: Sendable {
  /// A macro of the template, by its number.
  case macro(Int)
  /// A function that every template has.
  case function(String)
  /// A method of a value.
  case method(JinjaValue, String)
}

/// Where a loop stands.
package struct JinjaLoop: Sendable {
  /// All elements that it goes through.
  var items: [JinjaValue]
  /// The number of the element at which it is.
  var index = 0
}
