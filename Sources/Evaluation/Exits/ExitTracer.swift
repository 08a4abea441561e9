package import Dials
import Kernels
package import Transformer

/// A prompt and its answer.
package struct AnswerText: Hashable, Sendable {
  /// The prompt's tokens, at least one.
  package var prompt: [TokenID]
  /// The answer's tokens.
  package var answer: [TokenID]

  /// A prompt with its answer.
  package init(prompt: [TokenID], answer: [TokenID]) {
    self.prompt = prompt
    self.answer = answer
  }
}

/// Reads answers once at full depth, as they were written, with a look through every exit on the way.
///
/// An answer's first token comes out of the prompt's own pass, which is never cut short: it is no
/// position of the trace. Keys and values are those of full depth, which is what the fill `catch-up`
/// gives; with `propagate` what comes after an exit sees others, and the trace does not know.
package final class ExitTracer {
  /// What was read so far.
  package private(set) var trace: ExitTrace

  /// Bytes that finding full depth's most probable token read of the head, on average.
  package var headBytes: Int { trace.count > 0 ? headSum / trace.count : 0 }

  private var headSum = 0
  private let pass: ForwardPass
  private let hasShortHead: Bool

  /// A tracer of texts of up to `length` tokens. `depths` are the exits, ascending; they ask the short
  /// head where the runtime's exits have one, else the whole.
  package init(
    _ runtime: ModelRuntime, depths: [Int], length: Int
  ) {
    pass = ForwardPass(runtime, capacity: length)
    hasShortHead = runtime.exits?.shortHead != nil
    trace = ExitTrace(depths: depths, hasShortHead: hasShortHead)
  }

  /// Reads a text; one whose answer has a single token leaves nothing to decide, and is passed over.
  package func read(_ text: AnswerText) {
    guard text.answer.count > 1, !text.prompt.isEmpty else { return }
    pass.truncate(to: 0)
    let tokens = text.prompt + text.answer.dropLast()
    let first = trace.count
    pass.readParts(of: tokens[...]) { part in
      // Row r of the text decides answer token r + 1 − prompt.count.
      let start = part.tokens.startIndex
      let rows = part.rows.filter { start + $0 >= text.prompt.count }
      look(at: rows, of: part.rows.count)
      for row in rows.indices
      where text.answer[start + rows[row] + 1 - text.prompt.count] == truth[row] {
        trace.followed += 1
      }
    }
    trace.texts.append(first..<first + text.answer.count - 1)
  }

  /// Full depth's most probable token at each row looked at.
  private var truth: [TokenID] = []

  /// Takes `count` rows in flight through all blocks and looks at `rows` on the way.
  private func look(at rows: [Int], of count: Int) {
    var seen: [[Readout]] = []
    var gates: [[Float]?] = []
    var depth = 0
    for exit in trace.depths {
      pass.run(rows: 0..<count, blocks: depth..<exit)
      depth = exit
      seen.append(readouts(of: rows, at: exit))
      gates.append(
        pass.exits?.gatedDepths.contains(exit) == true
          ? rows.map { pass.gate(row: $0, at: exit) ?? 1 } : nil)
    }
    pass.run(rows: 0..<count, blocks: depth..<pass.blockCount)
    let last = hasShortHead ? readouts(of: rows, at: pass.blockCount) : nil
    truth = pass.headParts(of: rows).flatMap { part in
      _ = pass.work.take()
      let logits = pass.logits(rows: part, exactTop: 1)
      headSum += headBytes(pass.work.take().bytes, rows: part.count)
      return part.indices.map { logits.argmax(row: $0) }
    }
    for (exit, readouts) in seen.enumerated() {
      trace.exits[exit].add(readouts, gates: gates[exit], truth: truth)
    }
    if let last { trace.last?.add(last, gates: nil, truth: truth) }
  }

  /// What `rows` readings of the head would have read one by one, where all together read `bytes`: its
  /// coarse form once each, and the rows that were finished.
  private func headBytes(_ bytes: Int, rows: Int) -> Int {
    bytes + (rows - 1) * (pass.weights.coarseHead?.byteCount ?? pass.weights.head.byteCount)
  }

  private func readouts(of rows: [Int], at depth: Int) -> [Readout] {
    pass.headParts(of: rows).flatMap { part in
      let logits = pass.logits(rows: part, at: depth, short: hasShortHead)
      return part.indices.map { logits.readout(row: $0, depth: depth) }
    }
  }
}

extension ExitTrace.Column {
  fileprivate mutating func add(_ readouts: [Readout], gates: [Float]?, truth: [TokenID]) {
    confidence += readouts.map(\.probability)
    if let gates { gate = (gate ?? []) + gates }
    agrees += zip(readouts, truth).map { $0.token == $1 }
  }
}
