// Source: Schuster et al., CALM (arXiv 2207.07061); Varshney et al., LITE (arXiv 2310.18581).
// Decides: a token leaves at the first exit point where its confidence is above the threshold.
// Needs: a readout at each point whose threshold can be passed, and whose gate, if asked, says enough.
// Costs: one LM head per readout; the one at which the token leaves also decides it. A gate: d products.
// Exact? As a draft that full depth verifies, yes; unverified, no.

public import Dials

/// A token leaves at the first exit point where it is sure enough.
package struct ConfidenceExit: ExitTechnique, DepthPolicy {
  /// How certainty is measured.
  package let measure: ConfidenceMeasure
  /// Where a token may leave.
  package let points: [ExitPoint]

  /// Exits at `points`.
  package init(measure: ConfidenceMeasure, points: [ExitPoint]) {
    self.measure = measure
    self.points = points
  }

  /// `confidence`.
  package static var key: String { "confidence" }
  /// The reason of a token that left so.
  package static var reason: String { "threshold" }
  /// The measures.
  package static var words: [String] { ConfidenceMeasure.allCases.map(\.rawValue) }
  /// The notation for help.
  package static var usage: String { "top1 T | margin T | entropy T [at 10,20] [gate G]" }
  /// As people type it.
  package static var examples: [String] {
    [
      "top1 0.9", "margin 0.5 at 20", "entropy 0.3 at 15,25", "top1 10:0.95,20:0.8",
      "top1 0.95/0.8 at 10,20 gate 0.3",
    ]
  }

  /// What was measured, and what it had to be above.
  package static func explanation(of reason: ExitReason, number: (Float) -> String) -> String {
    reason.confidence.map(number).map { confidence in
      ": \(confidence)" + (reason.threshold.map { " > " + number($0) } ?? "")
    } ?? ""
  }

  /// The depths of the points.
  package var depths: [Int] { points.map(\.depth).sorted() }
  /// Those whose gate decides something.
  package var gatedDepths: [Int] { points.filter { $0.gate ?? 0 > 0 }.map(\.depth).sorted() }

  /// Itself, without the points that save no block, or whose threshold nothing can pass: every measure
  /// stays at or below 1. So is one left out whose gate must say 1; no readout is paid for it.
  package func policy(where saves: (Int) -> Bool) -> (any DepthPolicy)? {
    let points = points.filter { saves($0.depth) && $0.threshold < 1 && $0.gate ?? 0 < 1 }
      .sorted { $0.depth < $1.depth }
    return points.isEmpty ? nil : ConfidenceExit(measure: measure, points: points)
  }

  /// Twenty steps over what the measure may be: entropies above 2 nats let every token go.
  package var slides: [Float] {
    (0...20).map { measure == .entropy ? Float($0 * 15 - 200) / 100 : Float($0 * 5) / 100 }
  }

  /// The same points with one threshold; gates stay as they are.
  package func sliding(to threshold: Float) -> ConfidenceExit? {
    ConfidenceExit(
      measure: measure,
      points: points.map { ExitPoint(depth: $0.depth, threshold: threshold, gate: $0.gate) })
  }

  /// The blocks behind the points.
  package var stops: BlockSet { BlockSet(indices: points.map(\.depth)) }

  /// The vocabulary at the points, behind their gates; a gate that may say 0 decides nothing and is
  /// not asked.
  package func need(after depth: Int) -> Need {
    guard let point = points.first(where: { $0.depth == depth }) else { return .nothing }
    return .readout(leastGate: point.gate.flatMap { $0 > 0 ? $0 : nil }, above: point.threshold)
  }

  /// The exit once a readout taken at a point is strictly above the point's threshold.
  package func step(before block: BlockIndex, evidence: Evidence) -> DepthStep {
    for readout in evidence.readouts where readout.depth <= block.rawValue {
      let confidence = measure.value(of: readout)
      let point = points.first { $0.depth == readout.depth && confidence > $0.threshold }
      guard let point else { continue }
      return .exit(
        ExitReason(Self.reason, confidence: confidence, threshold: point.threshold))
    }
    return .take(.run)
  }
}

extension ExitSetting {
  /// At the first of these points where the measure is above the point's threshold.
  public static func confidence(measure: ConfidenceMeasure, points: [ExitPoint]) -> ExitSetting {
    ExitSetting(ConfidenceExit(measure: measure, points: points))
  }
}
