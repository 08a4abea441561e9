import Dials
package import Kernels
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
  package init(weights: Weights, length: Int, kernels: KernelSet, crew: WorkCrew) {
    pass = ForwardPass(weights: weights, capacity: length, kernels: kernels, crew: crew)
  }

  /// Reads a prompt, of which it keeps what the last call had in common, and its answer.
  package func verdict(on text: AnswerText) -> AnswerVerdict {
    let tokens = text.prompt + text.answer.dropLast()
    let firstDecided = text.prompt.count - 1
    var start = zip(read, tokens.prefix(firstDecided)).prefix { $0 == $1 }.count
    pass.truncate(to: start)
    read = tokens
    var verdict = AnswerVerdict(agrees: [], losses: [])
    while start < tokens.count {
      let part = tokens[start..<min(start + pass.rowCapacity, tokens.count)]
      pass.appendChain(part)
      pass.run(rows: 0..<part.count, blocks: 0..<pass.blockCount)
      let rows = part.indices.filter { $0 >= firstDecided }.map { $0 - start }
      for some in pass.headParts(of: rows) {
        let logits = pass.logits(rows: some)
        for (index, row) in some.enumerated() {
          let token = text.answer[start + row - firstDecided]
          verdict.losses.append(logits.loss(row: index, of: token))
          verdict.agrees.append(logits.argmax(row: index) == token)
        }
      }
      pass.commit(path: Array(0..<part.count))
      start += part.count
    }
    verdict.agrees.removeFirst(min(1, verdict.agrees.count))
    return verdict
  }

  /// The tokens whose keys and values are there.
  private var read: [TokenID] = []
}
