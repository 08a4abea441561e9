import Foundation
import GGUF
import Models
import TestSupport
import Testing

/// A home with a folder of models, a cache of the hub and a store of ollama.
private struct Home {
  let root: String
  var folder: ModelFolder {
    ModelFolder(
      path: root + "/models", hub: HubCache(folder: root + "/hub"),
      ollama: OllamaStore(folders: [root + "/none", root + "/ollama"]))
  }

  func write(_ path: String, _ bytes: [UInt8] = [1]) throws {
    let url = URL(filePath: "\(root)/\(path)")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  /// Puts contents into the cache, and a link to them.
  func cache(
    _ repository: String, _ commit: String, _ path: String, blob: String, isMain: Bool = true
  )
    throws
  {
    let place = "hub/models--" + repository.replacing("/", with: "--")
    try write("\(place)/blobs/\(blob)", Array(blob.utf8))
    if isMain { try write("\(place)/refs/main", Array(commit.utf8)) }
    let pointer = URL(filePath: "\(root)/\(place)/snapshots/\(commit)/\(path)")
    try FileManager.default.createDirectory(
      at: pointer.deletingLastPathComponent(), withIntermediateDirectories: true)
    let up = String(repeating: "../", count: 1 + path.split(separator: "/").count)
    try FileManager.default.createSymbolicLink(
      atPath: pointer.path, withDestinationPath: "\(up)blobs/\(blob)")
  }

  /// Puts a model into ollama's store.
  func keep(_ name: String, digest: String, bytes: [UInt8] = [1]) throws {
    let manifest = """
      {"schemaVersion":2,"layers":[{"mediaType":"application/vnd.ollama.image.license","digest":"sha256:x"},
      {"mediaType":"application/vnd.ollama.image.model","digest":"sha256:\(digest)","size":1}]}
      """
    try write("ollama/manifests/\(name)", Array(manifest.utf8))
    try write("ollama/blobs/sha256-\(digest)", bytes)
  }

  /// All files and links below the root's folder `name`.
  func all(_ name: String) -> [String] {
    let paths = (try? FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(name)")) ?? []
    return paths.filter { path in
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: "\(root)/\(name)/\(path)", isDirectory: &isFolder)
      return !isFolder.boolValue
    }.sorted()
  }
}

private func digest(_ digit: Character) -> String { String(repeating: digit, count: 64) }

@Suite struct FoundModelTests {
  @Test func `models of all places are listed, each by a name that finds it`() async throws {
    try await withTemporaryFolder { root in
      let home = Home(root: root)
      for name in ["own.gguf", "big-00001-of-00002.gguf", "big-00002-of-00002.gguf", "notes.txt"] {
        try home.write("models/\(name)")
      }
      try home.cache("Qwen/Qwen3-0.6B-GGUF", "c1", "Qwen3-0.6B-Q8_0.gguf", blob: "a")
      try home.cache("some/one", "c2", "one-Q4_0.gguf", blob: "b")
      try home.cache("some/one", "c2", "deep/other.gguf", blob: "c")
      try home.cache("some/one", "c2", "half-Q6_K-00001-of-00002.gguf", blob: "d")
      try home.cache("some/one", "c2", "mmproj-Q8_0.gguf", blob: "e")
      try home.cache("some/one", "older", "old-Q2_K.gguf", blob: "f", isMain: false)
      try home.write("hub/models--some--one/blobs/g.incomplete")
      try home.write("hub/datasets--x--y/snapshots/c/d.gguf")
      try home.keep("registry.ollama.ai/library/gemma3/270m", digest: digest("1"))
      try home.keep("registry.ollama.ai/someone/model/latest", digest: digest("2"))
      try home.keep("hf.co/owner/repo/Q4_K_M", digest: digest("3"))
      try home.write("ollama/manifests/registry.ollama.ai/library/broken/latest", Array("{".utf8))
      let found = home.folder.found
      #expect(
        found.map(\.name) == [
          "big-00001-of-00002.gguf", "own.gguf", "qwen3:0.6b", "hf:some/one/deep/other.gguf",
          "hf:some/one:Q4_0", "hf:some/one:Q2_K", "ollama:hf.co/owner/repo:Q4_K_M",
          "ollama:gemma3:270m", "ollama:someone/model:latest",
        ])
      for model in found { #expect(try home.folder.resolve(model.name) == model.path) }
      #expect(try home.folder.resolve("ollama:someone/model").hasSuffix(digest("2")))
      #expect(try home.folder.resolve("hf:Qwen/Qwen3-0.6B-GGUF") == found[2].path)
      #expect(try home.folder.resolve("QWEN3:0.6B") == found[2].path)
      #expect(try home.folder.resolve("own") == root + "/models/own.gguf")
    }
  }

  @Test func `a name that is not here says how to get the model`() async throws {
    try await withTemporaryFolder { root in
      let folder = Home(root: root).folder
      for (name, remedy) in [
        ("qwen2.5:0.5b", "fathom pull qwen2.5:0.5b"), ("hf:a/b:Q8_0", "fathom pull hf:a/b:Q8_0"),
        ("ollama:gemma3:270m", "ollama pull gemma3:270m"),
      ] {
        let error = #expect(throws: ModelsError.self) { try folder.resolve(name) }
        #expect(error?.code == .missingModel)
        #expect(error?.message.contains(remedy) == true)
      }
      #expect(throws: ModelsError.self) { try folder.resolve("hf:nonsense") }
    }
  }

  @Test func `a manifest cannot name a file outside of the store`() async throws {
    try await withTemporaryFolder { root in
      let home = Home(root: root)
      try home.write("secret")
      try home.keep("registry.ollama.ai/library/evil/latest", digest: "../../secret")
      #expect(home.folder.found.isEmpty)
    }
  }

