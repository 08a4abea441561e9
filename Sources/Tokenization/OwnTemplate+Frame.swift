import Jinja

extension OwnTemplate {
  /// What a template writes around messages, found out by rendering.
  struct Frame: Hashable, Sendable {
    /// What stands between a conversation and the answer to come.
    private(set) var answerHeader = JinjaText("")
    /// What stands behind a message, by the mark of its role.
    private(set) var ends: [UInt8: JinjaText] = [:]
    /// The texts that look like markers.
    private(set) var markers: Set<String> = []

    /// Nothing is known.
    init() {}

    /// Tries a template out.
    init(of template: OwnTemplate) throws(JinjaError) {
      let user = ChatMessage(.user, "Ask7")
      let asked = try template.text(of: [user], addGenerationPrompt: false)
      let toAnswer = try template.text(of: [user], addGenerationPrompt: true)
      let answered = [user, ChatMessage(.assistant, "Reply7")]
      let whole = try template.text(of: answered, addGenerationPrompt: false)
      let longer = try template.text(of: answered + [user], addGenerationPrompt: true)
      for text in [asked, toAnswer, whole, longer] where !text.string.contains("Ask7") {
        throw JinjaError.silent
      }
      guard whole.string.contains("Reply7") else { throw JinjaError.silent }
      if toAnswer.hasPrefix(asked) {
        answerHeader = JinjaText(toAnswer.scalars.dropFirst(asked.count))
      }
      ends[Mark.user] = asked.end
      ends[Mark.assistant] = whole.end.shared(with: longer.gap(behind: Mark.assistant))
      let system = ChatMessage(.system, "Rule7")
      ends[Mark.system] = (try? template.text(of: [system], addGenerationPrompt: false))?.end
      for run in longer.runs where run.mark == Mark.template {
        markers.formUnion(Self.markers(in: run.text))
      }
    }

    /// What stands between a conversation and the answer to come.
    var headerPart: ChatPart { .template(answerHeader.string) }

    /// What stands behind an answer.
    var answerEndPart: ChatPart { .template((ends[Mark.assistant] ?? "").string) }

    /// The marker that ends an answer: what stands in brackets behind it.
    var endMarker: String? {
      let end = (ends[Mark.assistant] ?? "").string.drop(while: \.isWhitespace)
      guard let open = end.first, let close = ["<": ">", "[": "]"][open] as Character?,
        let last = end.firstIndex(of: close)
      else { return nil }
      return String(end[...last])
    }

    /// The texts of the form `<|…|>` in what a template writes.
    private static func markers(in text: String) -> [String] {
      text.split(separator: "<").compactMap { part in
        guard let first = part.first, first == "|" || first == "｜",
          let end = part.firstIndex(of: ">"), !part[..<end].contains(where: \.isWhitespace)
        else { return nil }
        return "<" + part[...end]
      }
    }
  }

  /// The parts of a conversation; those of its family's known template where it refuses.
  func parts(of messages: [ChatMessage], addGenerationPrompt: Bool) -> [ChatPart] {
    guard let text = try? text(of: messages, addGenerationPrompt: addGenerationPrompt) else {
      let known = family ?? .chatML(defaultSystem: nil)
      return known.parts(of: messages, addGenerationPrompt: addGenerationPrompt)
    }
    return parts(of: text)
  }

  /// The parts of what the template wrote. A seam stands behind each message and around each answer.
  private func parts(of text: JinjaText) -> [ChatPart] {
    var parts: [ChatPart] = []
    let runs = text.runs
    var before = Mark.template
    for (index, run) in runs.enumerated() {
      guard run.mark == Mark.template else {
        parts.append(.text(run.text))
        before = run.mark
        continue
      }
      var rest = JinjaText(run.text)
      if before != Mark.template, let end = frame.ends[before], rest.hasPrefix(end) {
        parts += [.template(end.string), .seam]
        rest = JinjaText(rest.scalars.dropFirst(end.count))
      }
      let leadsToAnswer = index + 1 < runs.count && runs[index + 1].mark == Mark.assistant
      let isInAnswer = before == Mark.assistant && parts.last != .seam
      if leadsToAnswer && !isInAnswer {
        let place = rest.lastPlace(of: frame.answerHeader).map { $0 + frame.answerHeader.count }
        let header = rest.scalars.prefix(place ?? rest.count)
        parts += [.template(JinjaText(header).string), .seam]
        rest = JinjaText(rest.scalars.dropFirst(header.count))
      }
      parts.append(.template(rest.string))
    }
    return parts.filter { $0 == .seam || !$0.text.isEmpty }
  }
}

extension JinjaError {
  /// A template that leaves out what is said.
  fileprivate static var silent: JinjaError {
    JinjaError(code: .failed, message: "it does not write what is said")
  }
}

extension JinjaText {
  /// What the template wrote behind the last message.
  fileprivate var end: JinjaText {
    let last = scalars.lastIndex { $0.mark != OwnTemplate.Mark.template }
    return last.map { JinjaText(scalars[($0 + 1)...]) } ?? ""
  }

  /// What the template wrote behind the first text with this mark.
  fileprivate func gap(behind mark: UInt8) -> JinjaText {
    let rest = scalars.drop { $0.mark != mark }.drop { $0.mark == mark }
    return JinjaText(rest.prefix { $0.mark == OwnTemplate.Mark.template })
  }

  /// The beginning that two texts have in common.
  fileprivate func shared(with other: JinjaText) -> JinjaText {
    let count = zip(scalars, other.scalars).prefix { $0 == $1 }.count
    return JinjaText(scalars.prefix(count))
  }
}
