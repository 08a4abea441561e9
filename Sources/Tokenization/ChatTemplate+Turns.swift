/// A conversation as a template written out by hand has it, message by message.
struct ChatTurns {
  let template: ChatTemplate
  private var hasBegun = false
  /// Text that waits to be put in front of the next message's.
  private var held = ""

  /// No messages yet.
  init(template: ChatTemplate) { self.template = template }

  /// The parts that the next message adds. They depend on it and on the ones before, never on what follows.
  mutating func add(_ message: ChatMessage) -> [ChatPart] {
    let isSystem = message.role == .system
    if !hasBegun, isSystem, case .llama3(let preamble?) = template { held = preamble }
    if isSystem && template.holdsSystem {
      held += template.system(message.content)
      return []
    }
    let opening = hasBegun ? [] : template.beginning(before: message.role)
    hasBegun = true
    if message.role == .assistant { return opening + template.answer(message.content) }
    defer { held = "" }
    return opening + template.turn(message, after: held) + [.seam]
  }
}

extension ChatTemplate {
  /// The parts of a whole conversation.
  func parts(of messages: [ChatMessage], addGenerationPrompt: Bool) -> [ChatPart] {
    if case .own(let template) = self {
      return template.parts(of: messages, addGenerationPrompt: addGenerationPrompt)
    }
    var turns = ChatTurns(template: self)
    return messages.flatMap { turns.add($0) } + (addGenerationPrompt ? answerHeader : [])
  }

  /// What stands between a conversation and the answer to come: the header of an assistant message.
  var answerHeader: [ChatPart] {
    switch self {
    case .own(let template): [template.frame.headerPart]
    case .chatML: [.marker("<|im_start|>"), .text("assistant\n")]
    case .llama3: Self.llama3Header("assistant")
    case .zephyr: [.marker("<|assistant|>"), .text("\n")]
    case .gemma: [.marker("<start_of_turn>"), .text("model\n")]
    case .llama2, .mistral, .raw: []
    }
  }

  /// What stands after the text of an answer, the end token first.
  var answerEnd: [ChatPart] {
    switch self {
    case .own(let template): [template.frame.answerEndPart]
    case .chatML: [.marker("<|im_end|>"), .text("\n")]
    case .llama2: [.text(" "), .marker("</s>")]
    case .llama3: [.marker("<|eot_id|>")]
    case .zephyr(let end): [.marker(end), .text("\n")]
    case .mistral(let spacing): [.marker("</s>"), .text(spacing.afterAnswer)]
    case .gemma: [.marker("<end_of_turn>"), .text("\n")]
    case .raw: []
    }
  }

  /// The texts that it writes as markers.
  var markers: Set<String> {
    if case .own(let template) = self {
      return template.frame.markers.union(template.family?.markers ?? [])
    }
    let roles: [ChatMessage.Role] = [.system, .user, .assistant]
    var turns = ChatTurns(template: self)
    let parts = roles.flatMap { turns.add(ChatMessage($0, "")) } + answerHeader + answerEnd
    return Set(parts.compactMap(\.marker))
  }

  /// The marker that ends an answer, if one does.
  var endMarker: String? {
    if case .own(let template) = self { return template.frame.endMarker }
    return answerEnd.lazy.compactMap(\.marker).first
  }

  /// Whether system text has no turn of its own and goes in front of the next user message.
  fileprivate var holdsSystem: Bool {
    switch self {
    case .llama2, .mistral, .gemma: true
    case .own, .chatML, .llama3, .zephyr, .raw: false
    }
  }

  /// What stands before everything else, given who speaks first.
  fileprivate func beginning(before role: ChatMessage.Role) -> [ChatPart] {
    switch self {
    case .chatML(let system?) where role != .system:
      [.marker("<|im_start|>"), .text("system\n" + system), .marker("<|im_end|>"), .text("\n")]
    case .llama3(let preamble):
      [.marker("<|begin_of_text|>")]
        + (role == .system ? [] : preamble.map { Self.llama3Turn("system", $0) } ?? [])
    case .mistral: [.marker("<s>")]
    case .gemma: [.marker("<bos>")]
    case .own, .chatML, .llama2, .zephyr, .raw: []
    }
  }

  /// System text as it stands in front of a user message.
  fileprivate func system(_ text: String) -> String {
    self == .llama2 ? "<<SYS>>\n" + text + "\n<</SYS>>\n\n" : text + "\n\n"
  }

  /// The parts of a system or user message.
  fileprivate func turn(_ message: ChatMessage, after held: String) -> [ChatPart] {
    let (role, content) = (message.role.rawValue, message.content)
    switch self {
    case .chatML:
      return [.marker("<|im_start|>"), .text(role + "\n" + content)] + answerEnd
    case .llama2:
      return [.marker("<s>"), .text("[INST] " + (held + content).strippedOfSpace + " [/INST]")]
    case .llama3:
      return Self.llama3Turn(role, held + content.strippedOfSpace)
    case .zephyr:
      return [.marker("<|\(role)|>"), .text("\n" + content)] + answerEnd
    case .mistral(let spacing):
      return [.text(spacing.opening + held + content + spacing.closing)]
    case .gemma:
      return [.marker("<start_of_turn>"), .text("user\n" + held + content.strippedOfSpace)]
        + answerEnd
    case .own, .raw:
      return [.text(content)]
    }
  }

  /// The parts of an assistant message.
  fileprivate func answer(_ content: String) -> [ChatPart] {
    let text =
      switch self {
      case .llama2: " " + content.strippedOfSpace
      case .llama3, .gemma: content.strippedOfSpace
      case .mistral(let spacing): spacing.beforeAnswer + content
      case .own, .chatML, .zephyr, .raw: content
      }
    return answerHeader + [.seam, .text(text)] + answerEnd + [.seam]
  }

  private static func llama3Header(_ role: String) -> [ChatPart] {
    [
      .marker("<|start_header_id|>"), .text(role), .marker("<|end_header_id|>"), .text("\n\n"),
    ]
  }

  private static func llama3Turn(_ role: String, _ content: String) -> [ChatPart] {
    llama3Header(role) + [.text(content), .marker("<|eot_id|>")]
  }
}

extension String {
  /// The text without white space at both ends, as `str.strip()` of Python (which counts U+001C to
  /// U+001F as white space).
  fileprivate var strippedOfSpace: String {
    func isSpace(_ scalar: Unicode.Scalar) -> Bool {
      scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
    }
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !isSpace($0) }),
      let last = scalars.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(scalars[first...last])
  }
}
