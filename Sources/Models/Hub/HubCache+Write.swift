import Files
import Foundation

extension HubCache.Repository {
  /// Where contents lie.
  func blob(_ file: HubFile) -> String { "\(blobs)/\(file.sha256)" }
  /// Where contents are while they come.
  func unfinished(_ file: HubFile) -> String { blob(file) + ".incomplete" }
  /// What is locked while contents come.
  func lock(_ file: HubFile) -> String { "\(locks)/\(file.sha256).lock" }

  /// Bytes of the file that are still to come.
  func missingBytes(of file: HubFile) -> Int {
    if FileIdentity(path: blob(file)) != nil { return 0 }
    let there = (try? FileReader.size(of: unfinished(file))) ?? 0
    return there <= file.sizeBytes ? file.sizeBytes - there : file.sizeBytes
  }

  /// Makes the folders of the repository.
  func makeFolders() throws(FileError) {
    for folder in [blobs, snapshots, refs, locks] { try Self.make(folder) }
  }

  private static func make(_ folder: String) throws(FileError) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError(error, .writing, path: folder)
    }
  }

  /// Makes the file of the repository at a commit lead to its contents. Where the file system has no links, the
  /// contents move there.
  func link(_ file: HubFile, at commit: String) throws(FileError) {
    let pointer = pointer(file.path, at: commit)
    try Self.make(URL(filePath: pointer).deletingLastPathComponent().path)
    let up = String(repeating: "../", count: 1 + file.path.split(separator: "/").count)
    let target = "\(up)blobs/\(file.sha256)"
    if (try? FileManager.default.destinationOfSymbolicLink(atPath: pointer)) == target { return }
    // A new link takes the place of an older one in one step.
    let new = "\(pointer).\(UInt32.random(in: 0 ... .max)).new"
    let isLinked = symlink(target, new) == 0
    guard rename(isLinked ? new : blob(file), pointer) == 0 else {
      let number = errno
      unlink(new)
      throw FileError(number: number, .writing, path: pointer)
    }
  }

  /// Notes that a commit is the newest.
  func setMain(_ commit: String) throws(FileError) {
    let path = refs + "/main"
    if (try? String(contentsOfFile: path, encoding: .utf8)) == commit { return }
    try OutputFile(path, replaces: true).write(Data(commit.utf8))
  }
}
