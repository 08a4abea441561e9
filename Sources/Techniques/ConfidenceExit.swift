// Source: Schuster et al., CALM (arXiv 2207.07061); Varshney et al., LITE (arXiv 2310.18581).
// Decides: a token leaves at the first exit point where its confidence is above the threshold.
// Needs: a readout at each point whose threshold can be passed, and whose gate, if asked, says enough.
// Costs: one LM head per readout; the one at which the token leaves also decides it. A gate: d products.
// Exact? As a draft that full depth verifies, yes; taken as it is, no.

package import Dials

/// A token leaves at the first exit point where it is sure enough.
package struct ConfidenceExit: DepthPolicy, Hashable {
  /// How certainty is measured.
  package let measure: ConfidenceMeasure
  /// Where a token may leave, ascending; without the points whose threshold nothing can pass.
  package let points: [ExitPoint]

  /// Exits at `points`. Every measure stays at or below 1, so a point with a threshold of 1 or more
  /// can never let a token leave: it is dropped, and no readout is paid for it. So is one whose gate
  /// must say 1; and a gate that may say 0 decides nothing: it is not asked.
  package init(measure: ConfidenceMeasure, points: [ExitPoint]) {
    self.measure = measure
    self.points = points.filter { $0.threshold < 1 && $0.gate ?? 0 < 1 }
      .sorted { $0.depth < $1.depth }
  }

  /// At the exit points only.
  package func needsReadout(after depth: Int) -> Bool { points.contains { $0.depth == depth } }

  /// The gate of the point at that depth.
  package func leastGate(after depth: Int) -> Float? {
    points.first { $0.depth == depth }?.gate.flatMap { $0 > 0 ? $0 : nil }
  }

  /// `.exit` once a readout taken at a point is strictly above the point's threshold.
  package func verdict(before block: BlockIndex, readouts: [Readout]) -> DepthVerdict {
    let isSure = points.contains { point in
      point.depth <= block.rawValue
        && readouts.contains {
          $0.depth == point.depth && measure.value(of: $0) > point.threshold
        }
    }
    return isSure ? .exit : .run
  }
}
