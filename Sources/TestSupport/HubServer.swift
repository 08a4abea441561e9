import Foundation

/// A server on this machine that plays the hub, and badly where a test asks for it.
///
/// The first part of the path says how it behaves: `plain`, or one of the words that ``script`` knows.
package final class HubServer: Sendable {
  /// A request that it got.
  package struct Request: Hashable, Sendable {
    /// `hub`, or `store`, the other host that contents come from.
    package var host: String
    /// `GET` or `HEAD`.
    package var method: String
    /// The path.
    package var path: String
    /// The field `Range`; empty where there was none.
    package var range: String
    /// The field `Authorization`; empty where there was none.
    package var authorization: String
  }

  /// The repository that it has.
  package static let repository = "tester/tiny-GGUF"
  /// The token that it takes where it asks for one.
  package static let token = "hf_secret"

  private let folder: TemporaryFolder
  private let child: ChildProcess
  private let port: String

  /// Whether this machine has what is needed.
  package static let isPossible =
    (try? BuiltProgram.run("/usr/bin/env", ["python3", "-c", "import http.server"]).status) == 0
    && (try? BuiltProgram.run("/usr/bin/env", ["curl", "--version"]).status) == 0

  /// Starts a server whose repository holds these files.
  package init(_ files: [String: [UInt8]]) async throws {
    let folder = try TemporaryFolder()
    for (path, bytes) in files {
      let url = URL(filePath: folder.file("repository/\(path)"))
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: url)
    }
    for name in ["output", "errors", "log"] {
      try Data().write(to: URL(filePath: folder.file(name)))
    }
    self.folder = folder
    child = try ChildProcess(
      "/usr/bin/env", ["python3", "-c", Self.script, folder.path],
      environment: ProcessInfo.processInfo.environment,
      files: ["/dev/null", folder.file("output"), folder.file("errors")])
    var words = ""
    for _ in 0..<500 where !words.hasSuffix("\n") {
      try await Task.sleep(for: .milliseconds(20))
      words = try String(contentsOfFile: folder.file("output"), encoding: .utf8)
    }
    port = words.trimmingCharacters(in: .newlines)
    guard !port.isEmpty else {
      child.send(SIGKILL)
      _ = try child.wait()
      throw POSIXError(.EADDRNOTAVAIL)
    }
  }

  deinit {
    child.send(SIGKILL)
    _ = try? child.wait()
  }

  /// Its address where it behaves as `mode` says.
  package func endpoint(_ mode: String = "plain") -> String { "http://127.0.0.1:\(port)/\(mode)" }

  /// What it was asked so far.
  package var requests: [Request] {
    let text = (try? String(contentsOfFile: folder.file("log"), encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard words.count == 5 else { return nil }
      return Request(
        host: words[0], method: words[1], path: words[2], range: words[3], authorization: words[4])
    }
  }

  /// The requests for contents, in the order in which they came.
  package var downloads: [Request] {
    requests.filter { $0.host == "store" && $0.method == "GET" }
  }
}
