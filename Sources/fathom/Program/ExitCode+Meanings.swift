import ArgumentParser

extension ExitCode {
  /// What each code tells: the one list that manual and documents go by.
  static let meanings: [(code: ExitCode, words: String)] = [
    (.success, "Done."),
    (.failure, "It failed, and the error output says how."),
    (
      .checkFailed,
      "A check failed: what was written is not what it should be, or 'fathom doctor' found a fault."
    ),
    (.validationFailure, "Wrong usage: an option or its value makes no sense."),
    (.badData, "The input is damaged, or is something else than it should be."),
    (.missingInput, "The input is not there."),
    (.unavailable, "A program, the network or a model cannot be had."),
    (.lacking, "The system does not give what is needed: memory, open files."),
    (.cannotCreate, "A file or folder cannot be made."),
    (.cannotWrite, "Writing failed on the way."),
    (.badConfiguration, "The config file, a variable or a theme makes no sense."),
    (.interrupted, "Stopped by the user, with Ctrl-C."),
    (ExitCode(143), "Stopped by SIGTERM; any signal gives 128 and its number."),
  ]
}
