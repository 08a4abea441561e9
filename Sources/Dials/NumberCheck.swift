/// Checks numbers where they come in from a file: each lies where one of its kind can lie, so that who counts
/// with them need not ask again.
package struct NumberCheck {
  /// Counts, times in microseconds, bytes and multiplications: some thousand of them can be added up, and one
  /// be taken as often as there are blocks, within an `Int`.
  package static let count = 0...1 << 48
  /// Nanoseconds since the session began: two can be added.
  package static let time = 0...1 << 62
  /// Depths and numbers of blocks, also those of models that are deeper than this version runs.
  package static let depth = 0...4096
  /// Depths at which tokens leave a model that can be run.
  package static let exit = 0...BlockSet.capacity - 1
  /// Things of which there are some hundreds at most.
  package static let few = 0...4096

  private let path: [any CodingKey]

  /// A check of what `decoder` reads.
  package init(_ decoder: any Decoder) { path = decoder.codingPath }

  /// Throws where one of the numbers, named as the record names them, lies outside `range`.
  package func callAsFunction(
    _ range: ClosedRange<Int>, _ numbers: KeyValuePairs<String, Int?>
  ) throws(ImpossibleValue) {
    for (name, number) in numbers {
      guard let number, !range.contains(number) else { continue }
      throw ImpossibleValue(
        "the field \"\(place)\(name)\" is \(number); it can be \(range.lowerBound) to "
          + "\(range.upperBound)")
    }
  }

  /// Throws where one of many numbers of the same name lies outside `range`.
  package func callAsFunction(
    _ range: ClosedRange<Int>, each name: String, _ numbers: some Sequence<Int>
  ) throws(ImpossibleValue) {
    for number in numbers { try self(range, [name: number]) }
  }

  private var place: String { path.map { $0.stringValue + "." }.joined() }
}

extension Int {
  /// The sum, or the number nearest to it that there is: sums of what a file says have no end otherwise.
  package func addingClamped(_ other: Int) -> Int {
    let (sum, isOver) = addingReportingOverflow(other)
    return isOver ? (other < 0 ? .min : .max) : sum
  }

  /// Becomes that sum.
  package mutating func addClamped(_ other: Int) { self = addingClamped(other) }
}
