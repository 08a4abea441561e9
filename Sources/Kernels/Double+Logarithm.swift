import Foundation

extension Double {
  /// The natural logarithm, as the system's C library has it. Rooms above take it from here, so that files
  /// of the pass need no Foundation; kernels have an exponential of their own and no logarithm.
  package var naturalLogarithm: Double { log(self) }
}
