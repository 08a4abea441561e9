import Foundation
import GGUF
import TestSupport
import Testing

/// What a person should know about a model's file and its threads is said by whoever opens it.
@Suite(.needsProgram)
struct ModelNoticeTests {
  private static let text = String(
    repeating: "the land of the free and the home of the brave, one two three. ", count: 40)

  @Test(arguments: [
    "run -p the -n 2 --raw", "eval -c 64 --chunks 1 -f TEXT",
    "bench -p 4 -n 2 -r 1 -o json", "export --prune-blocks 1 -o FOLDER/small.gguf",
    "prune --sequences 2 --length 40 --blocks 1 --calibration TEXT -o FOLDER/manifest.json",
    "prune-table --sequences 2 --length 40 --calibration TEXT --evaluate TEXT --blocks 1 --chunks 1 "
      + "--window 64",
    "passkey --lengths 200 --depths 0 --trials 1 --window 48",
    "tune answers --data FOLDER/prompts.jsonl -n 2 -o FOLDER/own.jsonl",
  ])
  func `every command says what is not known of its model, and that fewer threads run`(
    command: String
  ) async throws {
    try await withTemporaryFolder { folder in
      let tiny = TinyModel(
        contextLength: 512,
        metadata: ["tokenizer.ggml.mood": .string("good"), "llama.mood": .string("good")])
      try Data(tiny.bytes()).write(to: URL(filePath: folder + "/tiny.gguf"))
      try Data(Self.text.utf8).write(to: URL(filePath: folder + "/text.txt"))
      try Data("{\"prompt\": \"the land\"}\n".utf8).write(
        to: URL(filePath: folder + "/prompts.jsonl"))
      let words = command.replacing("TEXT", with: "FOLDER/text.txt").replacing(
        "FOLDER", with: folder
      ).split(separator: " ").map(String.init)
      let result = try BuiltProgram.run(
        words + ["-m", folder + "/tiny.gguf", "-t", "256"],
        variables: ["XDG_DATA_HOME": folder + "/data"])
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("the key tokenizer.ggml.mood"), "\(result.errors)")
      #expect(result.errors.contains("the key llama.mood"), "\(result.errors)")
      if ProcessInfo.processInfo.activeProcessorCount < 256 {
        #expect(result.errors.contains("256 threads were asked for"), "\(result.errors)")
      }
    }
  }
}
