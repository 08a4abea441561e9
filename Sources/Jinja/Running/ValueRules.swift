/// What is done to values, apart from how a template runs: access and operators, texts, filters and tests.
/// The interpreter keeps the accounts of all of it.
protocol ValueRules {
  /// All namespaces so far.
  var namespaces: [JinjaMapping] { get }

  /// Takes the cost of something that is about to be done off what is left.
  mutating func spend(_ cost: Int) throws(JinjaError)

  /// Takes `count` times `size` off what is left.
  mutating func spend(_ count: Int, times size: Int) throws(JinjaError)

  /// `format % value`
  mutating func percentFormat(
    _ format: JinjaText, _ value: JinjaValue
  ) throws(JinjaError) -> JinjaText
}

/// The methods of texts, and formats.
protocol TextRules: ValueRules {}

/// Filters and tests.
protocol FilterRules: TextRules {}

extension ValueRules {
  /// A value that can be a key.
  func key(_ value: JinjaValue) throws(JinjaError) -> JinjaValue {
    switch value {
    case .mapping, .undefined, .loop: throw .failed("\(value.kind) cannot be a key")
    case .sequence(let sequence) where sequence.kind != .tuple:
      throw .failed("\(value.kind) cannot be a key")
    default: return value
    }
  }

  /// What a loop goes through.
  func elements(of value: JinjaValue) throws(JinjaError) -> [JinjaValue] {
    switch value {
    case .sequence(let sequence): return sequence.items
    case .mapping(let mapping): return mapping.keys
    case .text(let text): return text.scalars.map { .text(JinjaText([$0])) }
    case .undefined: return []
    default: throw .failed("\(value.kind) has no elements")
    }
  }
}
