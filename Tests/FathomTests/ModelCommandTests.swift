import Foundation
import GGUF
import TestSupport
import Testing

/// The program in a home of its own.
private func fathom(_ arguments: String..., home: String) throws -> BuiltProgram.Result {
  try BuiltProgram.run(
    arguments,
    variables: [
      "XDG_DATA_HOME": home, "FATHOM_MODEL": "", "PATH": "/nowhere", "HF_HUB_CACHE": home + "/hub",
      "OLLAMA_MODELS": home + "/ollama",
    ])
}

@Suite(.needsProgram)
struct ModelCommandTests {
  @Test func `show prints what the file states, with control characters as symbols`() async throws {
    try await withTemporaryFolder { home in
      let path = home + "/evil.gguf"
      let model = TinyModel(metadata: [
        "general.name": .string("red\u{1B}[31m\u{9B}0m\u{202E}"),
        "tokenizer.chat_template": .string("a\nb\u{7}"),
      ])
      try Data(model.bytes()).write(to: URL(filePath: path))
      let shown = try fathom("show", path, home: home)
      #expect(shown.status == 0)
      #expect(shown.output.contains("red␛[31m<U+009B>0m<U+202E>"))
      #expect(shown.output.contains("a\nb␇"))
      let controls = shown.output.unicodeScalars.filter { $0.value < 32 && $0 != "\n" }
      #expect(controls.isEmpty)
      #expect(shown.output.contains("architecture  llama"))
      #expect(shown.errors.isEmpty)
    }
  }

  @Test func `a damaged file is exit code 65 and its byte, a missing one 66 and the way to get it`()
    async throws
  {
    try await withTemporaryFolder { home in
      let path = home + "/cut.gguf"
      try Data(TinyModel().bytes().prefix(1000)).write(to: URL(filePath: path))
      let damaged = try fathom("show", path, home: home)
      #expect(damaged.status == 65)
      #expect(damaged.errors.contains("at byte"))
      #expect(damaged.output.isEmpty)
      let missing = try fathom("show", home: home)
      #expect(missing.status == 66)
      #expect(missing.errors.contains("fathom pull"))
      let pulled = try fathom("pull", home: home)
      #expect(pulled.status == 69)
      #expect(pulled.errors.contains("python3"))
      #expect(try fathom("pull", "nonsense", home: home).status == 64)
      #expect(try fathom("show", "--nonsense", home: home).status == 64)
    }
  }

  @Test func `list shows each file once, the damaged ones too, and marks the default`() async throws
  {
    try await withTemporaryFolder { home in
      let folder = home + "/fathom/models/"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let files = [
        "SmolLM2-135M-Instruct.Q4_1.gguf": TinyModel(type: .q4_1).bytes(), "x.gguf": [1, 2, 3],
        "notes.txt": [],
      ]
      for (name, bytes) in files { try Data(bytes).write(to: URL(filePath: folder + name)) }
      let lines = try fathom("list", home: home).output.split(separator: "\n")
      #expect(lines.count == 4)
      #expect(lines[1].hasPrefix("SmolLM2-135M-Instruct.Q4_1.gguf *"))
      #expect(lines[1].contains("llama         Q4_1"))
      #expect(lines[1].hasSuffix("Fathom"))
      #expect(lines[2].hasPrefix("x.gguf"))
      #expect(lines[2].contains("unreadable"))
    }
  }

  @Test func `list of nothing says how to get a model, on the error output`() async throws {
    try await withTemporaryFolder { home in
      let listed = try fathom("list", home: home)
      #expect(listed.status == 0)
      #expect(listed.output.isEmpty)
      #expect(listed.errors.contains("fathom pull"))
    }
  }

  @Test func `show --path prints one path, there or not`() async throws {
    try await withTemporaryFolder { home in
      let path = home + "/fathom/models/SmolLM2-135M-Instruct.Q4_1.gguf"
      let missing = try fathom("show", "--path", home: home)
      #expect(missing.output == path + "\n")
      #expect(missing.status == 66)
      try FileManager.default.createDirectory(
        atPath: home + "/fathom/models", withIntermediateDirectories: true)
      try Data().write(to: URL(filePath: path))
      let there = try fathom("show", "--path", home: home)
      #expect(there.output == path + "\n")
      #expect(there.status == 0)
    }
  }
}
