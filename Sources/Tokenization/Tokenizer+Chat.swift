package import Dials

extension Tokenizer {
  /// The tokens of a conversation, control tokens from the template alone: what a message says is
  /// text, also when it spells a control token.
  ///
  /// The tokens of the first n messages (without generation prompt) are always the beginning of
  /// the tokens of more, and header, answer and end of an assistant message are tokenised apart.
  /// So a cache that holds `messages[..<count]` goes on with what `from: count` returns.
  ///
  /// - Parameters:
  ///   - messages: the whole conversation, oldest message first.
  ///   - template: what stands around the messages.
  ///   - count: how many messages are left out at the beginning of the result.
  ///   - addGenerationPrompt: whether the header of the answer follows.
  /// - Returns: the ids, with BOS first where the template or the file asks for it.
  package func encode(
    chat messages: [ChatMessage], template: ChatTemplate, from count: Int = 0,
    addGenerationPrompt: Bool
  ) -> [TokenID] {
    var run = TokenRun(tokenizer: self)
    var turns = ChatTurns(template: template)
    for message in messages.prefix(count) { begin(turns.add(message), in: &run) }
    let start = run.count
    for message in messages.dropFirst(count) { begin(turns.add(message), in: &run) }
    if addGenerationPrompt { begin(template.answerHeader, in: &run) }
    return Array(run.tokens[start...])
  }

  /// The tokens that follow the text of an answer: the end of its turn, and what the template
  /// writes behind it.
  package func encodeAnswerEnd(template: ChatTemplate) -> [TokenID] {
    var run = TokenRun(tokenizer: self, atStart: false)
    append(template.answerEnd, to: &run)
    return run.tokens
  }

  /// Appends `parts`, and BOS before them when they are the first ones and do not bring it.
  fileprivate func begin(_ parts: [ChatPart], in run: inout TokenRun) {
    if addsBOS && run.count == 0, let bos = vocabulary.bos, let first = parts.first,
      token(of: first) != bos
    {
      run.append(bos)
    }
    append(parts, to: &run)
  }

  /// Appends `parts`; texts next to each other become one before they are cut into tokens.
  private func append(_ parts: [ChatPart], to run: inout TokenRun) {
    var text = ""
    func flush(_ text: inout String, _ run: inout TokenRun) {
      run.append(text, parseSpecial: false)
      text = ""
    }
    for part in parts {
      if let id = token(of: part) {
        flush(&text, &run)
        run.append(id)
      } else if part == .seam {
        flush(&text, &run)
      } else {
        text += part.text
      }
    }
    flush(&text, &run)
  }

  /// The control token of a marker, if the vocabulary has it.
  private func token(of part: ChatPart) -> Int32? {
    guard case .marker(let text) = part else { return nil }
    return vocabulary.control(text)
  }
}

/// The tokens of a conversation that grows: a message is cut into tokens once.
package struct ChatTokens: Sendable {
  private let tokenizer: Tokenizer
  /// The messages whose tokens are known.
  private var messages: [ChatMessage] = []
  private var turns: ChatTurns
  private var run: TokenRun

  /// No messages yet.
  package init(tokenizer: Tokenizer, template: ChatTemplate) {
    self.tokenizer = tokenizer
    turns = ChatTurns(template: template)
    run = TokenRun(tokenizer: tokenizer)
  }

  /// What ``Tokenizer/encode(chat:template:from:addGenerationPrompt:)`` gives for the whole conversation,
  /// with the header of the answer. Messages that begin with those of before cost what is new.
  package mutating func prompt(_ messages: [ChatMessage]) -> [TokenID] {
    if !messages.starts(with: self.messages) {
      self = ChatTokens(tokenizer: tokenizer, template: turns.template)
    }
    for message in messages.dropFirst(self.messages.count) {
      tokenizer.begin(turns.add(message), in: &run)
    }
    self.messages = messages
    var asked = run
    tokenizer.begin(turns.template.answerHeader, in: &asked)
    return asked.tokens
  }
}
