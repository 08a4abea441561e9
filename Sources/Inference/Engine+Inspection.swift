import Dials
import Events
import Techniques
import Tokenization
import Transformer

extension Engine {
  /// Looks closer at the tokens of an answer while nothing else is to do.
  ///
  /// The answer is read again at full depth, in batches, from the last token of its prompt on. That
  /// gives the raw logit lens of every block, tells whether full depth chooses the same tokens, and
  /// makes every propagated row exact. A new request overtakes it between two tokens.
  /// There is nothing to look at where the answer failed or another one came in between.
  func inspect(_ request: TurnRequest, number: Int, emit: (Record) -> Void) async {
    guard answered == number, let lastDecided else { return }
    let inputs = Array(decoder.text[(request.prompt.count - 1)...])
    var left = inputs[...]
    decoder.truncate(to: request.prompt.count - 1)
    let answer = Array(inputs.dropFirst()) + [lastDecided]
    while !left.isEmpty {
      let part = left.prefix(decoder.read(left, capture: true))
      for row in part.indices {
        if Task.isCancelled { break }
        emit(.probe(probe(request, row: row - part.startIndex, index: row, answer: answer)))
        await Task.yield()
        guard answered == number else { return }
      }
      decoder.keep(part)
      if Task.isCancelled { return }
      left = left.dropFirst(part.count)
    }
    await searchSkips(request, number: number)
  }

  /// Looks for blocks that self-drafts can do without, if the request asks for such drafts.
  private func searchSkips(_ request: TurnRequest, number: Int) async {
    guard request.dials.draft.sources.contains(.skip) else { return }
    while answered == number, !Task.isCancelled, !decoder.skips.isOver {
      let before = decoder.skips.trialCount
      decoder.searchSkips(trials: 4) { answered == number && !Task.isCancelled }
      if decoder.skips.trialCount == before { return }
      await Task.yield()
    }
  }

  /// The look at token `index` of the answer, which row `row` in flight decides.
  private func probe(
    _ request: TurnRequest, row: Int, index: Int, answer: [TokenID]
  ) -> ProbeRecord {
    let blocks = (0..<decoder.blockCount).filter { !decoder.pruned.contains(BlockIndex($0)) }
    let logits = decoder.pass.lens(row: row, blocks: blocks)
    let readouts = blocks.indices.map { logits.readout(row: $0, depth: blocks[$0] + 1) }
    let final = readouts.last?.token
    let unsettled = readouts.lastIndex { $0.token != final }
    let position = Position(request.prompt.count + index)
    let choice = Sampler(request.sampler).choose(
      from: logits[blocks.count - 1], at: position, after: request.prompt + answer[..<index])
    return ProbeRecord(
      turn: request.turn, i: index, pos: position, lens: "raw",
      layers: readouts.map {
        ProbeRecord.Layer(
          l: $0.depth, id: $0.token,
          token: String(decoding: model.tokenizer.bytes(of: $0.token), as: UTF8.self),
          p: $0.probability)
      },
      settled: readouts[unsettled.map { $0 + 1 } ?? 0].depth, agree: choice.token == answer[index])
  }
}
