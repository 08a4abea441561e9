import Dials
import Events
import Techniques
import Tokenization
import Transformer

extension Engine {
  /// Looks closer at the tokens of an answer while nothing else is to do.
  ///
  /// The answer is read again at full depth, in batches, from the last token of its prompt on. That
  /// gives the raw logit lens of every block that runs, tells whether the last of them chooses the same
  /// tokens, and makes every propagated row exact. A new request overtakes it between two tokens.
  /// There is nothing to look at where the answer failed or another one came in between. Under a
  /// window only tokens whose windows are still there are looked at: the last ones of a long answer.
  func inspect(_ request: TurnRequest, number: Int, emit: (Record) -> Void) async {
    guard answered == number, let lastDecided else { return }
    let first = max(request.prompt.count - 1, decoder.pass.firstContinuation)
    guard first < decoder.text.count, first <= decoder.text.firstPropagated ?? .max else {
      return await practise(number: number)
    }
    let text = decoder.text.tokens + [lastDecided]
    var left = text[first..<text.count - 1]
    decoder.text.truncate(to: first)
    while !left.isEmpty {
      let part = left.prefix(decoder.text.read(left, capture: true))
      for position in part.indices {
        if Task.isCancelled { break }
        let row = position - part.startIndex
        emit(.probe(probe(request, row: row, position: position + 1, text: text)))
        await Task.yield()
        guard answered == number else { return }
      }
      decoder.text.commitAll()
      if Task.isCancelled { return }
      left = left.dropFirst(part.count)
    }
    decoder.text.next = lastDecided
    await practise(number: number)
  }

  /// Lets drafters that run the model practise on the text, if the last request asked for some.
  private func practise(number: Int) async {
    while answered == number, !Task.isCancelled, decoder.hasPractice {
      let hasLearned = decoder.practise(4) { answered == number && !Task.isCancelled }
      if !hasLearned { return }
      await Task.yield()
    }
  }

  /// The look at the token at `position` of the text, which row `row` in flight decides.
  private func probe(
    _ request: TurnRequest, row: Int, position: Int, text: [TokenID]
  ) -> ProbeRecord {
    let blocks = (0..<decoder.blockCount).filter(decoder.text.route.runs)
    let logits = decoder.pass.lens(row: row, blocks: blocks)
    let readouts = blocks.indices.map { logits.readout(row: $0, depth: blocks[$0] + 1) }
    let final = readouts.last?.token
    let unsettled = readouts.lastIndex { $0.token != final }
    let choice = Sampler(request.sampler).choose(
      from: logits[blocks.count - 1], at: Position(position), after: text[..<position])
    return ProbeRecord(
      turn: request.turn, answer: request.answer, i: position - request.prompt.count,
      pos: Position(position), lens: "raw",
      layers: readouts.map {
        ProbeRecord.Layer(
          l: $0.depth, id: $0.token,
          token: String(decoding: model.tokenizer.bytes(of: $0.token), as: UTF8.self),
          p: $0.probability)
      },
      settled: readouts[unsettled.map { $0 + 1 } ?? 0].depth, agree: choice.token == text[position])
  }
}
