import Foundation

/// How much room a disk has.
package enum DiskSpace {
  /// Bytes that this person may still write where `path` is, or would be; nil where nobody knows.
  package static func free(at path: String) -> Int? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    let (bytes, overflow) = Int(clamping: status.f_bavail)
      .multipliedReportingOverflow(by: Int(clamping: status.f_frsize))
    return overflow ? nil : bytes
  }
}
