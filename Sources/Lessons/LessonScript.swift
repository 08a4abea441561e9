package import Events

/// A lesson over one recording: what to do, step by step, with every figure filled in.
package struct LessonScript: Hashable, Sendable {
  /// What is to be done.
  package enum Order: Hashable, Sendable {
    /// Show a text and wait for a key.
    case say(String)
    /// Show the question and wait for a key.
    case ask(String)
    /// Show the answer below the question and wait for a key.
    case reveal(String)
    /// Play so many tokens a second from now on.
    case pace(Double)
    /// Play until so many records are shown.
    case play(to: Int)
    /// Look at the token of a record closely; nil: no longer.
    case look(TokenRecord?)
  }

  /// The lesson's number.
  package let number: Int
  /// What it is called.
  package let title: String
  /// What to do, in order.
  package let orders: [Order]

  /// The lesson over `records`. Throws for a figure or a place that the recording does not have; where
  /// `isLenient`, as for a recording of another model, a dash stands for it.
  package init(
    _ lesson: Lesson, over records: [Record], isLenient: Bool = false
  ) throws(LessonError) {
    (number, title) = (lesson.number, lesson.title)
    let facts = LessonFacts(records)
    var orders: [Order] = []
    for step in lesson.steps {
      switch step {
      case .say(let text): orders.append(.say(try Self.fill(text, facts, isLenient)))
      case .ask(let text): orders.append(.ask(try Self.fill(text, facts, isLenient)))
      case .reveal(let text): orders.append(.reveal(try Self.fill(text, facts, isLenient)))
      case .pace(let pace): orders.append(.pace(pace))
      case .play(let stop):
        guard let count = facts.count(before: stop) ?? (isLenient ? records.count : nil) else {
          throw LessonError(.claim, at: "play \(stop)", "the recording has no such place.")
        }
        orders.append(.play(to: count))
      case .look(let place):
        let token = place.flatMap(facts.token)
        guard place == nil || token != nil || isLenient else {
          throw LessonError(.claim, at: "look", "the recording has no such token.")
        }
        orders.append(.look(token))
      }
    }
    self.orders = orders
  }

  /// The text with its figures.
  private static func fill(
    _ text: String, _ facts: LessonFacts, _ isLenient: Bool
  ) throws(LessonError) -> String {
    var filled = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      let words = String(rest[rest.index(after: open)..<close])
      filled += rest[..<open]
      do throws(LessonError) {
        filled += try LessonFigure(words, in: facts).text
      } catch {
        guard isLenient else { throw error }
        filled += "–"
      }
      rest = rest[rest.index(after: close)...]
    }
    return filled + rest
  }
}

extension Lesson {
  /// What of the lesson's checks does not hold in a recording, in words.
  package func objections(in records: [Record]) -> [String] {
    let facts = LessonFacts(records)
    return checks.compactMap { $0.objection(in: facts) }
  }
}
