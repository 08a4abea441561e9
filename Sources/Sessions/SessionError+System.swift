import Files

extension SessionError {
  /// What an error about a file means here.
  init(_ error: FileError) {
    self.init(
      Code(rawValue: error.code.rawValue) ?? .system, path: error.path, reason: error.reason,
      remedy: error.remedy)
  }
}
