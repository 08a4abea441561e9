import Foundation

/// A file system in memory with almost no room: a disk that fills up.
package final class SmallDisk: Sendable {
  /// Why a test is left out.
  package static let missing = "a small disk can be mounted by root on Linux only"
  /// Whether this person may mount one.
  package static let isPossible = (try? SmallDisk(kilobytes: 16)) != nil

  /// Where it is mounted.
  package let folder: TemporaryFolder

  /// Mounts one with room for so much.
  package init(kilobytes: Int) throws {
    folder = try TemporaryFolder()
    guard Self.run("mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", folder.path) else {
      throw POSIXError(.EPERM)
    }
  }

  deinit { _ = Self.run("umount", folder.path) }

  /// Lets nobody write to it any more.
  package func makeReadOnly() throws {
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
