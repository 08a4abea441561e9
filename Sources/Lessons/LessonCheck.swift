/// Something that must be so in a recording: a figure beside a value.
package struct LessonCheck: Hashable, Sendable {
  /// How the two compare.
  package enum Relation: String, CaseIterable, Hashable, Sendable {
    case atMost = "<="
    case atLeast = ">="
    case less = "<"
    case more = ">"
    case equal = "="
  }

  /// The figure, as ``LessonFigure`` reads it.
  package let figure: String
  /// How it compares.
  package let relation: Relation
  /// With what: a number, a text, or `{FIGURE}`.
  package let value: String

  /// Reads `left 1.6 = 19`; nil when the text is something else.
  package init?(parsing text: String) {
    for relation in Relation.allCases {
      guard let range = text.firstRange(of: " \(relation.rawValue) ") else { continue }
      figure = text[..<range.lowerBound].trimming
      self.relation = relation
      value = text[range.upperBound...].trimming
      if figure.isEmpty || value.isEmpty { return nil }
      return
    }
    return nil
  }

  /// What is otherwise in a recording; nil where it holds.
  package func objection(in facts: LessonFacts) -> String? {
    do {
      let left = try LessonFigure(figure, in: facts)
      let right =
        value.hasPrefix("{") && value.hasSuffix("}")
        ? try LessonFigure(String(value.dropFirst().dropLast()), in: facts) : nil
      let number = right?.number ?? Double(value)
      let holds =
        if let a = left.number, let b = number {
          compare(a, b)
        } else {
          relation == .equal && left.text == (right?.text ?? "\"\(value)\"")
        }
      return holds ? nil : "\(figure) is \(left.text), not \(relation.rawValue) \(value)"
    } catch {
      return error.description
    }
  }

  private func compare(_ a: Double, _ b: Double) -> Bool {
    switch relation {
    case .less: a < b
    case .more: a > b
    case .atMost: a <= b
    case .atLeast: a >= b
    // Figures are shown with two digits, and meant so.
    case .equal: abs(a - b) < 0.005
    }
  }
}
