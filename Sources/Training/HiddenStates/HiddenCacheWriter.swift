import Files
import Foundation

/// Writes a cache position by position under another name, and renames it when it is complete.
final class HiddenCacheWriter {
  private let path: String
  private let unfinished: String
  private let handle: FileHandle
  private var description: HiddenCache.Description
  private var buffer: [UInt8] = []

  /// Bytes that are gathered before they are written.
  private static let bufferBytes = 1 << 22

  /// A new cache; an older one of this name stays until this one is finished.
  init(path: String, description: HiddenCache.Description) throws(TrainingError) {
    self.path = path
    unfinished = path + ".unfinished"
    self.description = description
    guard FileManager.default.createFile(atPath: unfinished, contents: nil),
      let handle = FileHandle(forWritingAtPath: unfinished)
    else { throw Self.failure(path, "it cannot be created. Check the folder and its permissions") }
    self.handle = handle
    buffer.reserveCapacity(Self.bufferBytes + description.recordBytes)
    buffer.append(contentsOf: repeatElement(0x20, count: HiddenCache.headBytes))
  }

  /// Positions so far.
  var count: Int { description.count }

  /// Adds a position: its streams, exit after exit, and the teacher's top-k tokens.
  func append(
    streams: [UnsafePointer<Float>], ids: [Int32], probabilities: [Float]
  ) throws(TrainingError) {
    for stream in streams { Half.append(stream, count: description.width, to: &buffer) }
    for id in ids { withUnsafeBytes(of: id) { buffer.append(contentsOf: $0) } }
    for value in probabilities { withUnsafeBytes(of: value) { buffer.append(contentsOf: $0) } }
    description.count += 1
    if buffer.count >= Self.bufferBytes { try flush() }
  }

  /// What was added so far is never trained on.
  func endHeldOut() { description.heldOutCount = description.count }

  /// Writes the head and moves the file to its place.
  func finish() throws(TrainingError) {
    try flush()
    do {
      let head = try JSONEncoder().encode(description)
      try handle.seek(toOffset: 0)
      try handle.write(contentsOf: head)
      try handle.close()
    } catch { throw Self.failure(path, "writing failed: \(error.systemReason)") }
    guard rename(unfinished, path) == 0 else {
      throw Self.failure(path, "it cannot be moved to its place")
    }
  }

  /// Throws away what was written.
  func abandon() {
    try? handle.close()
    try? FileManager.default.removeItem(atPath: unfinished)
  }

  private func flush() throws(TrainingError) {
    do { try handle.write(contentsOf: Data(buffer)) } catch {
      throw Self.failure(
        path,
        "writing failed: \(error.systemReason). Free some space, or give a smaller "
          + "--cache-limit")
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private static func failure(_ path: String, _ reason: String) -> TrainingError {
    TrainingError(.cannotWrite, at: path, reason + ".")
  }
}
