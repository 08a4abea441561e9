import Foundation

extension Error {
  /// What the system says is wrong with a file, in a few plain words without a full stop, such as
  /// `No space left on device`. The words of Foundation name domains and numbers that help nobody.
  package var systemReason: String {
    if let error = self as? FileError { return error.reason }
    if let number = systemNumber { return String(cString: strerror(number)) }
    return self is EncodingError ? "it cannot be put into JSON" : "the system gives no reason"
  }

  /// The system's error number behind an error of Foundation, where there is one.
  var systemNumber: Int32? {
    switch self {
    case let error as POSIXError: return error.code.rawValue
    case let error as CocoaError:
      if let posix = error.underlying as? POSIXError { return posix.code.rawValue }
      switch error.code {
      case .fileNoSuchFile, .fileReadNoSuchFile: return ENOENT
      case .fileReadNoPermission, .fileWriteNoPermission: return EACCES
      case .fileWriteOutOfSpace: return ENOSPC
      case .fileWriteFileExists: return EEXIST
      default: return nil
      }
    default: return nil
    }
  }
}
