package import Corpus
import Dials
import Reports
package import Techniques
package import Transformer

/// How well a model under some dials predicts a text, beside the plain model.
///
/// Perplexity, mean KL divergence and the share of equal first choices mean what they mean in
/// llama-perplexity, over the same windows and the same scored tokens.
///
/// Source: llama.cpp, tools/perplexity (README.md and perplexity.cpp).
package struct TextEvaluation {
  /// The windows that are read.
  package let windows: TextWindows

  private let readers: [TextReader]
  /// Whether the first reader is the plain model, with which the others are compared.
  private let isCompared: Bool

  /// An evaluation of each of `settings`, which are valid for the model and use no short head (it knows
  /// only a part of the vocabulary). When they are to be compared
  /// with the plain model, it comes first in the result; a plain setting among them is not read again.
  package init(
    of runtime: ModelRuntime, on windows: TextWindows, settings: [DialSettings],
    isCompared: Bool = true
  ) {
    self.windows = windows
    self.isCompared = isCompared
    let all = isCompared ? [.plain] + settings.filter { $0 != .plain } : settings
    readers = all.map { TextReader(runtime, dials: $0, capacity: windows.length) }
  }

  /// Reads all windows; `progress` sees the scores after each. It ends the
  /// run early by answering false.
  package func run(_ progress: ([TextScores]) -> Bool = { _ in true }) -> [TextScores] {
    var scores = readers.map { TextScores(dials: $0.dials) }
    for index in 0..<windows.count {
      read(windows[index], into: &scores)
      if !progress(scores) { break }
    }
    return scores
  }

  /// Reads one window with all readers side by side, so that their logits can be compared.
  private func read(_ window: [TokenID], into scores: inout [TextScores]) {
    let first = windows.scored.lowerBound
    for (index, reader) in readers.enumerated() {
      let begin = clock.now
      reader.begin()
      reader.read(window[..<first])
      scores[index].seconds += (clock.now - begin).seconds
      scores[index].tokenCount += window.count - 1
      scores[index].windowCount += 1
    }
    if readers.count == 1, readers[0].isFullDepth {
      let begin = clock.now
      let targets = window[(first + 1)...]
      for loss in readers[0].losses(window[windows.scored], targets: targets) {
        scores[0].loss.add(loss)
      }
      scores[0].seconds += (clock.now - begin).seconds
      return
    }
    var start = first
    while start < windows.scored.upperBound {
      let end = min(start + (readers.map(\.scoreCapacity).min() ?? 1), windows.scored.upperBound)
      score(window, start..<end, into: &scores)
      start = end
    }
  }

  /// Scores a part of a window that fits one call.
  private func score(_ window: [TokenID], _ part: Range<Int>, into scores: inout [TextScores]) {
    var plain: [(logits: Logits, row: Int)] = []
    for (index, reader) in readers.enumerated() {
      let begin = clock.now
      var looking = Duration.zero
      reader.score(window[part]) { offset, logits, row in
        let begin = clock.now
        scores[index].loss.add(logits.loss(row: row, of: window[part.lowerBound + offset + 1]))
        if isCompared, index == 0 {
          plain.append((logits, row))
        } else if isCompared {
          scores[index].compare(logits, row: row, withPlain: plain[offset])
        }
        looking += clock.now - begin
      }
      scores[index].seconds += (clock.now - begin - looking).seconds
    }
  }

  private var clock: ContinuousClock { ContinuousClock() }
}

extension TextScores {
  fileprivate mutating func compare(
    _ logits: Logits, row: Int, withPlain plain: (logits: Logits, row: Int)
  ) {
    divergence.add(logits.divergence(row: row, from: plain.logits, row: plain.row))
    sameTop.add(logits.argmax(row: row) == plain.logits.argmax(row: plain.row) ? 1 : 0)
  }
}

extension Duration {
  fileprivate var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
