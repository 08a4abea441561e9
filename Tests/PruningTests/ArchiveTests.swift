import Corpus
import Dials
import Evaluation
import Files
import Foundation
import GGUF
import Inference
import Pruning
import TestSupport
import Testing

/// What is kept of a model.
struct ArchiveTests {
  @Test func `each model, method and seed has its place`() async throws {
    try await withTemporaryFolder { folder in
      let (one, two) = (
        try TinyArchive(in: folder, seed: 1).archive, try TinyArchive(in: folder, seed: 2).archive
      )
      let paths = [one, two].flatMap { archive in
        [
          archive.path(of: .sleb, seed: 1), archive.path(of: .random, seed: 1),
          archive.path(of: .random, seed: 2), archive.costsPath, archive.studyPath,
          archive.textPath(seed: 1), archive.textPath(seed: 2),
        ]
      }
      #expect(Set(paths).count == paths.count)
      #expect(paths.allSatisfy { $0.hasPrefix(folder + "/pruning/") })
      #expect(one.path(of: .sleb, seed: 1) == one.path(of: .sleb, seed: 2))
    }
  }

  @Test func `a model that was not searched says how to, and another's manifest is refused`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let tiny = try TinyArchive(in: folder)
      let missing = #expect(throws: PruningError.self) { try tiny.archive.manifest(at: nil) }
      #expect(missing?.code == .cannotRead && missing?.message.contains("fathom prune") == true)
      let (search, manifest) = tiny.search(sample: try tiny.sample())
      var job = try SearchJob(search, manifest: manifest, path: folder + "/a.json")
      try job.run(count: 1, observe: PruningObserver())
      #expect(try tiny.archive.manifest(at: folder + "/a.json").steps.count == 1)
      let other = #expect(throws: PruningError.self) {
        try TinyArchive(in: folder, seed: 8).archive.manifest(at: folder + "/a.json")
      }
      #expect(other?.code == .otherModel)
    }
  }

  @Test func `a model writes a text once, and a longer one anew`() async throws {
    try await withTemporaryFolder { folder in
      let tiny = try TinyArchive(in: folder)
      let texts = SelfWrittenArchive(model: tiny.model, archive: tiny.archive)
      let first = try texts.text(of: 60, seed: 5)
      #expect(first.tokens.count == 60)
      var heard = 0
      let again = try texts.text(of: 40, seed: 5) { _ in
        heard += 1
        return true
      }
      #expect(heard == 0 && again.tokens == Array(first.tokens.prefix(40)))
      #expect(throws: CancellationError.self) {
        try texts.text(of: 60, seed: 6) { _ in false }
      }
      #expect(!FileManager.default.fileExists(atPath: tiny.archive.textPath(seed: 6)))
    }
  }

  @Test func `costs of blocks are kept, and none where measuring was stopped`() async throws {
    try await withTemporaryFolder { folder in
      let tiny = try TinyArchive(in: folder)
      let costs = BlockCosts(in: tiny.archive)
      let sequences = try tiny.sample().sequences
      #expect(costs.kept == nil)
      #expect(throws: CancellationError.self) {
        try costs.measure(tiny.model, on: sequences) { _ in false }
      }
      #expect(costs.kept == nil)
      var share = 0.0
      try costs.measure(tiny.model, on: sequences) {
        share = $0
        return true
      }
      #expect(share == 1 && costs.kept?.count == 6)
      let pass = BlockSetPass(tiny.model.runtime, length: 48)
      #expect(costs.kept == pass.costs(on: sequences))
    }
  }

  @Test func `an export is read again and says the same, and has the name of what is gone`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let tiny = try TinyArchive(in: folder)
      let removed = BlockSet([BlockIndex(1), BlockIndex(4)])
      let export = CheckedExport(model: tiny.model)
      #expect(export.name(without: removed) == "tiny-3-without-1,4.gguf")
      let path = folder + "/out.gguf"
      let pruned = try export.pruned(removed, method: "sleb")
      #expect(pruned.method == "sleb" && pruned.baseSHA256 == tiny.archive.model.sha256)
      #expect(try export.write(pruned, to: OutputFile(path)) == nil)
      #expect(try GGUFFile(path: path).metadata["llama.block_count"]?.int == 4)
      // A file without other blocks is another model: it does not stay.
      var wrong = try export.pruned(BlockSet([BlockIndex(1)]))
      wrong.method = nil
      let difference = try CheckedExport(model: TinyArchive(in: folder, seed: 8).model)
        .write(wrong, to: OutputFile(path, replaces: true))
      #expect(difference.map(CheckedExport.words)?.contains("the file differs") == true)
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }
}
