import Dials
import Foundation
import Reports

/// A search as lines of text: a row for each step, a column for each block.
package struct SearchMap {
  private let blockCount: Int
  private let densePerplexity: Double

  /// The map of a search that fills `manifest`.
  package init(manifest: PruningManifest) {
    blockCount = manifest.model.blockCount
    densePerplexity = manifest.densePerplexity
  }

  /// What a block costs in nats a token, as a character: the darker, the dearer.
  private static let scale: [(below: Double, glyph: Character)] = [
    (0.01, "."), (0.03, ":"), (0.1, "-"), (0.2, "="), (0.4, "+"), (0.8, "*"), (1.6, "#"),
    (.infinity, "@"),
  ]

  /// What stands above the rows.
  package func head(method: PruningMethod) -> [String] {
    let tens = (0..<blockCount).map { $0 % 10 == 0 ? Character("\($0 / 10 % 10)") : " " }
    let units = (0..<blockCount).map { Character("\($0 % 10)") }
    return [
      "\(method.rawValue): X goes, x is gone; what a token costs more without a block, in nats: "
        + ". < .01 : < .03 - < .1 = < .2 + < .4 * < .8 # < 1.6 @",
      "gone  block      PPL  " + String(tens), "                      " + String(units),
      "   0      -" + padded(densePerplexity.rounded(to: 2), 9),
    ]
  }

  /// The row of a step that was made.
  package func row(_ steps: [PruningStep], _ index: Int) -> String {
    let step = steps[index]
    let costs = Dictionary(
      uniqueKeysWithValues: step.costs.compactMap { key, cost in
        Int(key).map { (BlockIndex($0), cost) }
      })
    return padded("\(index + 1)", 4) + padded("\(step.block.rawValue)", 7)
      + padded(step.perplexity.rounded(to: 2), 9) + "  "
      + cells(costs, gone: steps[..<index].map(\.block), goes: step.block)
  }

  /// The row of the step that runs.
  package func row(_ progress: SearchProgress) -> String {
    padded("\(progress.steps.count + 1)", 4) + padded("?", 7) + padded("", 9) + "  "
      + cells(progress.costs, gone: progress.steps.map(\.block), goes: nil)
  }

  private func cells(
    _ costs: [BlockIndex: Double], gone: [BlockIndex], goes: BlockIndex?
  ) -> String {
    String(
      (0..<blockCount).map { index -> Character in
        let block = BlockIndex(index)
        if block == goes { return "X" }
        if gone.contains(block) { return "x" }
        guard let cost = costs[block] else { return " " }
        return Self.scale.first { cost < $0.below }?.glyph ?? "@"
      })
  }

  private func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
