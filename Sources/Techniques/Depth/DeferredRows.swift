/// Rows that left early and wait until a later one goes to full depth and takes them along: then one
/// reading of the deeper weights serves several tokens, and every row is exact.
package enum DeferredRows {
  /// How many may wait before they are taken to full depth without need.
  package static let limit = 8

  /// Whether `count` rows are as many as may wait.
  package static func areFull(_ count: Int) -> Bool { count >= limit }
}
