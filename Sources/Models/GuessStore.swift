package import Files
import Foundation

/// Where the tables of guesses lie that a model's drafters learned, a file for each model.
///
/// The files are for their owner's eyes: they tell something of what was said. What was not used for half a
/// year goes.
package struct GuessStore: Sendable {
  /// Days after which a file goes.
  package static let dayLimit = 180.0
  private static let ending = ".guesses"

  /// Where the model's file lies.
  package let path: String
  private let byteLimit: Int

  /// The file of the model that `identity` tells from others, a digest and what follows it; it holds at most
  /// `byteLimit` bytes.
  package init(
    identity: String, folder: String = Places().guessesFolder, byteLimit: Int
  ) {
    path =
      folder + "/"
      + identity.split(separator: "+").map { $0.prefix(16) }.joined(separator: "-") + Self.ending
    self.byteLimit = byteLimit
  }

  /// What lies there; nil where there is nothing, or it is too old.
  package func read() throws(FileError) -> [UInt8]? {
    removeOld()
    guard FileIdentity(path: path)?.kind == .file else { return nil }
    return [UInt8](try FileReader.contents(of: path, limit: byteLimit))
  }

  /// Writes whole or not at all.
  package func write(_ bytes: [UInt8]) throws(FileError) {
    try PrivateFolder.make(of: path)
    try OutputFile(path, replaces: true, mode: 0o600).write(Data(bytes))
  }

  private func removeOld() {
    let folder = URL(filePath: path).deletingLastPathComponent()
    let manager = FileManager.default
    for name in (try? manager.contentsOfDirectory(atPath: folder.path)) ?? []
    where name.hasSuffix(Self.ending) {
      let file = folder.appending(path: name).path
      let attributes = try? manager.attributesOfItem(atPath: file)
      guard let date = attributes?[.modificationDate] as? Date,
        date.timeIntervalSinceNow < -Self.dayLimit * 86_400
      else { continue }
      try? manager.removeItem(atPath: file)
    }
  }
}
