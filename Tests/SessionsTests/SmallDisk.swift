import Foundation
import TestSupport

/// A file system in memory with almost no room: a disk that fills up.
final class SmallDisk: Sendable {
  static let missing = "a small disk can be mounted by root on Linux only"
  static let isPossible = (try? SmallDisk(kilobytes: 16)) != nil

  let folder: TemporaryFolder

  init(kilobytes: Int) throws {
    folder = try TemporaryFolder()
    guard Self.run("mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", folder.path) else {
      throw POSIXError(.EPERM)
    }
  }

  deinit { _ = Self.run("umount", folder.path) }

  /// Lets nobody write to it any more.
  func makeReadOnly() throws {
    guard Self.run("mount", "-o", "remount,ro", folder.path) else { throw POSIXError(.EPERM) }
  }

  private static func run(_ command: String...) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
