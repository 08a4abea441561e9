import Foundation
import GGUF
import Models
import TestSupport
import Testing

@Suite struct ModelFolderTests {
  @Test func `FATHOM_MODEL stands in for the default model`() {
    let named = ModelFolder(environment: ["HOME": "/h", "FATHOM_MODEL": "/m.gguf"])
    #expect(named.defaultPath == "/m.gguf")
    let unnamed = ModelFolder(environment: ["HOME": "/h", "FATHOM_MODEL": ""])
    #expect(unnamed.defaultPath == unnamed.path(of: .standard))
  }

  @Test(.needsModel)
  func `tests and program look for the default model in the same place`() throws {
    #expect(try ModelFolder().resolve(nil) == SharedData.model)
  }

  @Test func `a path, a known name and a file's name lead to the file`() async throws {
    try await withTemporaryFolder { root in
      let folder = ModelFolder(path: root)
      let own = "\(root)/own.gguf"
      for path in [own, folder.path(of: .standard)] { try Data().write(to: URL(filePath: path)) }
      #expect(try folder.resolve(own) == own)
      #expect(try folder.resolve("own.gguf") == own)
      #expect(try folder.resolve("own") == own)
      #expect(try folder.resolve("SmolLM2-135M-Instruct") == folder.path(of: .standard))
      #expect(try folder.resolve(nil) == folder.path(of: .standard))
      #expect(folder.files() == [folder.path(of: .standard), own])
    }
  }

  @Test func `a missing model says how to get it`() async throws {
    try await withTemporaryFolder { root in
      let folder = ModelFolder(path: root + "/none")
      for reference in [nil, "smollm2-135m-instruct", "/no/such.gguf"] {
        let error = #expect(throws: ModelsError.self) { try folder.resolve(reference) }
        #expect(error?.code == .missingModel)
        #expect(error?.message.contains("fathom pull") == true)
      }
      #expect(folder.files().isEmpty)
    }
  }

  @Test func `what can be pulled is a known name, a short one, or a repository`() throws {
    #expect(try PullSource(named: "SmolLM2-135M-Instruct") == .package(.standard))
    let short = try #require(ShortName.named("qwen3:0.6b"))
    #expect(try PullSource(named: "Qwen3:0.6B") == .hub(short.reference))
    let reference = try HubReference("a/b:Q8_0")
    #expect(try PullSource(named: "hf:a/b:Q8_0") == .hub(reference))
    #expect(try PullSource(named: "a/b:Q8_0") == .hub(reference))
    for (name, word) in [
      ("gpt-5", "qwen3:0.6b"), ("qwen3", "There is qwen3:0.6b, qwen3:1.7b"),
      ("qwen3:9b", "There is qwen3:0.6b"), ("ollama:gemma3:270m", "ollama pull gemma3:270m"),
      ("hf:x", "owner/repo"),
    ] {
      let error = #expect(throws: ModelsError.self) { try PullSource(named: name) }
      #expect(error?.code == .unknownModel)
      #expect(error?.message.contains(word) == true, "\(error?.description ?? "")")
    }
  }
}

@Suite struct ModelCardTests {
  @Test func `a card sums up the file`() throws {
    let file = try TinyModel(isTied: false, type: .q4_1, embeddingType: .q8_0).file()
    let card = ModelCard(file)
    #expect(card.architecture == "llama")
    #expect(card.size("block_count") == 4)
    #expect(card.vocabularySize == 300)
    #expect(card.tokenizer == "gpt2")
    #expect(card.preTokenizer == "smollm")
    #expect(card.hasOwnHead)
    #expect(card.mainType == .q4_1)
    #expect(Set(card.shares.map(\.type)) == [.q4_1, .q8_0, .f32])
    #expect(card.shares.map(\.byteCount) == card.shares.map(\.byteCount).sorted(by: >))
    #expect(card.parameterCount == file.tensors.reduce(0) { $0 + $1.elementCount })
    #expect(card.shares.reduce(0) { $0 + $1.tensorCount } == file.tensors.count)
    #expect(!ModelCard(try TinyModel().file()).hasOwnHead)
  }
}
