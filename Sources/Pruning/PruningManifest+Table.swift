import Dials
import Reports

extension PruningManifest {
  /// The first `count` blocks that go and the perplexity without them, as a table.
  package func lines(count: Int) -> [String] {
    var rows = [["0", "-", densePerplexity.rounded(to: 3)]]
    rows += steps.prefix(count).enumerated().map { index, step in
      ["\(index + 1)", "\(step.block.rawValue)", step.perplexity.rounded(to: 3)]
    }
    return Table(header: ["GONE", "BLOCK", "PPL"], rows: rows).lines
  }
}
