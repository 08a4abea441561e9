import Dials
import Foundation
import GGUF
import Kernels
import TestSupport
import Testing
import Training
import Transformer

struct CacheTests {
  @Test func `a cache holds the reference's streams and most probable tokens`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let texts = TinyBase.texts(9, seed: 11)
      let cache = try #require(try base.cache(texts, depths: [1, 2], folder: folder))
      // Texts 0 and 8 are held out and come first.
      #expect(cache.heldOutRange == 0..<40 && cache.trainingRange == 40..<180)
      let reference = try ReferencePass(file: base.file)
      let arena = Arena()
      for (first, text) in [(0, texts[0]), (20, texts[8]), (40, texts[1])] {
        let trace = reference.run(text.tokens)
        let rows = Matrix(20, 64, in: arena)
        for (exit, depth) in [1, 2].enumerated() {
          cache.readStreams(first..<first + 20, exit: exit, into: rows)
          for row in 0..<20 {
            let stream = trace.streams[depth][row + 3]
            let root = (stream.reduce(0) { $0 + $1 * $1 } / 64).squareRoot()
            for i in 0..<64 {
              // Activations, keys and values have eight bits, and the cache eleven: after two blocks
              // that is a hundredth on average, three at the most.
              #expect((Double(rows[row][i]) - stream[i] / root).magnitude < 0.04)
            }
          }
        }
        let teacher = cache.teacherTopK(first..<first + 20)
        #expect(teacher.ids.count == 20 * 8)
        for row in 0..<20 {
          let p = Definition.softmax(trace.logits[row + 3])
          let order = p.indices.sorted { p[$0] > p[$1] }
          for rank in 0..<8 {
            let (id, probability) = (
              teacher.ids[row * 8 + rank], teacher.probabilities[row * 8 + rank]
            )
            #expect((Double(probability) - p[order[rank]]).magnitude < 2e-3)
            #expect((Double(probability) - p[Int(id)]).magnitude < 2e-3)
          }
        }
      }
      withExtendedLifetime(arena) {}
    }
  }

  @Test func `a limit is kept, and a cache of other texts is not taken`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let texts = TinyBase.texts(9, seed: 12)
      let cache = try #require(try base.cache(texts, depths: [2], folder: folder, limit: 55))
      #expect(cache.description.count == 55)
      let path = folder + "/hidden.cache"
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      #expect(size == cache.description.fileBytes)
      var other = cache.description
      other.texts = "another"
      #expect(HiddenCache(path: path, matching: other) == nil)
      try Data("damaged".utf8).write(to: URL(filePath: path))
      #expect(HiddenCache(path: path, matching: cache.description) == nil)
    }
  }

  @Test func `a cache whose head counts what is not there is not taken`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let cache = try #require(
        try base.cache(TinyBase.texts(9, seed: 14), depths: [2], folder: folder, limit: 55))
      let path = folder + "/hidden.cache"
      let bytes = try Data(contentsOf: URL(filePath: path))
      for (name, value) in [("count", 55), ("heldOutCount", cache.description.heldOutCount)] {
        for number in [Int.min, -1, 0, 54, 56, 1 << 31, 1 << 53, .max] {
          var head = cache.description
          if name == "count" { head.count = number } else { head.heldOutCount = number }
          let text = try JSONEncoder().encode(head)
          let other = text + Data(repeating: 0x20, count: 4096 - text.count) + bytes[4096...]
          try other.write(to: URL(filePath: path))
          let read = HiddenCache(path: path, matching: cache.description)
          let isSound = name == "heldOutCount" && (0...55).contains(number)
          #expect((read != nil) == isSound, "\(name) \(number) in the place of \(value)")
          #expect((read?.trainingRange.count ?? 0) >= 0)
        }
      }
    }
  }

  @Test func `a stop leaves nothing behind`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let texts = TinyBase.texts(9, seed: 13)
      let collector = HiddenCollector(
        ModelRuntime(weights: base.weights, pool: base.pool), length: 24, depths: [1], topK: 4)
      let description = HiddenCache.Description(
        base: "tiny", depths: [1], width: 64, topK: 4, texts: texts.fingerprint)
      var calls = 0
      let isWhole = try collector.collect(
        texts, to: folder + "/x.cache", description: description
      ) { done, all in
        calls += 1
        #expect(done == 20 * calls && all == 180)
        return calls < 3
      }
      #expect(!isWhole && calls == 3)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test func `a folder that is not there is named`() throws {
    let base = try TinyBase()
    defer { base.pool.dismiss() }
    let error = #expect(throws: TrainingError.self) {
      try base.cache(TinyBase.texts(2, seed: 1), depths: [1], folder: "/nonexistent/folder")
    }
    #expect(error?.code == .cannotWrite)
    #expect(error?.place.hasPrefix("/nonexistent/folder") == true)
  }
}
