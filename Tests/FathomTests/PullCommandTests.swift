import Files
import Foundation
import GGUF
import TestSupport
import Testing

/// `fathom pull`, `-hf` and `rm` as a shell sees them, with a hub on this machine.
@Suite(.needsProgram, .needsHub)
struct PullCommandTests {
  private static let name = "hf:\(HubServer.repository)"
  private static let file = "tiny-Q4_K_M.gguf"

  private func variables(
    _ server: HubServer, _ home: String, mode: String = "plain"
  )
    -> [String: String]
  {
    [
      "XDG_DATA_HOME": home, "FATHOM_MODEL": "", "HF_ENDPOINT": server.endpoint(mode),
      "HF_HUB_CACHE": home + "/hub", "HF_HOME": home, "HF_TOKEN": "",
      "OLLAMA_MODELS": home + "/ollama",
    ]
  }

  @Test func `a model is pulled, listed, shown, used and removed`() async throws {
    try await withTemporaryFolder { home in
      let server = try await HubServer([Self.file: TinyModel(seed: 4).bytes()])
      func fathom(_ arguments: String...) throws -> BuiltProgram.Result {
        try BuiltProgram.run(arguments, variables: variables(server, home))
      }
      let missing = try fathom("show", Self.name)
      #expect(missing.status == 66)
      #expect(missing.errors.contains("fathom pull \(Self.name)"))
      let pulled = try fathom("pull", Self.name)
      #expect(pulled.status == 0, "\(pulled.errors)")
      #expect(pulled.output.hasSuffix("/\(Self.file)\n"))
      #expect(pulled.errors.contains("fetched, checked"))
      #expect(try fathom("pull", HubServer.repository).errors.contains("already there"))
      let listed = try fathom("list").output
      #expect(listed.contains("\(Self.name):Q4_K_M"))
      #expect(listed.contains("Hugging Face"))
      #expect(try fathom("show", "--path", Self.name).output == pulled.output)
      let prompt = ["-t", "1", "-p", "the cat", "-n", "4", "--temp", "0"]
      let count = server.requests.count
      let by = try BuiltProgram.run(
        ["run", "-hf", HubServer.repository] + prompt, variables: variables(server, home))
      let named = try BuiltProgram.run(
        ["run", "-m", Self.name] + prompt, variables: variables(server, home))
      #expect(by.status == 0, "\(by.errors)")
      #expect(by.output == named.output && !by.output.isEmpty)
      #expect(server.requests.count == count)
      let kept = try fathom("rm", Self.name)
      #expect(kept.status == 1)
      #expect(kept.errors.contains("--yes"))
      #expect(try fathom("rm", "--yes", Self.name).status == 0)
      #expect(try fathom("list").output.isEmpty)
    }
  }

  @Test func `-hf fetches what is not here, for every kind of command`() async throws {
    try await withTemporaryFolder { home in
      let server = try await HubServer([Self.file: TinyModel(seed: 4).bytes()])
      let tokens = try BuiltProgram.run(
        ["tokenize", "--json", "-hf", HubServer.repository], variables: variables(server, home),
        input: "the cat")
      #expect(tokens.status == 0, "\(tokens.errors)")
      #expect(tokens.output.hasPrefix("{\"ids\""))
      #expect(server.downloads.count == 1)
      let evaluated = try BuiltProgram.run(
        ["eval", "--hf-repo", HubServer.repository + ":Q4_K_M", "-c", "16", "-t", "1"],
        variables: variables(server, home), input: String(repeating: "the cat sat ", count: 20))
      #expect(evaluated.status == 0, "\(evaluated.errors)")
      #expect(server.downloads.count == 1)
      let twice = try BuiltProgram.run(
        ["run", "-m", "x", "-hf", HubServer.repository], variables: variables(server, home))
      #expect(twice.status == 64)
      #expect(twice.errors.contains("Name the model once"))
      let wrong = try BuiltProgram.run(
        ["run", "-hf", HubServer.repository, "-t", "0"], variables: variables(server, home))
      #expect(wrong.status == 64)
      #expect(wrong.errors.contains("--threads must be"))
    }
  }

  @Test func `each trouble has its exit code and one line`() async throws {
    try await withTemporaryFolder { home in
      let server = try await HubServer([Self.file: [1]])
      for (mode, name, status, word) in [
        ("wrong", Self.name, 69, "SHA-256"), ("token", Self.name, 69, "HF_TOKEN"),
        ("plain", Self.name + ":Q2_K", 64, "Q4_K_M"), ("plain", "hf:x", 64, "owner/repo"),
      ] as [(String, String, Int32, String)] {
        let result = try BuiltProgram.run(
          ["pull", name], variables: variables(server, home, mode: mode))
        #expect(result.status == status, "\(mode): \(result.errors)")
        #expect(result.errors.contains(word))
        #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        #expect(result.output.isEmpty)
      }
      let offline = try BuiltProgram.run(
        ["pull", Self.name],
        variables: variables(server, home).merging(["HF_HUB_OFFLINE": "1"]) { $1 })
      #expect(offline.status == 69)
      let nonsense = try BuiltProgram.run(
        ["pull", Self.name],
        variables: variables(server, home).merging(["HF_ENDPOINT": "nonsense"]) { $1 })
      #expect(nonsense.status == 78)
    }
  }

  @Test(.slow) func `a pull that is killed is gone on with, and the file is whole`() async throws {
    try await withTemporaryFolder { home in
      var bytes = TinyModel(seed: 4).bytes()
      bytes += [UInt8](repeating: 0, count: 6_000_000)
      let server = try await HubServer([Self.file: bytes])
      let blobs = home + "/hub/models--tester--tiny-GGUF/blobs"
      func come() -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: blobs)) ?? []
        return names.first.flatMap { try? FileReader.size(of: "\(blobs)/\($0)") } ?? 0
      }
      let child = try ChildProcess(
        try #require(BuiltProgram.path), ["pull", Self.name],
        environment: ProcessInfo.processInfo.environment
          .merging(variables(server, home, mode: "slow")) { $1 },
        files: ["/dev/null", "/dev/null", "/dev/null"])
      while come() < 100_000 { try await Task.sleep(for: .milliseconds(5)) }
      child.send(SIGKILL)
      #expect(try child.wait() == 128 + SIGKILL)
      #expect((100_000..<bytes.count).contains(come()))
      let again = try BuiltProgram.run(["pull", Self.name], variables: variables(server, home))
      #expect(again.status == 0, "\(again.errors)")
      #expect(server.downloads.last?.range.hasPrefix("bytes=") == true)
      let path = again.output.trimmingCharacters(in: .newlines)
      #expect(try Data(contentsOf: URL(filePath: path)) == Data(bytes))
    }
  }
}
