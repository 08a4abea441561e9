import Foundation
import Models
import TestSupport
import Testing

@Suite struct FingerprintCacheTests {
  private struct Scene {
    let folder: String
    var file: String { "\(folder)/model.gguf" }
    var cachePath: String { "\(folder)/state/fingerprints.json" }
    var cache: FingerprintCache { FingerprintCache(path: cachePath) }

    /// Writes the file as it was an hour ago and some seconds more.
    func write(_ text: String, age: TimeInterval = 0) throws {
      try Data(text.utf8).write(to: URL(filePath: file))
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1_700_000_000 + age)],
        ofItemAtPath: file)
    }
  }

  @Test func `a file is hashed once, until its size or its time changes`() async throws {
    try await withTemporaryFolder { folder in
      let scene = Scene(folder: folder)
      try scene.write("one")
      let first = try #require(scene.cache.sha256(ofFile: scene.file))
      #expect(first == FileDigest.hexadecimal(ofFile: scene.file))
      // Same size, same time: what is remembered is believed.
      try scene.write("two")
      #expect(scene.cache.sha256(ofFile: scene.file) == first)
      try scene.write("two", age: 1)
      let second = scene.cache.sha256(ofFile: scene.file)
      #expect(second == FileDigest.hexadecimal(ofFile: scene.file) && second != first)
      try scene.write("three", age: 1)
      #expect(
        scene.cache.sha256(ofFile: scene.file) == FileDigest.hexadecimal(ofFile: scene.file))
    }
  }

  @Test func `the digest of a model that is split is of all its parts`() async throws {
    try await withTemporaryFolder { folder in
      let scene = Scene(folder: folder)
      let paths = (1...2).map { "\(folder)/m-0000\($0)-of-00002.gguf" }
      try Data("head".utf8).write(to: URL(filePath: paths[0]))
      let alone = scene.cache.sha256(ofFile: paths[0])
      #expect(alone == FileDigest.hexadecimal(ofFile: paths[0]))
      var seen = [alone]
      for text in ["tensors", "tensorz"] {
        try Data(text.utf8).write(to: URL(filePath: paths[1]))
        let digest = scene.cache.sha256(ofFile: paths[0])
        #expect(digest != nil && !seen.contains(digest))
        seen.append(digest)
      }
    }
  }

  @Test func `a cache that is damaged, gone or cannot be written changes no answer`() async throws {
    try await withTemporaryFolder { folder in
      let scene = Scene(folder: folder)
      try scene.write("one")
      let digest = FileDigest.hexadecimal(ofFile: scene.file)
      _ = scene.cache.sha256(ofFile: scene.file)
      try Data("{\"a\":".utf8).write(to: URL(filePath: scene.cachePath))
      #expect(scene.cache.sha256(ofFile: scene.file) == digest)
      #expect(FingerprintCache(path: "/dev/null/x").sha256(ofFile: scene.file) == digest)
      #expect(scene.cache.sha256(ofFile: "\(folder)/nowhere") == nil)
    }
  }

  @Test func `a file that was changed just now is not remembered, and a removed one is forgotten`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let scene = Scene(folder: folder)
      try Data("new".utf8).write(to: URL(filePath: scene.file))
      #expect(scene.cache.sha256(ofFile: scene.file) != nil)
      #expect(!FileManager.default.fileExists(atPath: scene.cachePath))
      try scene.write("old")
      _ = scene.cache.sha256(ofFile: scene.file)
      let other = "\(folder)/other.gguf"
      try FileManager.default.moveItem(atPath: scene.file, toPath: other)
      _ = scene.cache.sha256(ofFile: other)
      let text = try String(contentsOfFile: scene.cachePath, encoding: .utf8)
      #expect(text.contains("other.gguf") && !text.contains("model.gguf"))
    }
  }

  @Test func `FATHOM_ADAPTERS names the folder of adapters, or none`() async throws {
    try await withTemporaryFolder { folder in
      for name in ["b.gguf", "a.gguf", "README.md"] {
        try Data().write(to: URL(filePath: "\(folder)/\(name)"))
      }
      func files(_ value: String) -> [String] {
        BuiltInAdapters(environment: ["FATHOM_ADAPTERS": value]).files
      }
      #expect(files(folder) == ["\(folder)/a.gguf", "\(folder)/b.gguf"])
      #expect(files("").isEmpty && files("\(folder)/nowhere").isEmpty)
    }
  }
}
