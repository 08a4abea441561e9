/// How held-out texts fare with the model as it stands.
package struct LiteMeasure: Hashable, Sendable {
  /// The mean cross-entropy without noise at each exit and, last, at full depth, in nats.
  package var losses: [Double]
  /// How often the next token is the most probable one at full depth at a position with noise, 0...1; nil
  /// for a training without noise.
  package var noisyAccuracy: Double?

  /// Such losses, and such an accuracy.
  package init(losses: [Double], noisyAccuracy: Double? = nil) {
    self.losses = losses
    self.noisyAccuracy = noisyAccuracy
  }

  /// The loss without noise at full depth.
  var clean: Double { losses.last ?? .nan }
}

/// A line of a checkpoint, with every bit of the numbers.
extension LiteMeasure: LosslessStringConvertible {
  package var description: String {
    losses.map { "\($0)" }.joined(separator: ",") + (noisyAccuracy.map { ";\($0)" } ?? "")
  }

  /// Reads such a line; nil where it is none.
  package init?(_ description: String) {
    let parts = description.split(separator: ";", omittingEmptySubsequences: false)
    let numbers = parts.map { $0.split(separator: ",").map { Double($0) } }
    guard (1...2).contains(numbers.count), !numbers[0].isEmpty,
      !numbers.joined().contains(where: { $0 == nil })
    else { return nil }
    losses = numbers[0].compactMap { $0 }
    noisyAccuracy = numbers.count == 2 ? numbers[1].first ?? nil : nil
  }
}
