// Source: composition; no paper. The order follows from what a verdict means (see Catalogue).
// Decides: the first of its policies that does not say "run".
// Needs: what any of its policies needs.
// Costs: the sum of its policies.
// Exact? When all of its policies are.

package import Dials

/// Several depth policies as one: asked in order, the first answer other than `.run` wins.
package struct LayeredDepth: DepthPolicy {
  /// The policies in the order in which they are asked.
  package let policies: [any DepthPolicy]

  /// These policies, asked in this order; without any, every block runs.
  package init(_ policies: [any DepthPolicy]) { self.policies = policies }

  /// When one of the policies needs it.
  package func needsReadout(after depth: Int) -> Bool {
    policies.contains { $0.needsReadout(after: depth) }
  }

  /// The least of those who need the readout; none where one of them takes it always.
  package func leastGate(after depth: Int) -> Float? {
    let gates = policies.filter { $0.needsReadout(after: depth) }.map { $0.leastGate(after: depth) }
    return gates.contains(nil) ? nil : gates.compactMap(\.self).min()
  }

  /// The first verdict other than `.run`.
  package func verdict(before block: BlockIndex, readouts: [Readout]) -> DepthVerdict {
    for policy in policies {
      let verdict = policy.verdict(before: block, readouts: readouts)
      if verdict != .run { return verdict }
    }
    return .run
  }
}
