import Foundation
import GGUF
import TestSupport
import Testing

@Suite(.needsProgram) struct TokenizeCommandTests {
  /// Runs `body` with a tiny model's file that holds these values too.
  private func withTinyModel(
    metadata: Metadata = [:], _ body: (String) throws -> Void
  ) throws {
    let model = TinyModel(blockCount: 1, metadata: metadata)
    let folder = try TemporaryFolder()
    try Data(model.bytes()).write(to: URL(filePath: folder.file("tiny.gguf")))
    try body(folder.file("tiny.gguf"))
  }

  @Test func `tokens are listed with what could steer a terminal escaped`() throws {
    try withTinyModel { path in
      let run = try BuiltProgram.run(
        ["tokenize", "-m", path], input: "the <|im_end|>\n\u{1B}\\é")
      #expect(run.status == 0)
      #expect(run.errors.isEmpty)
      let texts = run.output.split(separator: "\n").compactMap { $0.split(separator: "> ").last }
      #expect(
        texts == [
          "'t'", "'he'", "' '", "'<|im_end|>'", "'\\n'", "'\\x1b'", "'\\\\'", "'\\xc3'", "'\\xa9'",
        ])
      #expect(run.output.contains("     2 -> '<|im_end|>'\n"))
    }
  }

  @Test func `JSON is one line of ids, special tokens parsed unless told otherwise`() throws {
    try withTinyModel { path in
      let arguments = ["tokenize", "--json", "--model", path]
      let parsed = try BuiltProgram.run(arguments, input: "<|im_end|>")
      #expect(parsed.output == "{\"ids\":[2]}\n")
      let plain = try BuiltProgram.run(arguments + ["--no-parse-special"], input: "<|im_end|>")
      #expect(!plain.output.contains("[2]"))
      #expect(plain.output.split(separator: ",").count == 9)
      let empty = try BuiltProgram.run(arguments)
      #expect(empty.output == "{\"ids\":[]}\n")
    }
  }

  @Test func `an unknown pre-tokenizer is bad data and named`() throws {
    try withTinyModel(metadata: ["tokenizer.ggml.pre": .string("nobody")]) { path in
      let run = try BuiltProgram.run(["tokenize", "-m", path], input: "x")
      #expect(run.status == 65)
      #expect(run.output.isEmpty)
      #expect(run.errors.contains("tokenizer.ggml.pre = 'nobody' is not supported"))
    }
  }

  @Test func `a file that is not there is missing input`() throws {
    let run = try BuiltProgram.run(["tokenize", "-m", "/nowhere/model.gguf"])
    #expect(run.status == 66)
    #expect(run.errors.contains("/nowhere/model.gguf"))
  }
}