  @Test func `where models of ollama lie is as ollama says`() {
    func store(_ variables: [String: String]) -> OllamaStore { OllamaStore(environment: variables) }
    #expect(store(["OLLAMA_MODELS": "/o", "HOME": "/h"]) == OllamaStore(folders: ["/o"]))
    #expect(
      store(["HOME": "/h", "OLLAMA_MODELS": ""])
        == OllamaStore(folders: ["/h/.ollama/models", "/usr/share/ollama/.ollama/models"]))
  }

  @Test func `the table says where each model is from`() async throws {
    try await withTemporaryFolder { root in
      let home = Home(root: root)
      try home.write("models/own.gguf", TinyModel(type: .q4_1).bytes())
      try home.keep(
        "registry.ollama.ai/library/tiny/1b", digest: digest("7"), bytes: TinyModel().bytes())
      let lines = home.folder.lines
      #expect(lines.count == 3)
      #expect(lines[0].hasPrefix("NAME") && lines[0].hasSuffix("FROM"))
      #expect(lines[1].hasPrefix("own.gguf") && lines[1].contains("Q4_1"))
      #expect(lines[1].hasSuffix("Fathom"))
      #expect(lines[2].hasPrefix("ollama:tiny:1b") && lines[2].hasSuffix("ollama"))
    }
  }
}

@Suite struct ModelRemovalTests {
  @Test func `a model of the own folder goes with all its parts and nothing else`() async throws {
    try await withTemporaryFolder { root in
      let home = Home(root: root)
      for name in ["own.gguf", "big-00001-of-00002.gguf", "big-00002-of-00002.gguf"] {
        try home.write("models/\(name)", [1, 2, 3])
      }
      let removal = try ModelRemoval(of: "big-00001-of-00002", in: home.folder)
      #expect(removal.freedBytes == 6)
      #expect(home.all("models").count == 3)
      try removal.run()
      #expect(home.all("models") == ["own.gguf"])
      try ModelRemoval(of: root + "/models/own.gguf", in: home.folder).run()
      #expect(home.all("models").isEmpty)
    }
  }

  @Test func `contents that another link needs stay`() async throws {
    try await withTemporaryFolder { root in
      let home = Home(root: root)
      try home.cache("some/one", "c2", "x-Q4_0.gguf", blob: "shared")
      try home.cache("some/one", "c2", "y-Q4_1.gguf", blob: "shared")
      try home.cache("some/one", "c1", "x-Q4_0.gguf", blob: "older", isMain: false)
      try home.cache("some/one", "c2", "README.md", blob: "readme")
      let removal = try ModelRemoval(of: "hf:some/one:Q4_0", in: home.folder)
      #expect(removal.keepsContents)
      #expect(removal.freedBytes == 0)
      try removal.run()
      #expect(try home.folder.resolve("hf:some/one:Q4_1").hasSuffix("/c2/y-Q4_1.gguf"))
      let second = try ModelRemoval(of: "hf:some/one:Q4_1", in: home.folder)
      #expect(second.freedBytes == 6)
      #expect(!second.keepsContents)
      try second.run()
      let left = home.all("hub/models--some--one")
      #expect(
        left == [
          "blobs/older", "blobs/readme", "refs/main", "snapshots/c1/x-Q4_0.gguf",
          "snapshots/c2/README.md",
        ])
    }
  }

  @Test func `a model that several states have goes from all, and an empty repository goes too`()
    async throws
  {
    try await withTemporaryFolder { root in
      let home = Home(root: root)
      try home.cache("some/one", "c1", "deep/x-Q4_0.gguf", blob: "same", isMain: false)
      try home.cache("some/one", "c2", "deep/x-Q4_0.gguf", blob: "same")
      try home.cache("some/two", "c3", "z.gguf", blob: "other")
      try home.write("hub/models--some--one/blobs/same.incomplete", [1, 2])
      try home.write("hub/.locks/models--some--one/same.lock")
      let removal = try ModelRemoval(of: "hf:some/one", in: home.folder)
      #expect(removal.freedBytes == 6)
      try removal.run()
      #expect(FileManager.default.fileExists(atPath: root + "/hub/models--some--two"))
      #expect(!FileManager.default.fileExists(atPath: root + "/hub/models--some--one"))
    }
  }

  @Test func `what others own is refused, with what to do`() async throws {
    try await withTemporaryFolder { root in
      let home = Home(root: root)
      try home.keep("registry.ollama.ai/library/gemma3/270m", digest: digest("1"))
      try home.write("mine.gguf")
      try home.write("hub/models--some--one/notes.gguf")
      for (name, word) in [
        ("ollama:gemma3:270m", "ollama rm gemma3:270m"), (root + "/mine.gguf", "yourself"),
        (root + "/hub/models--some--one/notes.gguf", "yourself"),
        (root + "/ollama/blobs/sha256-" + digest("1"), "ollama rm gemma3:270m"),
      ] {
        let error = #expect(throws: ModelsError.self) {
          try ModelRemoval(of: name, in: home.folder)
        }
        #expect(error?.code == .notOurs)
        #expect(error?.message.contains(word) == true, "\(error?.description ?? "")")
      }
      #expect(home.all("").count == 4)
    }
  }

  @Test func `a link in the own folder goes, and what it leads to stays`() async throws {
    try await withTemporaryFolder { root in
      let home = Home(root: root)
      try home.write("elsewhere.gguf")
      try FileManager.default.createDirectory(
        atPath: root + "/models", withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: root + "/models/link.gguf", withDestinationPath: "../elsewhere.gguf")
      try ModelRemoval(of: "link", in: home.folder).run()
      #expect(home.all("") == ["elsewhere.gguf"])
    }
  }
}
