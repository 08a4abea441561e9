package import Dials

/// What a policy decides for one token, taken from recorded evidence alone: no model is present.
package struct DepthReplay: Hashable, Sendable {
  /// Where the token's way led, and why it ended there.
  package let descent: DepthWalk.Descent
  /// What happened in every block.
  package let line: DepthLine
  /// Whether everything that the policy asked for is in the record.
  package let isComplete: Bool

  /// Replays `policy` for a token of a model of `blockCount` blocks on its way along `route`.
  ///
  /// `evidence` is that of the record, in any order; the policy sees each piece only once the token has
  /// passed its depth, and a readout only if the gate before it said enough.
  package init(
    of policy: any DepthPolicy, along route: Route = .plain, blockCount: Int, evidence: Evidence
  ) {
    var record = RecordedEvidence(evidence)
    var walk = DepthWalk(policy, along: route, of: blockCount)
    _ = walk.goOn([0], asking: &record)
    var descent = walk.rows[0]
    descent.settle(evidence.scores)
    self.descent = descent
    line = descent.line(of: blockCount)
    isComplete =
      record.isComplete
      && (descent.rule == nil || descent.evidence.scores.count == descent.depth)
  }
}

/// The evidence of one recorded token.
private struct RecordedEvidence: EvidenceSource {
  private let evidence: Evidence
  /// Whether nothing was asked that the record does not have.
  private(set) var isComplete = true

  init(_ evidence: Evidence) { self.evidence = evidence }

  mutating func gate(of row: Int, at depth: Int) -> Float? {
    let reading = evidence.gates.first { $0.depth == depth }
    if reading == nil { isComplete = false }
    return reading?.value
  }

  mutating func readouts(of rows: [Int], at depth: Int) -> [Readout?] {
    let readout = evidence.readouts.first { $0.depth == depth }
    if readout == nil { isComplete = false }
    return rows.map { _ in readout }
  }
}
