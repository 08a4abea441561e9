import Foundation
import Testing

/// `scripts/build_commit.sh`, which tells the program its commit, on folders of every kind.
struct BuildCommitTests {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "fathom-commit-\(UUID().uuidString)")

  @Test func `a source archive has no commit, inside a repository neither`() throws {
    try withPackage { package, output in
      try run(package.path, output.path)
      #expect(try value(in: output) == "nil")

      let inner = package.appending(path: "Sources")
      guard try git(in: package, "init", "-q") == 0 else { return }
      try commit(package)
      try run(inner.path, output.path)
      #expect(try value(in: output) == "nil")
    }
  }

  @Test func `without git there is no commit, and the build goes on`() throws {
    try withPackage { package, output in
      _ = try git(in: package, "init", "-q")
      let bin = folder.appending(path: "bin")
      try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
      for tool in ["mkdir", "cat"] {
        let found = ["/usr/bin/", "/bin/"].map { $0 + tool }
          .first(where: FileManager.default.fileExists)
        try FileManager.default.createSymbolicLink(
          atPath: bin.appending(path: tool).path, withDestinationPath: try #require(found))
      }
      try run(package.path, output.path, path: bin.path)
      #expect(try value(in: output) == "nil")
    }
  }

  @Test func `a commit is named, and so are changes of what the program is built from`() throws {
    try withPackage { package, output in
      guard try git(in: package, "init", "-q") == 0 else { return }
      try commit(package)
      try run(package.path, output.path)
      let clean = try value(in: output)
      #expect(clean.contains(/^"[0-9a-f]{12}"$/))

      // Neither a page nor a test is part of the program.
      try Data().write(to: package.appending(path: "README.md"))
      try run(package.path, output.path)
      #expect(try value(in: output) == clean)

      try Data("let b = 1".utf8).write(to: package.appending(path: "Sources/b.swift"))
      try run(package.path, output.path)
      #expect(try value(in: output) == clean.dropLast() + "-dirty\"")

      try commit(package)
      try run(package.path, output.path)
      let next = try value(in: output)
      #expect(next.contains(/^"[0-9a-f]{12}"$/) && next != clean)
    }
  }

  @Test func `a file that says so already is left alone`() throws {
    try withPackage { package, output in
      try run(package.path, output.path)
      let file = output.appending(path: "Fathom+Commit.swift")
      let old = Date(timeIntervalSince1970: 1_000_000)
      try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: file.path)
      try run(package.path, output.path)
      let date = try FileManager.default.attributesOfItem(atPath: file.path)[.modificationDate]
      #expect(date as? Date == old)
    }
  }

  // MARK: - Pieces

  /// Calls `body` with the folder of a package of one file, and with one that is not there yet.
  private func withPackage(_ body: (URL, URL) throws -> Void) throws {
    let package = folder.appending(path: "package")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(
      at: package.appending(path: "Sources"), withIntermediateDirectories: true)
    try Data("let a = 1".utf8).write(to: package.appending(path: "Sources/a.swift"))
    try body(package, folder.appending(path: "output"))
  }

  /// The value that the written file gives the commit.
  private func value(in output: URL) throws -> String {
    let text = try String(
      contentsOf: output.appending(path: "Fathom+Commit.swift"), encoding: .utf8)
    return String(try #require(text.firstMatch(of: /static let commit: String\? = (\S+)/)).1)
  }

  private func commit(_ package: URL) throws {
    #expect(try git(in: package, "add", "-A") == 0)
    #expect(
      try git(
        in: package, "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false",
        "commit", "-q", "-m", "a", "--no-verify") == 0)
  }

  private func git(in package: URL, _ arguments: String...) throws -> Int32 {
    try run("/usr/bin/env", ["git", "-C", package.path] + arguments)
  }

  private func run(_ package: String, _ output: String, path: String? = nil) throws {
    let script = SourceTree.root.appending(path: "scripts/build_commit.sh").path
    #expect(try run("/bin/sh", [script, package, output], path: path) == 0)
  }

  private func run(_ program: String, _ arguments: [String], path: String? = nil) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    if let path { process.environment = ["PATH": path] }
    process.standardInput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
