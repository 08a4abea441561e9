extension JinjaValue: Hashable {
  /// Equality as in Python: numbers and truth values by their number, texts by their scalars, sequences
  /// of one kind and mappings by what they hold.
  package static func == (left: JinjaValue, right: JinjaValue) -> Bool {
    if let a = left.wholeNumber, let b = right.wholeNumber { return a == b }
    if let a = left.number, let b = right.number { return a == b }
    switch (left, right) {
    case (.undefined, .undefined), (.none, .none): return true
    case (.text(let a), .text(let b)): return a == b
    case (.sequence(let a), .sequence(let b)):
      return a.kind == b.kind && a.kind != .generator && a.items == b.items
    case (.mapping(let a), .mapping(let b)): return a == b
    case (.namespace(let a), .namespace(let b)): return a == b
    case (.callable(.macro(let a)), .callable(.macro(let b))): return a == b
    case (.callable(.function(let a)), .callable(.function(let b))): return a == b
    default: return false
    }
  }

  /// Takes in what makes two of them equal.
  package func hash(into hasher: inout Hasher) {
    if let number {
      hasher.combine(number)
      return
    }
    switch self {
    case .text(let text): hasher.combine(text)
    case .sequence(let sequence): hasher.combine(sequence.items)
    case .mapping(let mapping): hasher.combine(mapping.count)
    case .namespace(let id): hasher.combine(id)
    default: break
    }
  }

  /// Whether it comes before `other`; nil where the two have no order.
  func precedes(_ other: JinjaValue) -> Bool? {
    if let a = wholeNumber, let b = other.wholeNumber { return a < b }
    if let a = number, let b = other.number { return a < b }
    switch (self, other) {
    case (.text(let a), .text(let b)): return a < b
    case (.sequence(let a), .sequence(let b)) where a.kind == b.kind && a.hasPlaces:
      for (one, two) in zip(a.items, b.items) where one != two { return one.precedes(two) }
      return a.items.count < b.items.count
    default: return nil
    }
  }
}
