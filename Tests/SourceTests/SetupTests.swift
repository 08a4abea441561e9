import Foundation
import Testing

#if os(Linux)
  private let isLinux = true
#else
  private let isLinux = false
#endif

/// `.ci/setup` on machines that lack something: a search path with few tools, some of them replaced by
/// ones that say what such a machine would.
@Suite(.enabled(if: isLinux, "the Linux half of .ci/setup"))
struct SetupTests {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "fathom-setup-\(UUID().uuidString)")

  /// What a machine with everything says.
  private static let complete = [
    "swift": "echo 'Swift version 6.2 (swift-6.2-RELEASE)'",
    "dpkg-query": "echo 'install ok installed'",
    "apt-get": "echo apt-get was called >&2; exit 100",
    "id": "echo 0",
  ]

  @Test func `a machine that has everything is left alone`() throws {
    let (status, text) = try setup(with: [:])
    #expect(status == 0)
    #expect(text.isEmpty)
  }

  @Test func `no Swift, or one that is too old, is said plainly`() throws {
    let (status, text) = try setup(with: ["swift": nil])
    #expect(status == 1)
    #expect(text.contains("there is no swift here") && text.contains("6.2"))
    for version in ["6.1.2", "5.10"] {
      let (status, text) = try setup(with: ["swift": "echo 'Swift version \(version) (x)'"])
      #expect(status == 1)
      #expect(text.contains("this is Swift") && text.contains("https://www.swift.org/install"))
    }
    for version in ["6.2.1", "6.10", "7.0"] {
      #expect(try setup(with: ["swift": "echo 'Apple Swift version \(version) (x)'"]).status == 0)
    }
  }

  @Test func `root installs what is missing, and is told when that fails`() throws {
    let missing = ["dpkg-query": "exit 1"]
    let (status, text) = try setup(with: missing)
    #expect(status == 1)
    #expect(text.contains("apt-get was called"))
    #expect(
      text.contains(
        "apt-get install libncurses-dev libsqlite3-dev libutf8proc-dev libbz2-dev libssl-dev"))

    // An installer that installs: from then on dpkg-query knows the packages.
    let flag = folder.appending(path: "installed").path
    let installed = try setup(with: [
      "dpkg-query": "test -e \(flag) && echo 'install ok installed'",
      "apt-get": "if [ \"$1\" = install ]; then : > \(flag); echo \"$*\" >&2; fi",
    ])
    #expect(installed.status == 0)
    #expect(installed.text.contains("install -y"))
  }

  @Test func `another person uses sudo, without a terminal only if no password is asked`() throws {
    let missing = ["dpkg-query": "exit 1", "id": "echo 1000"]
    let without = try setup(with: missing)
    #expect(without.status == 1)
    #expect(!without.text.contains("apt-get was called"))
    #expect(without.text.contains("As root: apt-get install libncurses-dev"))

    let with = try setup(with: missing.merging(["sudo": "echo \"sudo $*\" >&2; exit 1"]) { $1 })
    #expect(with.status == 1)
    #expect(with.text.contains("sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install"))
  }

  @Test func `what only some tests need stops nobody`() throws {
    let (status, text) = try setup(with: [
      "dpkg-query": "case $3 in tmux) exit 1;; *) echo 'install ok installed';; esac"
    ])
    #expect(status == 0)
    #expect(text.contains("tests that need them are skipped, or cannot train: tmux"))
  }

  /// Runs the script with these tools in place of those of a complete machine; nil takes one away.
  private func setup(with changes: [String: String?]) throws -> (status: Int32, text: String) {
    let manager = FileManager.default
    try? manager.removeItem(at: folder)
    try manager.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? manager.removeItem(at: folder) }
    for tool in ["sed", "head", "grep", "test", "env", "uname"] {
      let found = ["/usr/bin/", "/bin/"].map { $0 + tool }.first(where: manager.fileExists)
      try manager.createSymbolicLink(
        atPath: folder.appending(path: tool).path, withDestinationPath: try #require(found))
    }
    for (tool, script) in Self.complete.merging(
      changes.mapValues { $0 ?? "" }, uniquingKeysWith: { $1 })
    where !script.isEmpty {
      let path = folder.appending(path: tool).path
      try Data("#!/bin/bash\n\(script)\n".utf8).write(to: URL(filePath: path))
      try manager.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }
    // Headers that this machine has by chance must not help.
    let script = try String(
      contentsOf: SourceTree.root.appending(path: ".ci/setup"), encoding: .utf8
    ).replacing("/usr/include", with: folder.path + "/include")

    let process = Process()
    let errors = Pipe()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", script]
    process.environment = ["PATH": folder.path]
    process.standardInput = FileHandle.nullDevice
    process.standardError = errors
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }
}
