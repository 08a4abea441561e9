import CKernels
import Foundation

/// How many processors there are for this process.
package enum Processors {
  /// Processors that this process may use, at least one: those that the machine has and that the process
  /// is not kept from, and no more than the quota of time that it has.
  package static var available: Int { available(allowed: allowed, quota: quota) }

  /// The same of `allowed` processors and a quota, in processors. A quota is rounded to the nearest: one
  /// thread more than it would stand still for a part of each period, all of them at once.
  package static func available(allowed: Int, quota: Double?) -> Int {
    guard let quota, quota < Double(allowed) else { return max(1, allowed) }
    return max(1, Int(quota.rounded()))
  }

  /// Processors that the scheduler lets this process run on.
  private static var allowed: Int {
    let told = Int(ck_allowed_processors())
    return told > 0 ? told : ProcessInfo.processInfo.activeProcessorCount
  }

  private static var quota: Double? {
    #if os(Linux)
      ControlGroup { path in try? String(contentsOfFile: path, encoding: .utf8) }.processors
    #else
      nil
    #endif
  }
}
