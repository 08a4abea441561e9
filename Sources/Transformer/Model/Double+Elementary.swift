import CKernels
import Foundation

extension Double {
  /// This number to the power `exponent`.
  func raised(to exponent: Double) -> Double { pow(self, exponent) }
}

/// The exponential that every kernel uses.
func kernelExp(_ x: Float) -> Float { ck_exp(x) }
