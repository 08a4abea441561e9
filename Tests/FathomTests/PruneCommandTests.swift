import Dials
import Foundation
import GGUF
import Pruning
import TestSupport
import Testing

/// `fathom prune`, `export` and `prune-table` on a tiny model, in a home of their own.
@Suite(.needsProgram)
struct PruneCommandTests {
  private static let text = String(
    repeating: "the land of the free and the home of the brave, one two three. ", count: 40)

  /// A folder with a model, a text, and a place for what is kept.
  private struct Place {
    let folder: String
    var model: String { folder + "/tiny.gguf" }
    var text: String { folder + "/text.txt" }

    init(_ folder: String) throws {
      self.folder = folder
      try Data(TinyModel(blockCount: 6).bytes()).write(to: URL(filePath: model))
      try Data(PruneCommandTests.text.utf8).write(to: URL(filePath: text))
    }

    func run(_ arguments: [String]) throws -> BuiltProgram.Result {
      try BuiltProgram.run(arguments, variables: ["XDG_DATA_HOME": folder + "/data"])
    }

    func table(_ arguments: String...) throws -> BuiltProgram.Result {
      try run(
        [
          "prune-table", "-m", model, "-t", "1", "--sequences", "2", "--length", "40",
          "--calibration", text, "--evaluate", text, "--blocks", "3", "--chunks", "2", "--window",
          "64",
        ] + arguments)
    }

    func prune(_ arguments: String...) throws -> BuiltProgram.Result {
      try run(
        ["prune", model, "-t", "1", "--sequences", "3", "--length", "40"] + arguments)
    }
  }

  @Test func `a packed calibration text is that of the file in it`() async throws {
    try await withTemporaryFolder { folder in
      let place = try Place(folder)
      let plain = try place.prune("--calibration", place.text, "--blocks", "1", "-o", folder + "/a")
      let gzip = Process()
      gzip.executableURL = URL(filePath: "/usr/bin/env")
      gzip.arguments = ["gzip", place.text]
      try gzip.run()
      gzip.waitUntilExit()
      try #require(gzip.terminationStatus == 0)
      let packed = try place.prune(
        "--calibration", place.text + ".gz", "--blocks", "1", "-o", folder + "/b")
      #expect(packed.status == 0, "\(packed.errors)")
      #expect(plain.status == 0)
      #expect(try PruningManifest(path: folder + "/a") == PruningManifest(path: folder + "/b"))
    }
  }

  @Test func `a search prints its order and is found again`() async throws {
    try await withTemporaryFolder { folder in
      let place = try Place(folder)
      let result = try place.prune("--calibration", place.text, "--blocks", "3")
      #expect(result.status == 0, "\(result.errors)")
      let lines = result.output.split(separator: "\n")
      #expect(lines.count == 6)
      #expect(lines[0].hasPrefix("GONE  BLOCK"))
      let path = try #require(lines.last.map(String.init))
      let manifest = try PruningManifest(path: path)
      #expect(manifest.steps.count == 3)
      #expect(manifest.calibration.sources.map(\.name) == ["text.txt"])
      // The rows of the map: a letter for each block.
      let rows = result.errors.split(separator: "\n").filter { $0.contains("X") }
      #expect(rows.count >= 3)

      let answer = try place.run(
        ["run", "-m", place.model, "--blocks", "2", "-n", "3", "--temp", "0", "--json", "-p", "hi"])
      #expect(answer.status == 0, "\(answer.errors)")
      let removed = try manifest.blocks(2).sorted.map { "\($0.rawValue)" }.joined(separator: ",")
      #expect(answer.output.contains("\"pruned\":[\(removed)]"))
    }
  }

  @Test func `a file that was named is another search's: it stays`() async throws {
    try await withTemporaryFolder { folder in
      let place = try Place(folder)
      let path = folder + "/mine.json"
      #expect(try place.prune("--calibration", place.text, "--blocks", "1", "-o", path).status == 0)
      let manifest = try PruningManifest(path: path)
      let other = try place.prune(
        "--calibration", place.text, "--blocks", "1", "-o", path, "--seed", "5")
      #expect(other.status == 65)
      #expect(try PruningManifest(path: path) == manifest)
    }
  }

