import Dials
import GGUF
import Kernels
import Pruning
import TestSupport
import Testing
import Transformer

struct PrunedFileTests {
  private static let prompt = (0..<40).map { TokenID($0 * 7 % 300) }

  /// The first logit in which the running model without `removed` and `written` differ.
  @inline(never)
  private func difference(
    _ model: TinyModel, _ removed: BlockSet, _ written: GGUFFile
  ) throws -> ExportCheck.Difference? {
    let pool = ThreadPool(count: 1)
    defer { pool.dismiss() }
    return ExportCheck(
      try Weights(file: written, pool: pool),
      against: ModelRuntime(weights: try Weights(file: model.file(), pool: pool), pool: pool),
      without: removed
    ).firstDifference(after: Self.prompt, writing: 8)
  }

  private func file(of pruned: PrunedFile) throws -> GGUFFile {
    try GGUFFile(bytes: pruned.writer().bytes(), path: "pruned.gguf")
  }

  @Test(arguments: [[], [0], [5], [1, 2, 3], [0, 2, 4], [0, 1, 2, 3, 4]])
  func `left out while running is the same as taken away, bit for bit`(
    blocks: [Int]
  ) throws {
    for type in [TensorType.f32, .q4_1, .q8_0] {
      let model = TinyModel(blockCount: 6, isTied: type == .f32, type: type, seed: 8)
      let removed = BlockSet(indices: blocks)
      let written = try file(of: PrunedFile(model.file(), without: removed))
      #expect(written.metadata["llama.block_count"]?.int == 6 - blocks.count)
      #expect(try difference(model, removed, written) == nil)
    }
  }

  @Test func `a difference is found and told`() throws {
    let model = TinyModel(blockCount: 4, seed: 8)
    let other = try file(of: PrunedFile(model.file(), without: BlockSet(indices: [2])))
    let difference = try #require(try difference(model, BlockSet(indices: [1]), other))
    #expect(difference.position == 0)
    #expect(difference.running != difference.written)
  }

  @Test func `blocks are numbered anew and nothing else changes`() throws {
    let file = try TinyModel(blockCount: 5, type: .q4_1).file()
    let written = try self.file(of: PrunedFile(file, without: BlockSet(indices: [0, 3])))
    #expect(!written.tensors.contains { $0.name.hasPrefix("blk.3.") })
    for (new, old) in [(0, 1), (1, 2), (2, 4)] {
      for tensor in file.tensors where tensor.name.hasPrefix("blk.\(old).") {
        let name = tensor.name.replacing("blk.\(old).", with: "blk.\(new).")
        let moved = try #require(written.tensor(named: name))
        #expect(moved.type == tensor.type && moved.shape == tensor.shape)
        #expect(
          written.withBytes(of: moved) { Array($0) } == file.withBytes(of: tensor) { Array($0) })
      }
    }
    for (key, value) in file.metadata
    where !["general.name", "llama.block_count"].contains(key) {
      #expect(written.metadata[key] == value, "\(key)")
    }
  }

  @Test func `lists with an entry per block are cut, and only these`() throws {
    let list = MetadataValue.array((0..<4).map { .integer($0 * 10) })
    let model = TinyModel(
      blockCount: 4,
      metadata: [
        "llama.per_layer": list, "llama.other": .array([.integer(1)]), "general.tags": list,
      ])
    let written = try file(of: PrunedFile(model.file(), without: BlockSet(indices: [1])))
    #expect(
      written.metadata["llama.per_layer"] == .array([.integer(0), .integer(20), .integer(30)]))
    #expect(written.metadata["llama.other"] == .array([.integer(1)]))
    #expect(written.metadata["general.tags"] == list)
  }

  @Test func `the file tells where it comes from, also when it was pruned twice`() throws {
    var first = try PrunedFile(TinyModel(blockCount: 6).file(), without: BlockSet(indices: [1, 4]))
    first.method = "sleb"
    first.baseSHA256 = "abc"
    let once = try file(of: first)
    #expect(once.metadata["general.base_model.0.name"] == .string("Tiny 0"))
    #expect(once.metadata["general.name"] == .string("Tiny 0, 4 of 6 blocks"))
    #expect(once.metadata["fathom.prune.method"] == .string("sleb"))
    #expect(once.metadata["fathom.prune.base_sha256"] == .string("abc"))
    #expect(keptBlocks(once) == [0, 2, 3, 5])
    let twice = try file(of: PrunedFile(once, without: BlockSet(indices: [1, 2])))
    #expect(keptBlocks(twice) == [0, 5])
  }

  @Test func `nothing removed leaves no mark`() throws {
    let file = try TinyModel().file()
    let written = try self.file(of: PrunedFile(file, without: .none))
    #expect(written.metadata == file.metadata)
  }

  @Test func `memory of keys and values, and work, fall by the blocks' share`() throws {
    let pool = ThreadPool(count: 1)
    defer { pool.dismiss() }
    let model = TinyModel(blockCount: 5)
    let removed = BlockSet(indices: [1, 3])
    let whole = try Weights(file: model.file(), pool: pool)
    let less = try Weights(file: file(of: PrunedFile(model.file(), without: removed)), pool: pool)
    let sizes = [whole, less].map {
      KeyValueCache(blueprint: $0.blueprint, capacity: 16).bytesPerPosition
    }
    #expect(sizes[1] * 5 == sizes[0] * 3)
    #expect(less.denseWork(at: 9).macs == whole.denseWork(at: 9, pruned: removed).macs)
  }

  @Test func `all blocks, and blocks that are not there, cannot be taken away`() throws {
    for blocks in [[0, 1, 2, 3], [4], [127]] {
      let error = #expect(throws: PruningError.self) {
        try PrunedFile(TinyModel(blockCount: 4).file(), without: BlockSet(indices: blocks))
      }
      #expect(error?.code == .tooMany)
    }
  }

  private func keptBlocks(_ file: GGUFFile) -> [Int] {
    file.metadata["fathom.prune.kept_blocks"]?.array?.compactMap(\.int) ?? []
  }
}
