import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension SessionError {
  /// What the system's error number means for a file that was being written or read.
  init(number: Int32, path: String) {
    let reason = String(cString: strerror(number))
    let (code, remedy): (Code, String) =
      switch number {
      case ENOSPC, EDQUOT:
        (.full, "Free some space or name a file on another disk; an older file is still as it was")
      case EACCES, EPERM, EROFS: (.denied, "Name a file in a folder that you may write to")
      case EISDIR, ENOTDIR: (.place, "Name a file, not a folder")
      case ENOENT: (.missing, "Check the path and that its folder exists")
      default: (.system, "Try another file")
      }
    self.init(code, path: path, reason: reason, remedy: remedy)
  }

  /// What an error of Foundation's file functions means for the file or folder at `path`.
  init(files error: any Error, path: String) {
    let cocoa = error as? CocoaError
    if let number = (cocoa?.underlying as? POSIXError)?.code.rawValue {
      self.init(number: number, path: path)
      return
    }
    switch cocoa?.code {
    case .fileReadNoSuchFile, .fileNoSuchFile: self.init(number: ENOENT, path: path)
    case .fileReadNoPermission, .fileWriteNoPermission: self.init(number: EACCES, path: path)
    case .fileWriteOutOfSpace: self.init(number: ENOSPC, path: path)
    default:
      self.init(
        .system, path: path, reason: error.localizedDescription, remedy: "Try another file")
    }
  }
}
