import Dials
import Foundation
import Pruning
import TestSupport
import Testing

struct ManifestTests {
  private func manifest(_ blocks: [Int], of count: Int = 30) throws -> PruningManifest {
    let sample = try TinySearch().sample()
    var manifest = PruningManifest(
      model: PruningManifest.Model(file: "tiny.gguf", sha256: "abc", blockCount: count),
      method: .sleb, seed: 3, sample: sample, denseLosses: [10, 11, 12])
    manifest.steps = blocks.enumerated().map { index, block in
      PruningStep(
        block: BlockIndex(block), losses: [10, 11, 13 + Double(index)],
        scoredCount: sample.scoredCount, costs: [BlockIndex(block): 0.5])
    }
    return manifest
  }

  /// The manifest as it is after a trip through a file, whose text `change` may change.
  private func reread(
    _ manifest: PruningManifest, _ change: (String) -> String = { $0 }
  ) async throws -> PruningManifest {
    try await withTemporaryFolder { folder in
      let path = folder + "/new/manifest.json"
      try manifest.write(to: path)
      let text = try String(contentsOfFile: path, encoding: .utf8)
      try Data(change(text).utf8).write(to: URL(filePath: path))
      return try PruningManifest(path: path)
    }
  }

  @Test func `a manifest comes back from its file as it was`() async throws {
    let manifest = try manifest([5, 12, 4])
    #expect(try await reread(manifest) == manifest)
    let again = try await reread(manifest) { text in
      #expect(text.contains("\"sequence_losses\""))
      return text
    }
    #expect(again.steps[0].costs == ["5": 0.5])
  }

  @Test(arguments: [Int.min, -1, 0, 129, 1 << 31, 1 << 53, .max])
  func `no number of a manifest makes reading it trap`(number: Int) async throws {
    let text = { (manifest: PruningManifest) async throws -> PruningManifest in
      try await self.reread(manifest)
    }
    var changed = try manifest([5, 12])
    changed.model.blockCount = number
    await #expect(throws: PruningError.self) { try await text(changed) }
    changed = try manifest([5, 12])
    changed.steps[1].block = BlockIndex(number)
    if number != 0 { await #expect(throws: PruningError.self) { try await text(changed) } }
    changed = try manifest([5, 12])
    changed.scoredCount = number
    _ = try? await text(changed).densePerplexity
    changed = try manifest([5, 12])
    changed.calibration.sequenceLength = number
    _ = try? await text(changed)
  }

  @Test func `any prefix is a set of blocks`() throws {
    let manifest = try manifest([5, 12, 4])
    #expect(try manifest.blocks(0) == .none)
    #expect(try manifest.blocks(2) == BlockSet(indices: [5, 12]))
    #expect(try manifest.blocks() == BlockSet(indices: [4, 5, 12]))
    for count in [-1, 4] {
      let error = #expect(throws: PruningError.self) { try manifest.blocks(count) }
      #expect(error?.code == .tooMany)
    }
  }

  @Test func `a manifest for another model is refused`() throws {
    let manifest = try manifest([1])
    try manifest.check(sha256: "abc", file: "m.json")
    let error = #expect(throws: PruningError.self) {
      try manifest.check(sha256: "abd", file: "m.json")
    }
    #expect(error?.code == .otherModel)
    #expect(error?.message.contains("tiny.gguf") == true)
  }

  @Test(arguments: [
    ([30], 30, "block 30 of 30"), ([-1], 30, "block -1 of 30"), ([2, 2], 30, "twice"),
    ([0, 1, 2], 3, "all 3 blocks"),
  ])
  func `blocks that cannot go are refused`(
    blocks: [Int], count: Int, words: String
  ) async throws {
    let error = await #expect(throws: PruningError.self) {
      try await reread(manifest(blocks, of: count))
    }
    #expect(error?.code == .badManifest)
    #expect(error?.message.contains(words) == true)
  }

  @Test func `a file that is something else is refused`() async throws {
    let manifest = try manifest([1])
    let changes: [(String) -> String] = [
      { _ in "" }, { _ in "{}" }, { _ in "[1, 2]" }, { String($0.dropLast(20)) },
      { $0.replacing("fathom.pruning", with: "fathom.session") },
      { $0.replacing("\"v\" : 1", with: "\"v\" : 2") },
      { $0.replacing("13\n", with: "13, 4\n") },
    ]
    for (index, change) in changes.enumerated() {
      let error = await #expect(throws: PruningError.self, "\(index)") {
        try await reread(manifest, change)
      }
      #expect(error?.code == .badManifest, "\(index)")
    }
    let missing = #expect(throws: PruningError.self) {
      try PruningManifest(path: "/nowhere/manifest.json")
    }
    #expect(missing?.code == .cannotRead)
  }

  @Test func `a search goes on from a manifest of the same model, method and text`() throws {
    let one = try manifest([1, 2])
    #expect(one.continues(try manifest([])))
    var other = one
    other.method = .oneShot
    #expect(!one.continues(other))
    other = one
    other.model.sha256 = "x"
    #expect(!one.continues(other))
    other = one
    other.seed = 4
    #expect(one.continues(other), "the seed matters for random removal only")
    other.method = .random
    var random = one
    random.method = .random
    #expect(!random.continues(other))
  }
}
