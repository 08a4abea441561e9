package import Dials

/// The one place where settings become techniques.
package enum Catalogue {
  /// The depth policy for `settings` in a model of `blockCount` blocks.
  ///
  /// The mask is asked before the exit, so a pruned block stays pruned, and is drawn so, past the
  /// exit as well. An exit behind which no block would run is not one: it is left out, and no
  /// readout is paid for it.
  package static func depthPolicy(for settings: DialSettings, blockCount: Int) -> any DepthPolicy {
    var policies: [any DepthPolicy] = []
    if !settings.pruned.isEmpty { policies.append(BlockMask(pruned: settings.pruned)) }

    let saves = { (depth: Int) in
      (0..<blockCount).contains { $0 >= depth && !settings.pruned.contains(BlockIndex($0)) }
    }
    switch settings.exit {
    case .off: break
    case .fixed(let depth):
      if saves(depth) { policies.append(FixedExit(depth: depth)) }
    case .confidence(let measure, let points):
      let exit = ConfidenceExit(measure: measure, points: points.filter { saves($0.depth) })
      if !exit.points.isEmpty { policies.append(exit) }
    }

    switch policies.count {
    case 0: return EveryBlock()
    case 1: return policies[0]
    default: return LayeredDepth(policies)
    }
  }
}
