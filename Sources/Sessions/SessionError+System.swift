import Files
import GRDB

extension SessionError {
  /// What an error about a file means here.
  init(_ error: FileError) {
    self.init(
      Code(rawValue: error.code.rawValue) ?? .system, path: error.path, reason: error.reason,
      remedy: error.remedy)
  }
}

extension SessionError {
  /// What an error of the database means for the person whose database it is.
  init(_ error: any Error, path: String) {
    if let known = error as? SessionError {
      self = known
      return
    }
    if error is SessionStore.Overtaken {
      self.init(
        .overtaken, path: path, reason: "another program wrote to the session, or deleted it",
        remedy: "Open it again")
      return
    }
    guard let error = error as? DatabaseError else {
      self.init(.system, path: path, reason: "\(error)", remedy: "Try again")
      return
    }
    let reason = error.message ?? "SQLite error \(error.resultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_NOTADB, .SQLITE_CORRUPT:
      self.init(
        .corrupt, path: path, reason: "this is not a readable session database (\(reason))",
        remedy: "Move the file away to begin a new one: mv \(path) \(path).damaged")
    case .SQLITE_FULL:
      self.init(
        .full, path: path, reason: reason,
        remedy: "Free some space; what was stored before is still there")
    case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
      self.init(
        .denied, path: path, reason: reason,
        remedy: "Check that it is a file, that you may write to it and to its folder")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self.init(
        .busy, path: path, reason: "another program is writing to it",
        remedy: "Wait for it, then try again")
    case .SQLITE_CONSTRAINT:
      self.init(
        .missing, path: path, reason: "there is no such session to add to",
        remedy: "Begin it with its session record")
    default:
      self.init(.system, path: path, reason: reason, remedy: "Try again")
    }
  }
}
