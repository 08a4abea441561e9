import Dials
package import Transformer

/// What full depth says of an answer that was written otherwise: a shadow check.
package struct AnswerVerdict: Hashable, Sendable {
  /// For each token but the first, which the prompt's own pass decides: whether it is the one that full
  /// depth finds most probable after the tokens before it.
  package var agrees: [Bool]
  /// `−ln p` of each token at full depth, in nats.
  package var losses: [Double]
}

/// Reads answers again at full depth, in batches.
package final class AnswerCheck {
  private let pass: ForwardPass

  /// A check of texts of up to `length` tokens.
  package init(_ runtime: ModelRuntime, length: Int) {
    pass = ForwardPass(runtime, capacity: length)
  }

  /// Reads a prompt, of which it keeps what the last call had in common, and its answer.
  package func verdict(on text: AnswerText) -> AnswerVerdict {
    let tokens = text.prompt + text.answer.dropLast()
    let firstDecided = text.prompt.count - 1
    let known = zip(read, tokens.prefix(firstDecided)).prefix { $0 == $1 }.count
    pass.truncate(to: known)
    read = tokens
    var verdict = AnswerVerdict(agrees: [], losses: [])
    pass.read(tokens[known...]) { part in
      let start = part.tokens.startIndex
      let rows = part.rows.filter { start + $0 >= firstDecided }
      for some in pass.headParts(of: rows) {
        let logits = pass.logits(rows: some)
        for (index, row) in some.enumerated() {
          let token = text.answer[start + row - firstDecided]
          verdict.losses.append(logits.loss(row: index, of: token))
          verdict.agrees.append(logits.argmax(row: index) == token)
        }
      }
    }
    verdict.agrees.removeFirst(min(1, verdict.agrees.count))
    return verdict
  }

  /// The tokens whose keys and values are there.
  private var read: [TokenID] = []
}
