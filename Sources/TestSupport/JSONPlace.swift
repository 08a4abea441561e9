package import Dials

/// Where a value lies in a JSON value: names of members and indices of items.
package struct JSONPlace: CustomStringConvertible {
  private let steps: [String]

  /// Where these members and items lead.
  package init(_ steps: [String]) { self.steps = steps }

  /// The members and indices.
  package var description: String { steps.joined(separator: ".") }
  /// The innermost member that it lies in.
  package var name: String { steps.last { Int($0) == nil } ?? "" }

  /// The places of all strings.
  package static func strings(in value: JSONValue) -> [JSONPlace] {
    all(in: value).filter { if case .string = $0.1 { true } else { false } }.map(\.0)
  }

  /// The places of all numbers.
  package static func numbers(in value: JSONValue) -> [JSONPlace] {
    all(in: value).filter { $0.1.rounded != nil }.map(\.0)
  }

  /// The places of all objects.
  package static func objects(in value: JSONValue) -> [JSONPlace] {
    all(in: value).filter { if case .object = $0.1 { true } else { false } }.map(\.0)
  }

  private static func all(in value: JSONValue, at steps: [String] = []) -> [(JSONPlace, JSONValue)]
  {
    let inner: [(String, JSONValue)] =
      switch value {
      case .object(let members): members.sorted { $0.key < $1.key }
      case .array(let items): items.enumerated().map { ("\($0)", $1) }
      default: []
      }
    return [(JSONPlace(steps), value)] + inner.flatMap { all(in: $1, at: steps + [$0]) }
  }

  /// `value` with another value here.
  package func putting(_ new: JSONValue, into value: JSONValue) -> JSONValue {
    guard let step = steps.first else { return new }
    let rest = JSONPlace(Array(steps.dropFirst()))
    switch value {
    case .object(var members):
      members[step] = rest.putting(new, into: members[step] ?? .null)
      return .object(members)
    case .array(var items):
      if let index = Int(step) { items[index] = rest.putting(new, into: items[index]) }
      return .array(items)
    default: return value
    }
  }

  /// `value` with a member more in the object here.
  package func putting(_ new: JSONValue, under name: String, into value: JSONValue) -> JSONValue {
    JSONPlace(steps + [name]).putting(new, into: value)
  }
}
