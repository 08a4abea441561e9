import Foundation

extension Double {
  /// The logarithm to the base e.
  var naturalLogarithm: Double { log(self) }
}
