import Foundation
import Models
import TestSupport
import Testing

/// The hub's own package for Python, on the same server and the same cache.
private enum HubPackage {
  static let isThere =
    HubServer.isPossible && (try? python("import huggingface_hub", [:]).status) == 0

  static func python(_ code: String, _ variables: [String: String]) throws -> BuiltProgram.Result {
    try BuiltProgram.run("/usr/bin/env", ["python3", "-c", code], variables: variables)
  }
}

@Suite(.enabled(if: HubPackage.isThere, "the Python package huggingface_hub is not here"))
struct HubPythonTests {
  private static let file = "tiny-Q4_K_M.gguf"
  private static let fetch = """
    from huggingface_hub import hf_hub_download
    print(hf_hub_download("\(HubServer.repository)", "\(file)"), end="")
    """

  private func settings(_ server: HubServer, _ root: String) throws -> HubSettings {
    HubSettings(
      endpoint: try #require(URL(string: server.endpoint())), cacheFolder: root + "/hub")
  }

  private func variables(
    _ server: HubServer, _ root: String, offline: Bool = false
  )
    -> [String: String]
  {
    [
      "HF_ENDPOINT": server.endpoint(), "HF_HOME": root, "HF_HUB_CACHE": root + "/hub",
      "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1",
      "HF_HUB_OFFLINE": offline ? "1" : "0",
    ]
  }

  @Test(.slow) func `the hub's package finds what a pull fetched, and sees a sound cache`()
    async throws
  {
    try await withTemporaryFolder { root in
      let server = try await HubServer([Self.file: Array("GGUF and more".utf8)])
      let pull = HubPull(
        try HubReference(HubServer.repository), settings: try settings(server, root))
      let path = try await pull.run().path
      let count = server.downloads.count
      for offline in [true, false] {
        let found = try HubPackage.python(
          Self.fetch, variables(server, root, offline: offline))
        #expect(found.output == path, "\(found.errors)")
      }
      #expect(server.downloads.count == count)
      let scanned = try HubPackage.python(
        """
        from huggingface_hub import scan_cache_dir
        cache = scan_cache_dir()
        repo, = cache.repos
        revision, = repo.revisions
        file, = revision.files
        print(repo.repo_id, sorted(revision.refs), file.file_name, file.size_on_disk, len(cache.warnings))
        """, variables(server, root))
      #expect(
        scanned.output == "tester/tiny-GGUF ['main'] \(Self.file) 13 0\n", "\(scanned.errors)")
    }
  }

  @Test(.slow) func `a pull finds what the hub's package fetched, and removes it without harm`()
    async throws
  {
    try await withTemporaryFolder { root in
      let server = try await HubServer([
        Self.file: Array("GGUF and more".utf8), "config.json": Array("{}".utf8),
      ])
      let fetched = try HubPackage.python(
        Self.fetch + "\nhf_hub_download('\(HubServer.repository)', 'config.json')",
        variables(server, root))
      try #require(fetched.status == 0, "\(fetched.errors)")
      let count = server.downloads.count
      let pull = HubPull(
        try HubReference(HubServer.repository), settings: try settings(server, root))
      #expect(try await pull.run() == HubPull.Result(path: fetched.output, outcome: .alreadyThere))
      #expect(server.downloads.count == count)
      let folder = ModelFolder(path: root + "/models", hub: HubCache(folder: root + "/hub"))
      let name = "hf:\(HubServer.repository):Q4_K_M"
      #expect(folder.found.map(\.name) == [name])
      try ModelRemoval(of: name, in: folder).run()
      #expect(folder.found.isEmpty)
      let scanned = try HubPackage.python(
        """
        from huggingface_hub import scan_cache_dir
        cache = scan_cache_dir()
        repo, = cache.repos
        revision, = repo.revisions
        print([file.file_name for file in revision.files], len(cache.warnings))
        """, variables(server, root))
      #expect(scanned.output == "['config.json'] 0\n", "\(scanned.errors)")
    }
  }
}
