import Dials
import Foundation
import Pruning
import TestSupport
import Testing

/// A search that is kept step by step.
struct SearchJobTests {
  @Test func `a longer search goes on from a shorter one, and tells of each step once`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let tiny = try TinyArchive(in: folder)
      let (search, manifest) = tiny.search(sample: try tiny.sample())
      let path = tiny.archive.path(of: .sleb, seed: 0)
      var made: [Int] = []
      var began: [Int] = []
      let observer = PruningObserver { event in
        if case .made(let manifest) = event { made.append(manifest.steps.count) }
        if case .began(let manifest) = event { began.append(manifest.steps.count) }
      }
      var short = try SearchJob(search, manifest: manifest, path: path)
      try short.run(count: 1, observe: observer)
      #expect(try PruningManifest(path: path) == short.manifest)
      var long = try SearchJob(search, manifest: manifest, path: path)
      try long.run(count: 3, observe: observer)
      #expect(long.manifest.steps.count == 3 && long.manifest.steps[0] == short.manifest.steps[0])
      #expect(try PruningManifest(path: path) == long.manifest)
      #expect(began == [0, 1] && made == [1, 2, 3])
      #expect(try tiny.archive.manifest(at: nil) == long.manifest)
    }
  }

  @Test func `a search that is stopped keeps what it made`() async throws {
    try await withTemporaryFolder { folder in
      let tiny = try TinyArchive(in: folder)
      let (search, manifest) = tiny.search(sample: try tiny.sample())
      var made = 0
      var job = try SearchJob(search, manifest: manifest, path: folder + "/a.json")
      try job.run(
        count: 4,
        observe: PruningObserver(isWanted: { made < 2 }) { event in
          if case .made = event { made += 1 }
        })
      #expect(made == 2 && job.manifest.steps.count == 2)
      #expect(try PruningManifest(path: folder + "/a.json").steps.count == 2)
    }
  }

  @Test func `a file that somebody named is not overwritten by another search`() async throws {
    try await withTemporaryFolder { folder in
      let tiny = try TinyArchive(in: folder)
      let path = folder + "/mine.json"
      let (search, manifest) = tiny.search(sample: try tiny.sample())
      var job = try SearchJob(search, manifest: manifest, path: path, isNamed: true)
      try job.run(count: 1, observe: PruningObserver())
      let (other, otherManifest) = tiny.search(sample: try tiny.sample(seed: 9))
      let error = #expect(throws: PruningError.self) {
        try SearchJob(other, manifest: otherManifest, path: path, isNamed: true)
      }
      #expect(error?.code == .otherModel)
      // Where nobody named it, it makes room.
      #expect(try SearchJob(other, manifest: otherManifest, path: path).manifest.steps.isEmpty)
      try Data("nonsense".utf8).write(to: URL(filePath: path))
      #expect(try SearchJob(other, manifest: otherManifest, path: path).manifest.steps.isEmpty)
      #expect(throws: PruningError.self) {
        try SearchJob(other, manifest: otherManifest, path: path, isNamed: true)
      }
    }
  }

  @Test func `the map of a search has a column for each block`() async throws {
    try await withTemporaryFolder { folder in
      let tiny = try TinyArchive(in: folder)
      let (search, manifest) = tiny.search(sample: try tiny.sample())
      var job = try SearchJob(search, manifest: manifest, path: folder + "/a.json")
      try job.run(count: 2, observe: PruningObserver())
      let map = SearchMap(manifest: manifest)
      #expect(map.head(method: .sleb).last?.hasPrefix("   0      -") == true)
      let steps = job.manifest.steps
      for index in steps.indices {
        let row = map.row(steps, index)
        let cells = Array(row.suffix(6))
        #expect(cells[steps[index].block.rawValue] == "X")
        #expect(cells.count { $0 == "x" } == index)
        #expect(row.hasPrefix("   \(index + 1)"))
      }
    }
  }
}
