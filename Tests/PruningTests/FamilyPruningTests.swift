import Dials
import Foundation
import GGUF
import Kernels
import Pruning
import Testing
import Transformer

/// Models of every family without some of their blocks.
struct FamilyPruningTests {
  private static let names = [
    "llama", "qwen2", "qwen3", "gemma3", "smollm3", "granite", "olmo2", "minicpm", "phi3",
  ]
  private static let text = (0..<40).map { TokenID($0 * 7 % 300) }

  private static func file(_ name: String) throws -> GGUFFile {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return try GGUFFile(
      path: folder.appending(path: "TransformerTests/Golden/Families/\(name)-F16.gguf").path)
  }

  private static func without(_ blocks: Int..., in name: String) throws -> PrunedFile {
    try PrunedFile(file(name), without: BlockSet(indices: blocks))
  }

  @Test(arguments: names)
  func `left out while running is the same as taken away, for every family`(name: String) throws {
    let pool = ThreadPool(count: 1)
    defer { pool.dismiss() }
    let whole = try Self.file(name)
    let count = try Blueprint(metadata: whole.metadata).blockCount
    // Of Gemma's seven the sixth has no window: what follows takes its place.
    let choices = [[0], [count - 1]] + (count > 3 ? [[1, 2]] : [])
    for removed in choices where name != "smollm3" || removed == [count - 1] {
      let pruned = try PrunedFile(whole, without: BlockSet(indices: removed))
      let written = try GGUFFile(bytes: pruned.writer().bytes(), path: "pruned.gguf")
      let difference = ExportCheck(
        try Weights(file: written, pool: pool),
        against: ModelRuntime(weights: try Weights(file: whole, pool: pool), pool: pool),
        without: BlockSet(indices: removed)
      ).firstDifference(after: Self.text, writing: 8)
      #expect(difference == nil, "without \(removed)")
    }
  }

  @Test func `a file that cannot say which block does not rotate is refused`() throws {
    let error = #expect(throws: PruningError.self) { try Self.without(1, in: "smollm3") }
    #expect(error?.description.contains("block 3 would be block 2") == true)
    #expect(throws: Never.self) { try Self.without(4, in: "smollm3") }
  }

  @Test func `windows are written out block by block`() throws {
    let written = try GGUFFile(
      bytes: Self.without(0, in: "gemma3").writer().bytes(), path: "pruned.gguf")
    let windows = written.metadata["gemma3.attention.sliding_window_pattern"]?.array
    #expect(windows?.compactMap(\.bool) == [true, true, true, true, false, true])
  }

  @Test func `what follows from the number of blocks stays as it was`() throws {
    let whole = try Blueprint(metadata: Self.file("minicpm").metadata)
    let written = try GGUFFile(
      bytes: Self.without(0, in: "minicpm").writer().bytes(), path: "pruned.gguf")
    #expect(try Blueprint(metadata: written.metadata).residualScale == whole.residualScale)
  }

  @Test(arguments: ["gemma3", "smollm3", "granite", "olmo2", "minicpm", "phi3"])
  func `a folder for transformers is refused by the family's name`(name: String) throws {
    let pruned = try PrunedFile(Self.file(name), without: .none)
    let error = #expect(throws: PruningError.self) { try HuggingFaceFolder(pruned) }
    #expect(error?.description.contains("is of \(name)") == true)
  }
}
