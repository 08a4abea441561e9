import Dials
import Events
import Techniques
import Tokenization
import Transformer

extension Engine {
  /// Asks the whole model for each token of an answer, and says where it takes another: one reading of the
  /// answer, with the same random numbers.
  ///
  /// Where full depth is the whole model it reads in the answer's own cache, whose propagated rows become
  /// exact by that. Where blocks are pruned, attention is limited or an adapter changes the model, it reads
  /// in a cache of its own, which is kept for the next answer. A text that is longer than the context
  /// cannot be asked about, and a new request ends the check without a record.
  func check(_ request: TurnRequest, number: Int, emit: (Record) -> Void) {
    guard answered == number, let lastDecided else { return }
    let begin = ContinuousClock().now
    let first = request.prompt.count - 1
    let text = decoder.text.tokens + [lastDecided]
    guard first < text.count - 1 else { return }
    let choices: [TokenID]?
    if request.dials.runsWhole, decoder.pass.weights.changes == nil {
      decoder.text.truncate(to: first)
      choices = self.choices(in: &decoder.text, text, from: first, request, number: number)
      if choices != nil { decoder.text.next = lastDecided }
    } else {
      guard text.count <= contextLength else { return }
      var whole =
        wholeText
        ?? CachedText(
          over: model.withoutAdapter, contextLength: contextLength, keepsStreams: false)
      let kept = whole.rewind(to: text, route: .plain, reach: .full)
      whole.truncate(to: min(kept, first))
      choices = self.choices(in: &whole, text, from: first, request, number: number)
      wholeText = whole
    }
    guard let choices else { return }
    let time = (ContinuousClock().now - begin).wholeNanoseconds / 1000
    emit(.check(record(of: choices, beside: text[(first + 1)...], request, microseconds: time)))
  }

  /// Reads `text` to its end, but for its last token, behind what `cached` has of it, and returns what
  /// follows each position from `first` on; nil where something else came in between.
  private func choices(
    in cached: inout CachedText, _ text: [TokenID], from first: Int, _ request: TurnRequest,
    number: Int
  ) -> [TokenID]? {
    let sampler = Sampler(request.sampler)
    var choices: [TokenID] = []
    var left = text[cached.count..<text.count - 1]
    while !left.isEmpty {
      if isOvertaken(number) || shouldStop(number) { return nil }
      let part = left.prefix(cached.read(left))
      let rows = part.indices.filter { $0 >= first }.map { $0 - part.startIndex }
      for chunk in cached.pass.headParts(of: rows) {
        let logits = cached.pass.logits(rows: chunk)
        for (place, row) in chunk.enumerated() {
          let position = part.startIndex + row + 1
          choices.append(
            sampler.isPlainGreedy
              ? logits.argmax(row: place)
              : sampler.choose(
                from: logits[place], at: Position(position), after: text[..<position]
              ).token)
        }
      }
      cached.commitAll()
      left = left.dropFirst(part.count)
    }
    return choices
  }

  private func record(
    of choices: [TokenID], beside tokens: ArraySlice<TokenID>, _ request: TurnRequest,
    microseconds: Int
  ) -> CheckRecord {
    let pairs = zip(choices, tokens).enumerated()
    return CheckRecord(
      turn: request.turn, answer: request.answer,
      line: String(
        pairs.map { $1.0 == $1.1 ? CheckRecord.same : CheckRecord.other }),
      others: pairs.compactMap { place, pair in
        pair.0 == pair.1
          ? nil
          : CheckRecord.Other(
            i: place, id: pair.0,
            token: String(decoding: model.tokenizer.bytes(of: pair.0), as: UTF8.self))
      }, tUs: microseconds)
  }
}
