/// How the blocks that go are chosen. The first and the last block always stay.
package enum PruningMethod: String, Hashable, Codable, Sendable, CaseIterable {
  /// One after another, each time the block without which the already pruned model predicts the
  /// calibration text best: greedy forward selection.
  ///
  /// Source: Song et al., SLEB (arXiv 2402.09025), metric 3.
  case sleb
  /// All at once, by the perplexity of the whole model without that one block (SLEB's metric 2).
  case oneShot = "one-shot"
  /// All at once, by how little a block turns the residual stream: the mean over the tokens of
  /// 1 − cos(input, output).
  ///
  /// Source: Men et al., ShortGPT (arXiv 2403.03853), block influence; SLEB's metric 1.
  case influence = "shortgpt"
  /// By chance: the baseline of baselines.
  case random
}
