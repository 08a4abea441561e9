import Files
import Foundation
import TestSupport
import Testing

struct SystemReasonTests {
  @Test func `a file that cannot be read or written says why in the system's words`() async throws {
    try await withTemporaryFolder { folder in
      let file = folder + "/file"
      try Data("x".utf8).write(to: URL(filePath: file))
      let works: [(String, () throws -> Void)] = [
        (
          "No such file",
          { try Data().write(to: URL(filePath: folder + "/no/x"), options: .atomic) }
        ),
        ("No such file", { _ = try Data(contentsOf: URL(filePath: folder + "/none")) }),
        ("No such file", { _ = try FileHandle(forWritingTo: URL(filePath: folder + "/none")) }),
        ("Is a directory", { _ = try Data(contentsOf: URL(filePath: folder)) }),
        ("Is a directory", { try Data().write(to: URL(filePath: folder), options: .atomic) }),
        (
          "Not a directory",
          {
            try FileManager.default.createDirectory(
              atPath: file + "/inner", withIntermediateDirectories: true)
          }
        ),
        ("JSON", { _ = try JSONEncoder().encode([Double.nan]) }),
      ]
      for (words, work) in works {
        let error = #expect(throws: (any Error).self) { try work() }
        let reason = error?.systemReason ?? ""
        #expect(reason.contains(words), "\(reason)")
        #expect(!reason.contains("Domain") && !reason.hasSuffix("."), "\(reason)")
      }
    }
  }
}
