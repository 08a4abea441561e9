import Files
import Foundation

/// The working folder of one pull, beside the place where the model will lie and so on the same disk.
struct PullWorkspace {
  /// The folder.
  let path: String

  /// The file that is being written.
  var unfinished: String { path + "/unfinished" }

  /// Makes the models folder and in it the working folder, named after this process.
  init(in folder: ModelFolder) throws(ModelsError) {
    path = "\(folder.path)/\(Self.prefix)\(getpid())-\(UInt32.random(in: 0 ... .max))"
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw ModelsError(
        .cannotCreate, at: folder.path,
        message: "the models folder cannot be made: \(error.systemReason). "
          + "Check its permissions, or set XDG_DATA_HOME to another place.")
    }
    Self.removeLeftovers(in: folder)
  }

  /// Moves the finished file to `destination`, over one that may be there.
  func publish(to destination: String) throws(ModelsError) {
    guard rename(unfinished, destination) == 0 else {
      throw ModelsError(
        .cannotCreate, at: destination,
        message: "cannot be put in place: \(String(cString: strerror(errno))). "
          + "Check the folder's permissions.")
    }
  }

  /// Removes the folder and all in it.
  func remove() { try? FileManager.default.removeItem(atPath: path) }

  private static let prefix = ".pull-"

  /// Removes working folders of processes that are gone.
  private static func removeLeftovers(in folder: ModelFolder) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where name.hasPrefix(prefix) {
      let number = name.dropFirst(prefix.count).prefix { $0 != "-" }
      guard let process = pid_t(number), kill(process, 0) != 0, errno == ESRCH else { continue }
      try? FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
    }
  }
}