  @Test func `without a text the model writes one, once`() async throws {
    try await withTemporaryFolder { folder in
      let place = try Place(folder)
      #expect(try place.prune("--blocks", "1").status == 0)
      let kept = try FileManager.default.contentsOfDirectory(
        atPath: folder + "/data/fathom/pruning")
      #expect(kept.count == 2)
      let again = try place.prune("--blocks", "2")
      #expect(again.status == 0)
      #expect(again.output.split(separator: "\n").count == 5)
    }
  }

  @Test func `what cannot be is said, with the exit code that fits`() async throws {
    try await withTemporaryFolder { folder in
      let place = try Place(folder)
      let short = folder + "/short.txt"
      try Data("the land".utf8).write(to: URL(filePath: short))
      let cases: [(BuiltProgram.Result, Int32, String)] = [
        (try place.prune("--calibration", short), 65, "need 120"),
        (try place.prune("--calibration", "/nowhere.txt"), 66, "No such file"),
        (try place.prune("--calibration", place.text, "--blocks", "5"), 64, "at most 4 can go"),
        (try place.prune("--blocks", "0"), 64, "--blocks"),
        (
          try place.run(["run", "-m", place.model, "--blocks", "2", "-p", "x"]), 66, "fathom prune"
        ),
        (
          try place.run(["run", "-m", place.model, "--pruned", "/nowhere.json", "-p", "x"]), 66,
          "fathom prune makes one"
        ),
        (
          try place.run(
            ["run", "-m", place.model, "--prune-blocks", "1", "--blocks", "1", "-p", "x"]),
          64, "either"
        ),
      ]
      for (result, status, words) in cases {
        #expect(result.status == status, "\(result.errors)")
        #expect(result.errors.contains(words), "\(result.errors)")
        #expect(result.output.isEmpty)
      }
    }
  }

  @Test func `an export is a model of its own that says the same`() async throws {
    try await withTemporaryFolder { folder in
      let place = try Place(folder)
      let out = folder + "/out.gguf"
      let result = try place.run(
        ["export", "-m", place.model, "-t", "1", "--prune-blocks", "1,4", "-o", out])
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output == out + "\n")
      #expect(try GGUFFile(path: out).metadata["llama.block_count"]?.int == 4)
      let question = ["-n", "12", "--temp", "0", "-p", "the land of"]
      let whole = try place.run(["run", "-m", place.model, "--prune-blocks", "1,4"] + question)
      let taken = try place.run(["run", "-m", out] + question)
      #expect(taken.output == whole.output)
      #expect(!taken.output.isEmpty)
    }
  }

  @Test func `an export may be a folder for transformers`() async throws {
    try await withTemporaryFolder { folder in
      let place = try Place(folder)
      let out = folder + "/out"
      let result = try place.run(
        ["export", "-m", place.model, "--format", "safetensors", "--prune-blocks", "2", "-o", out])
      #expect(result.status == 0, "\(result.errors)")
      let config = try JSONValue(
        parsing: Data(contentsOf: URL(filePath: out + "/config.json")))
      #expect(config["num_hidden_layers"] == .number(5))
      let wrong = try place.run(
        ["export", "-m", place.model, "--prune-blocks", "0-5", "-o", folder + "/x.gguf"])
      #expect(wrong.status == 64)
      #expect(!FileManager.default.fileExists(atPath: folder + "/x.gguf"))
    }
  }

  @Test func `the table has a row for each count, and a picture`() async throws {
    try await withTemporaryFolder { folder in
      let place = try Place(folder)
      let result = try place.table("--turns", "1", "--svg", folder + "/table.svg")
      #expect(result.status == 0, "\(result.errors)")
      for gone in 0...3 { #expect(result.output.contains("\n| \(gone) | ")) }
      #expect(result.output.contains("SLEB"))
      #expect(result.output.contains("| 1.00 x |"))
      let picture = try String(contentsOfFile: folder + "/table.svg", encoding: .utf8)
      // Four methods and the speed, and the legend's four.
      #expect(picture.split(separator: "<polyline").count == 1 + 4 + 1 + 4)
    }
  }
}
