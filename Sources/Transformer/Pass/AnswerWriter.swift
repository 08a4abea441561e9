package import Dials

/// Has the model answer many prompts at a time: a pass makes each of several texts longer by one token, so
/// the weights are read once for all of them.
package struct AnswerWriter {
  /// An answer to a prompt.
  package struct Answer: Hashable, Sendable {
    /// The prompt's index.
    package var index: Int
    /// The answer, with the token that ended it if there was one.
    package var tokens: [TokenID]
  }

  /// The token at `position` of the text with prompt `index`, by its logits.
  package typealias Choice = (
    _ logits: UnsafeMutableBufferPointer<Float>, _ index: Int, _ position: Position
  ) -> TokenID

  /// Texts at a time.
  package var width = 24
  /// The greatest length of a text in tokens, prompt included.
  package let room: Int
  /// The greatest length of an answer in tokens.
  package let answerLength: Int
  private let choose: Choice

  /// A writer of texts of up to `room` tokens, rounded up to a multiple of 16. A text is the same
  /// whatever texts are written beside it, if `choose` depends on its arguments alone.
  package init(
    room: Int, answerLength: Int, choose: @escaping Choice = AnswerWriter.mostProbable
  ) {
    self.room = (room + 15) / 16 * 16
    self.answerLength = answerLength
    self.choose = choose
  }

  /// Answers `prompts` until a token of `ends`; `take` gets each answer as it is done, and ends the
  /// writing by answering false. Prompts that leave no room are passed over.
  package func answer(
    _ prompts: [[TokenID]], ends: Set<TokenID>, runtime: ModelRuntime,
    take: (Answer) -> Bool
  ) {
    let pass = ForwardPass(runtime, capacity: width * room)
    var next = 0
    var texts: [Text?] = Array(repeating: nil, count: width)
    while true {
      for slot in texts.indices where texts[slot] == nil {
        while next < prompts.count, !fits(prompts[next]) { next += 1 }
        guard next < prompts.count else { break }
        texts[slot] = begin(prompts[next], index: next, slot: slot, pass: pass)
        next += 1
      }
      let active = texts.indices.filter { texts[$0] != nil }
      if active.isEmpty { return }
      for slot in active {
        guard let text = texts[slot] else { continue }
        pass.append(text.last, position: Position(text.count - 1), text: slot, room: room)
      }
      pass.run(rows: 0..<active.count, blocks: 0..<pass.blockCount)
      for part in pass.headParts(of: Array(active.indices)) {
        let logits = pass.logits(rows: part)
        for (row, place) in part.enumerated() {
          guard var text = texts[active[place]] else { continue }
          text.add(choose(logits[row], text.index, Position(text.count)))
          let isOver =
            ends.contains(text.last) || text.answer.count == answerLength || text.count == room
          texts[active[place]] = isOver ? nil : text
          if isOver, !take(Answer(index: text.index, tokens: text.answer)) { return }
        }
      }
      pass.land()
    }
  }

  /// The token with the highest logit; among equals the one with the lower id.
  package static func mostProbable(
    _ logits: UnsafeMutableBufferPointer<Float>, _ index: Int, _ position: Position
  ) -> TokenID {
    TokenID(Candidates.top(1, of: UnsafeBufferPointer(logits)).first?.index ?? 0)
  }

  private func fits(_ prompt: [TokenID]) -> Bool { !prompt.isEmpty && prompt.count + 16 <= room }

  /// Reads all of a prompt but its last token, which is the text's first row in the common passes.
  private func begin(
    _ prompt: [TokenID], index: Int, slot: Int, pass: ForwardPass
  ) -> Text {
    var position = 0
    while position < prompt.count - 1 {
      let count = min(pass.rowCapacity, prompt.count - 1 - position)
      for offset in position..<position + count {
        pass.append(prompt[offset], position: Position(offset), text: slot, room: room)
      }
      pass.run(rows: 0..<count, blocks: 0..<pass.blockCount)
      pass.land()
      position += count
    }
    return Text(index: index, count: prompt.count, last: prompt[prompt.count - 1])
  }

  /// One text in the making.
  private struct Text {
    var index: Int
    /// Tokens so far, prompt included.
    var count: Int
    var last: TokenID
    var answer: [TokenID] = []

    mutating func add(_ token: TokenID) {
      answer.append(token)
      last = token
      count += 1
    }
  }
}
