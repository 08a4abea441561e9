// Source: Elhoushi et al., LayerSkip (arXiv 2404.16710): a draft is a pass that stops at block e.
// Decides: every token leaves after the same number of blocks.
// Needs: no evidence.
// Costs: depth / n of the blocks, and the head that decides the token.
// Exact? As a draft that full depth verifies, yes; unverified, no.

package import Dials

/// Every token leaves after `depth` blocks.
package struct FixedExit: ExitTechnique, DepthPolicy {
  /// Blocks of the model passed before a token leaves (1...n).
  package let depth: Int

  /// An exit after `depth` blocks.
  package init(depth: Int) { self.depth = depth }

  /// `fixed`.
  package static var key: String { "fixed" }
  /// `fixed`.
  package static var reason: String { "fixed" }
  /// `fixed`.
  package static var words: [String] { ["fixed"] }
  /// The notation for help.
  package static var usage: String { "fixed N" }
  /// As people type it.
  package static var examples: [String] { ["fixed 20"] }

  /// Nothing was measured.
  package static func explanation(of reason: ExitReason, number: (Float) -> String) -> String {
    ", the fixed exit"
  }

  /// Reads `fixed 20`: blocks executed.
  package init?(words: [String], usual: [Int]) {
    guard words.count == 2, let depth = Int(words[1]) else { return nil }
    self.init(depth: depth)
  }

  /// Checks the depth.
  package func validate(blockCount: Int, typed: String) throws(DialError) {
    try DialError.checkExit(depth: depth, blockCount: blockCount, typed: typed)
  }

  /// The one depth.
  package var depths: [Int] { [depth] }
  /// `fixed 20`.
  package var notation: String { "fixed \(depth)" }
  /// `at 20`.
  package func label(number: (Float) -> String) -> String { "at \(depth)" }

  /// Itself, where it saves a block.
  package func policy(where saves: (Int) -> Bool) -> (any DepthPolicy)? {
    saves(depth) ? self : nil
  }

  /// The block behind the exit.
  package var stops: BlockSet { BlockSet(indices: [depth]) }

  /// Nothing: the exit does not depend on what the vocabulary looks like.
  package func need(after depth: Int) -> Need { .nothing }

  /// The exit from its depth on.
  package func step(before block: BlockIndex, evidence: Evidence) -> DepthStep {
    block.rawValue >= depth ? .exit(ExitReason(Self.reason)) : .take(.run)
  }
}

extension ExitSetting {
  /// After this many blocks, whatever the token sees.
  package static func fixed(depth: Int) -> ExitSetting { ExitSetting(FixedExit(depth: depth)) }
}
