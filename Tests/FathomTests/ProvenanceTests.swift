import Events
import Foundation
import Models
import TestSupport
import Testing

/// What a record says of the program and the model it came from.
@Suite(.needsProgram)
struct ProvenanceTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private func session() async throws -> (
    session: SessionRecord, digest: String?
  ) {
    try await withTemporaryFolder { folder in
      let path = folder + "/tiny.gguf"
      try Data(TinyModel(seed: 4).bytes()).write(to: URL(filePath: path))
      let result = try BuiltProgram.run(
        ["run", "-t", "1", "-m", path, "-p", "the cat", "-n", "2", "--json"],
        variables: ["XDG_STATE_HOME": folder])
      let first = try EventLog.records(in: Data(result.output.utf8)).first
      guard case .session(let session)? = first else { throw CancellationError() }
      return (session, FileDigest.hexadecimal(ofFile: path))
    }
  }

  @Test func `a session names the bytes of its model`() async throws {
    let (session, digest) = try await session()
    #expect(session.model.sha256 == digest && digest?.count == 64)
  }

  @Test func `the commit of a record is that of --version, and one of this repository`()
    async throws
  {
    let tool = try await session().session.tool
    let version = try BuiltProgram.run(["--version"]).output
    #expect(version == tool.version + (tool.commit.map { " (\($0))" } ?? "") + "\n")
    let isRepository = FileManager.default.fileExists(
      atPath: Self.root.appending(path: ".git").path)
    #expect(isRepository || tool.commit == nil)
    guard isRepository, let commit = tool.commit else { return }
    #expect(commit.contains(/^[0-9a-f]{12,40}(-dirty)?$/))
    let known = try BuiltProgram.run(
      "/usr/bin/env",
      ["git", "-C", Self.root.path, "cat-file", "-e", commit.prefix { $0 != "-" } + "^{commit}"])
    #expect(known.status == 0)
  }
}
