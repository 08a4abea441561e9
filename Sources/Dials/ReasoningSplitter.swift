/// Tells the reasoning in an answer that comes in pieces from what it says: `<think>…</think>` at its
/// beginning.
///
/// In which pieces the text comes makes no difference: what may still become a mark is held back.
package struct ReasoningSplitter: Hashable, Sendable {
  /// A piece of an answer.
  package enum Part: Hashable, Sendable {
    /// What the model thinks.
    case reasoning(String)
    /// What it says.
    case answer(String)
  }

  private enum State {
    /// Only white space so far.
    case begins
    /// Line ends before the reasoning are no part of it.
    case comesToReasoning
    case reasons
    /// White space behind the reasoning is no part of the answer.
    case comesToAnswer
    case answers
  }

  private static let opening = "<think>"
  private static let closing = "</think>"

  private var state: State
  private var held = ""
  /// Whether the answer has reasoning, or the prompt began it.
  package private(set) var hasReasoned: Bool

  /// The beginning of an answer; `isOpen`: the prompt ends with the mark that begins reasoning.
  package init(isOpen: Bool = false) {
    state = isOpen ? .comesToReasoning : .begins
    hasReasoned = isOpen
  }

  /// Whether what comes next is reasoning, as far as is known.
  package var isReasoning: Bool { state == .comesToReasoning || state == .reasons }

  /// Takes in a piece, and gives what is certain.
  package mutating func take(_ text: String) -> [Part] {
    held += text
    var parts: [Part] = []
    while let part = step() { parts += [part].filter { !$0.text.isEmpty } }
    return parts
  }

  /// What was held back, at the end of the answer.
  package mutating func finish() -> [Part] {
    defer { held = "" }
    if held.isEmpty || state == .comesToAnswer { return [] }
    return [state == .reasons ? .reasoning(held) : .answer(held)]
  }

  /// Does what can be done with the text that is held; nil where nothing can.
  private mutating func step() -> Part? {
    switch state {
    case .begins:
      let rest = held.drop(while: \.isWhitespace)
      if rest.hasPrefix(Self.opening) {
        held = String(rest.dropFirst(Self.opening.count))
        (state, hasReasoned) = (.comesToReasoning, true)
        return .reasoning("")
      }
      if rest.isEmpty || Self.opening.hasPrefix(rest) { return nil }
      state = .answers
      return .answer("")
    case .comesToReasoning:
      held = String(held.drop(while: \.isNewline))
      if held.isEmpty { return nil }
      state = .reasons
      return .reasoning("")
    case .reasons:
      if let place = held.firstRange(of: Self.closing) {
        let reasoning = String(held[..<place.lowerBound])
        held = String(held[place.upperBound...])
        state = .comesToAnswer
        return .reasoning(reasoning)
      }
      return .reasoning(given(keeping: Self.closing)).unlessEmpty
    case .comesToAnswer:
      held = String(held.drop(while: \.isWhitespace))
      if held.isEmpty { return nil }
      state = .answers
      return .answer("")
    case .answers:
      defer { held = "" }
      return .answer(held).unlessEmpty
    }
  }

  /// The held text without an end that may become `mark`, which stays held.
  private mutating func given(keeping mark: String) -> String {
    var length = min(mark.count - 1, held.count)
    while length > 0 && !mark.hasPrefix(held.suffix(length)) { length -= 1 }
    defer { held = String(held.suffix(length)) }
    return String(held.dropLast(length))
  }

  /// A whole answer in its two parts; nil where it has no reasoning.
  package static func parts(of answer: String) -> (reasoning: String, answer: String)? {
    var splitter = ReasoningSplitter()
    var (reasoning, said) = ("", "")
    let parts = splitter.take(answer)
    guard splitter.hasReasoned else { return nil }
    for part in parts + splitter.finish() {
      switch part {
      case .reasoning(let text): reasoning += text
      case .answer(let text): said += text
      }
    }
    while reasoning.last?.isNewline == true { reasoning.removeLast() }
    return (reasoning, said)
  }
}

extension ReasoningSplitter.Part {
  /// What it says.
  package var text: String {
    switch self {
    case .reasoning(let text), .answer(let text): text
    }
  }

  fileprivate var unlessEmpty: Self? { text.isEmpty ? nil : self }
}
