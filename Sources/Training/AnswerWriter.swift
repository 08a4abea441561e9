package import Dials
package import Transformer

/// Has the model answer many prompts at a time: a pass makes each of its texts longer by one token, so
/// the weights are read once for all of them.
package struct AnswerWriter {
  /// A prompt that was answered.
  package struct Answer: Hashable, Sendable {
    /// Which prompt it was.
    package var index: Int
    /// The answer, its end included if it came to one.
    package var tokens: [TokenID]
  }

  /// Texts at a time.
  package var width = 24
  /// Positions of a text, prompt included.
  package var room: Int
  /// The greatest length of an answer.
  package var answerLength: Int
  /// 0 takes the most probable token.
  package var temperature: Float
  /// Tokens that may be drawn at each step; the most probable ones.
  package var topK = 40
  /// Decides what is drawn.
  package var seed: UInt64

  /// A writer of answers to prompts that leave room for one in `room` positions, rounded up to a
  /// multiple of 16.
  package init(room: Int, answerLength: Int, temperature: Float, seed: UInt64) {
    self.room = (room + 15) / 16 * 16
    self.answerLength = answerLength
    self.temperature = temperature
    self.seed = seed
  }

  /// Answers `prompts`; each answer is handed to `take` as it is done, which ends the writing by
  /// answering false. Prompts that leave no room are passed over. What is drawn for an answer depends
  /// on the seed, the prompt's index and the position alone.
  package func answer(
    _ prompts: [[TokenID]], ends: Set<TokenID>, runtime: ModelRuntime, take: (Answer) -> Bool
  ) {
    let pass = ForwardPass(runtime, capacity: width * room)
    var next = 0
    var lanes: [Lane?] = Array(repeating: nil, count: width)
    while true {
      for lane in lanes.indices where lanes[lane] == nil {
        while next < prompts.count, !fits(prompts[next]) { next += 1 }
        guard next < prompts.count else { break }
        lanes[lane] = begin(prompts[next], index: next, lane: lane, pass: pass)
        next += 1
      }
      let active = lanes.indices.filter { lanes[$0] != nil }
      if active.isEmpty { return }
      for lane in active {
        guard let text = lanes[lane] else { continue }
        pass.append(text.last, position: Position(text.count - 1), text: lane, room: room)
      }
      pass.run(rows: 0..<active.count, blocks: 0..<pass.blockCount)
      for part in pass.headParts(of: Array(active.indices)) {
        let logits = pass.logits(rows: part)
        for (row, place) in part.enumerated() {
          guard var text = lanes[active[place]] else { continue }
          text.add(choose(UnsafeBufferPointer(logits[row]), for: text))
          let isOver =
            ends.contains(text.last) || text.answer.count == answerLength || text.count == room
          lanes[active[place]] = isOver ? nil : text
          if isOver, !take(Answer(index: text.index, tokens: text.answer)) { return }
        }
      }
      pass.land()
    }
  }

  private func fits(_ prompt: [TokenID]) -> Bool { !prompt.isEmpty && prompt.count + 16 <= room }

  /// Reads all of a prompt but its last token, which is the first row of the common passes.
  private func begin(
    _ prompt: [TokenID], index: Int, lane: Int, pass: ForwardPass
  ) -> Lane {
    var position = 0
    while position < prompt.count - 1 {
      let count = min(pass.rowCapacity, prompt.count - 1 - position)
      for offset in position..<position + count {
        pass.append(prompt[offset], position: Position(offset), text: lane, room: room)
      }
      pass.run(rows: 0..<count, blocks: 0..<pass.blockCount)
      pass.land()
      position += count
    }
    return Lane(index: index, count: prompt.count, last: prompt[prompt.count - 1])
  }

  private func choose(_ logits: UnsafeBufferPointer<Float>, for text: Lane) -> TokenID {
    let best = Candidates(logits, count: temperature > 0 ? topK : 1)
    var generator = CounterGenerator(seed: seed &+ UInt64(text.index), .sampling, text.count)
    return temperature > 0
      ? best.drawn(temperature: temperature, uniform: generator.nextUniform()) : best.first
  }

  /// One text in the making.
  private struct Lane {
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

/// The most probable tokens of a row of logits.
struct Candidates {
  /// Ids and logits, the largest first.
  let tokens: [(id: Int32, logit: Float)]

  /// The `count` largest of `logits`.
  init(_ logits: UnsafeBufferPointer<Float>, count: Int) {
    var best: [(id: Int32, logit: Float)] = []
    best.reserveCapacity(count + 1)
    var least = -Float.infinity
    for (id, value) in logits.enumerated() where value > least {
      let place = best.firstIndex { $0.logit < value } ?? best.count
      best.insert((Int32(id), value), at: place)
      if best.count > count { best.removeLast() }
      if best.count == count { least = best[count - 1].logit }
    }
    tokens = best
  }

  /// The most probable token.
  var first: TokenID { TokenID(rawValue: tokens.first?.id ?? 0) }

  /// The token that a uniform number in 0..<1 draws at this temperature.
  func drawn(temperature: Float, uniform: Float) -> TokenID {
    guard let largest = tokens.first?.logit else { return first }
    let weights = tokens.map { SIMD8(repeating: ($0.logit - largest) / temperature).exponential[0] }
    var rest = uniform * weights.reduce(0, +)
    for (token, weight) in zip(tokens, weights) {
      rest -= weight
      if rest < 0 { return TokenID(rawValue: token.id) }
    }
    return first
  }
}
