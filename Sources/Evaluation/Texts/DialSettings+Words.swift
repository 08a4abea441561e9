import Dials
package import Techniques

extension DialSettings {
  /// These settings without what decides only how fast the text comes.
  package var withoutDrafts: DialSettings {
    var dials = self
    (dials.draft, dials.draftLength) = (Self.plain.draft, Self.plain.draftLength)
    return dials
  }

  /// The dials that are turned, in words: `prune 5,12, exit fixed 25 (approximate, catch-up)`; `plain`
  /// for none.
  package var summary: String {
    var parts: [String] = []
    if !pruned.isEmpty { parts.append("prune \(pruned)") }
    if exit != .off { parts.append("exit \(exit) (\(mode.rawValue), \(fill.rawValue))") }
    if reach.isLimited { parts.append("window \(reach)") }
    if takesBudget { parts.append("budget \(budget)") }
    return parts.isEmpty ? "plain" : parts.joined(separator: ", ")
  }
}
