/// Keys with values, in the order in which they were put in.
package struct JinjaMapping: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// The keys, in order.
  package private(set) var keys: [JinjaValue] = []
  /// The values, in the order of the keys.
  package private(set) var values: [JinjaValue] = []
  /// How deep values lie in it.
  private(set) var depth = 1
  private var places: [JinjaValue: Int] = [:]

  /// No keys.
  package init() {}

  /// Texts with values.
  package init(dictionaryLiteral pairs: (String, JinjaValue)...) {
    for (key, value) in pairs { self[.text(JinjaText(key))] = value }
  }

  /// The number of keys.
  var count: Int { keys.count }

  /// Keys and values as tuples.
  var pairs: [JinjaValue] { zip(keys, values).map { .tuple([$0, $1]) } }

  /// The value at `key`; setting nil does nothing.
  package subscript(key: JinjaValue) -> JinjaValue? {
    get { places[key].map { values[$0] } }
    set {
      guard let newValue else { return }
      depth = max(depth, 1 + newValue.depth, 1 + key.depth)
      if let place = places[key] {
        values[place] = newValue
      } else {
        places[key] = keys.count
        keys.append(key)
        values.append(newValue)
      }
    }
  }

  /// The value at a text.
  package subscript(name: String) -> JinjaValue? {
    get { self[.text(JinjaText(name))] }
    set { self[.text(JinjaText(name))] = newValue }
  }

  /// Whether both are the same; see the type.
  package static func == (left: JinjaMapping, right: JinjaMapping) -> Bool {
    left.count == right.count
      && zip(left.keys, left.values).allSatisfy { key, value in right[key] == value }
  }

  /// Takes in what makes two of them equal.
  package func hash(into hasher: inout Hasher) { hasher.combine(count) }
}
