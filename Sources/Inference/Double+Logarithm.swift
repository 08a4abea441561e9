import Foundation

extension Double {
  /// The natural logarithm.
  var naturalLogarithm: Double { log(self) }
}
