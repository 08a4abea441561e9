import Foundation

extension Error {
  /// What the system says is wrong with a file, in a few plain words without a full stop, such as
  /// `No space left on device`. The words of Foundation name domains and numbers that help nobody.
  package var systemReason: String {
    switch self {
    case let error as CocoaError:
      if let posix = error.underlying as? POSIXError { return posix.systemReason }
      switch error.code {
      case .fileNoSuchFile, .fileReadNoSuchFile: return POSIXError(.ENOENT).systemReason
      case .fileReadNoPermission, .fileWriteNoPermission: return POSIXError(.EACCES).systemReason
      case .fileWriteOutOfSpace: return POSIXError(.ENOSPC).systemReason
      case .fileWriteFileExists: return POSIXError(.EEXIST).systemReason
      default: return "the system gives no reason"
      }
    case let error as POSIXError: return String(cString: strerror(error.code.rawValue))
    case is EncodingError: return "it cannot be put into JSON"
    default: return "the system gives no reason"
    }
  }
}
