package import Dials

extension Tokenizer {
  /// The tokens of a conversation, control tokens from the template alone: what a message says is
  /// text, also when it spells a control token.
  ///
  /// Header, answer and end of an assistant message are tokenised apart. The tokens of the first n
  /// messages (without generation prompt) are the beginning of the tokens of more, unless the
  /// file's template writes a message otherwise once more is said, as some do that drop reasoning.
  ///
  /// - Parameters:
  ///   - messages: the whole conversation, oldest message first.
  ///   - template: what stands around the messages.
  ///   - count: the tokens that these first messages have alone are left out at the beginning of the
  ///     result, as far as the whole conversation begins with them.
  ///   - addGenerationPrompt: whether the header of the answer follows.
  /// - Returns: the ids, with BOS first where the template or the file asks for it.
  package func encode(
    chat messages: [ChatMessage], template: ChatTemplate, from count: Int = 0,
    addGenerationPrompt: Bool
  ) -> [TokenID] {
    func tokens(_ messages: [ChatMessage], _ addGenerationPrompt: Bool) -> [TokenID] {
      var run = TokenRun(tokenizer: self)
      begin(template.parts(of: messages, addGenerationPrompt: addGenerationPrompt), in: &run)
      return run.tokens
    }
    let whole = tokens(messages, addGenerationPrompt)
    if count == 0 { return whole }
    let known = tokens(Array(messages.prefix(count)), false)
    return Array(whole[zip(whole, known).prefix { $0 == $1 }.count...])
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
      token(beginning: first) != bos
    {
      run.append(bos)
    }
    append(parts, to: &run)
  }

  /// Appends `parts`; texts next to each other become one before they are cut into tokens.
  fileprivate func append(_ parts: [ChatPart], to run: inout TokenRun) {
    var text = ""
    func append(_ id: Int32) {
      flush()
      run.append(id)
    }
    func flush() {
      run.append(text, parseSpecial: false)
      text = ""
    }
    for part in parts {
      switch part {
      case .seam: flush()
      case .text(let said): text += said
      case .marker(let marker):
        if let id = vocabulary.control(marker) { append(id) } else { text += marker }
      case .template(let written):
        let bytes = Array(written.utf8)
        for piece in specials.parts(of: bytes, withControl: true) {
          switch piece {
          case .token(let id): append(id)
          case .text(let range): text += String(decoding: bytes[range], as: UTF8.self)
          }
        }
      }
    }
    flush()
  }

  /// The control token that a part begins with, if the vocabulary has it.
  private func token(beginning part: ChatPart) -> Int32? {
    switch part {
    case .marker(let text): return vocabulary.control(text)
    case .template(let text):
      let first = specials.parts(of: Array(text.utf8), withControl: true).first
      if case .token(let id)? = first { return id }
      return nil
    case .text, .seam: return nil
    }
  }
}

/// The tokens of a conversation that grows: a message is cut into tokens once.
package struct ChatTokens: Sendable {
  private let tokenizer: Tokenizer
  private let template: ChatTemplate
  private var written: WrittenTurns
  private var rendered: RenderedTurns
  /// The last prompt whose messages were found in it, and where the first so many of them end.
  private var found: (messages: [ChatMessage], prompt: [TokenID], ends: [Int: Int]) = ([], [], [:])

  /// No messages yet.
  package init(tokenizer: Tokenizer, template: ChatTemplate) {
    (self.tokenizer, self.template) = (tokenizer, template)
    written = WrittenTurns(tokenizer: tokenizer, template: template)
    rendered = RenderedTurns(tokenizer: tokenizer)
  }

  /// What ``Tokenizer/encode(chat:template:from:addGenerationPrompt:)`` gives for the whole conversation,
  /// with the header of the answer. Messages that begin with those of before cost what is new.
  package mutating func prompt(_ messages: [ChatMessage]) -> [TokenID] {
    if case .own = template {
      return rendered.tokens(of: template.parts(of: messages, addGenerationPrompt: true))
    }
    return written.prompt(messages)
  }

  /// How many tokens of `prompt`, which is that of `messages`, the first `counts` of these are each.
  package mutating func ends(
    of counts: [Int], in messages: [ChatMessage], prompt: [TokenID]
  ) -> [Int] {
    let same = zip(found.messages, messages).prefix { $0 == $1 }.count
    let read = zip(found.prompt, prompt).prefix { $0 == $1 }.count
    var ends = found.ends.filter { $0.key <= same && $0.value <= read }
    for count in counts where ends[count] == nil {
      let first = tokenizer.encode(
        chat: Array(messages.prefix(count)), template: template, addGenerationPrompt: false)
      ends[count] = zip(first, prompt).prefix { $0 == $1 }.count
    }
    found = (messages, prompt, ends)
    return counts.map { ends[$0] ?? 0 }
  }
}

/// Messages in a template that writes each without a look at what follows.
private struct WrittenTurns {
  private let tokenizer: Tokenizer
  /// The messages whose tokens are known.
  private var messages: [ChatMessage] = []
  private var turns: ChatTurns
  private var run: TokenRun

  init(tokenizer: Tokenizer, template: ChatTemplate) {
    self.tokenizer = tokenizer
    turns = ChatTurns(template: template)
    run = TokenRun(tokenizer: tokenizer)
  }

  mutating func prompt(_ messages: [ChatMessage]) -> [TokenID] {
    if !messages.starts(with: self.messages) {
      self = WrittenTurns(tokenizer: tokenizer, template: turns.template)
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

/// A conversation in the parts that the file's own template makes of it: tokens are known up to the
/// last seam at which all parts before are the same.
private struct RenderedTurns {
  private let tokenizer: Tokenizer
  /// The parts between seams, and where the tokens of each end.
  private var known: [(parts: [ChatPart], end: TokenRun.Place)] = []
  private var run: TokenRun

  init(tokenizer: Tokenizer) {
    self.tokenizer = tokenizer
    run = TokenRun(tokenizer: tokenizer)
  }

  mutating func tokens(of parts: [ChatPart]) -> [TokenID] {
    let pieces = parts.split(separator: .seam)
    let same = zip(pieces, known).prefix { $0.elementsEqual($1.parts) }.count
    known.removeLast(known.count - same)
    run.goBack(to: known.last?.end)
    for piece in pieces[same...] {
      tokenizer.begin(Array(piece), in: &run)
      known.append((Array(piece), run.place))
    }
    return run.tokens
  }
}
