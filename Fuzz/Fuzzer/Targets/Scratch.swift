import Foundation

/// A file for what reads files only: one for this process.
enum Scratch {
  /// In memory, where the system has such a folder.
  private static let folder =
    FileManager.default.fileExists(atPath: "/dev/shm")
    ? "/dev/shm" : FileManager.default.temporaryDirectory.path

  /// The path of a file with these bytes. The next call may write another.
  static func file(_ bytes: some Sequence<UInt8>, ending: String = "json") -> String {
    let path = "\(folder)/fathom-fuzz-\(ProcessInfo.processInfo.processIdentifier).\(ending)"
    _ = FileManager.default.createFile(atPath: path, contents: Data(bytes))
    return path
  }
}
