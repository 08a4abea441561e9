import Files
import Foundation
import Models
import TestSupport
import Testing

/// Where tables of guesses lie, and for how long.
struct GuessStoreTests {
  private func store(_ folder: String, _ identity: String = "0123456789abcdef0123") -> GuessStore {
    GuessStore(identity: identity, folder: folder + "/new/guesses", byteLimit: 100)
  }

  @Test func `each model has a file, which its owner alone can read`() async throws {
    try await withTemporaryFolder { folder in
      let (one, other) = (store(folder), store(folder, "0123456789abcdef0123+fedcba98765432100"))
      #expect(try one.read() == nil)
      try one.write([1, 2, 3])
      try other.write([4])
      try one.write([5])
      #expect(try one.read() == [5] && other.read() == [4])
      #expect(one.path.hasSuffix("/0123456789abcdef.guesses"))
      #expect(other.path.hasSuffix("/0123456789abcdef-fedcba9876543210.guesses"))
      let attributes = try FileManager.default.attributesOfItem(atPath: one.path)
      #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    }
  }

  @Test func `what is too large, no file or cannot be written is said`() async throws {
    try await withTemporaryFolder { folder in
      try store(folder).write(Array(repeating: 0, count: 101))
      #expect(throws: FileError.self) { try store(folder).read() }
      let hidden = GuessStore(identity: "a", folder: "/dev/null/x", byteLimit: 100)
      #expect(throws: FileError.self) { try hidden.write([1]) }
      #expect(try hidden.read() == nil)
      let place = store(folder, "f").path
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      #expect(try store(folder, "f").read() == nil)
      #expect(throws: FileError.self) { try store(folder, "f").write([1]) }
    }
  }

  @Test func `what was not used for half a year goes`() async throws {
    try await withTemporaryFolder { folder in
      let (old, new) = (store(folder, "old"), store(folder, "new"))
      try old.write([1])
      try new.write([2])
      for (path, days) in [(old.path, 181.0), (new.path, 179)] {
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSinceNow: -days * 86_400)], ofItemAtPath: path)
      }
      #expect(try new.read() == [2])
      #expect(try old.read() == nil)
      #expect(!FileManager.default.fileExists(atPath: old.path))
    }
  }
}
