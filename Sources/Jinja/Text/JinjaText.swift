/// A text as templates see it: scalars, each with a mark that says where it came from. All that is done
/// to a text keeps the marks, and nothing that is asked of it looks at them.
package struct JinjaText: Hashable, Comparable, Sendable, ExpressibleByStringLiteral {
  /// A piece of a text that came from one place.
  package struct Run: Hashable, Sendable {
    /// The piece.
    package var text: String
    /// Where it came from.
    package var mark: UInt8
  }

  /// The scalars, in order.
  package var scalars: [MarkedScalar]

  /// A text of these scalars.
  package init(_ scalars: some Sequence<MarkedScalar>) { self.scalars = Array(scalars) }

  /// A text that came from one place; mark 0 is the template's own.
  package init(_ text: String, mark: UInt8 = 0) {
    scalars = text.unicodeScalars.map { MarkedScalar($0, mark: mark) }
  }

  /// The template's own text.
  package init(stringLiteral text: String) { self.init(text) }

  /// The number of scalars.
  package var count: Int { scalars.count }

  /// Whether it is the empty text.
  package var isEmpty: Bool { scalars.isEmpty }

  /// The text without marks.
  package var string: String { Self.string(scalars[...]) }

  /// The text in pieces that came from one place each.
  package var runs: [Run] {
    var runs: [Run] = []
    var start = 0
    while start < scalars.count {
      let mark = scalars[start].mark
      let end = scalars[start...].firstIndex { $0.mark != mark } ?? scalars.count
      runs.append(Run(text: Self.string(scalars[start..<end]), mark: mark))
      start = end
    }
    return runs
  }

  /// Whether the left one comes first, by the numbers of the scalars.
  package static func < (left: JinjaText, right: JinjaText) -> Bool {
    left.scalars.lexicographicallyPrecedes(right.scalars)
  }

  /// Two texts, one after the other.
  package static func + (left: JinjaText, right: JinjaText) -> JinjaText {
    JinjaText(left.scalars + right.scalars)
  }

  /// Puts a text behind this one.
  package static func += (left: inout JinjaText, right: JinjaText) {
    left.scalars += right.scalars
  }

  private static func string(_ scalars: ArraySlice<MarkedScalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars.lazy.map(\.scalar))
    return String(view)
  }
}
