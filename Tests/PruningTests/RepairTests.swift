import Dials
import Files
import Foundation
import GGUF
import Inference
import Pruning
import TestSupport
import Testing
import Transformer

/// Repairs of pruned models, without training.
struct RepairTests {
  private static let removed = BlockSet(indices: [2, 3])
  private static let prompt = (0..<40).map { TokenID($0 * 7 % 300) }

  /// A tiny model in a file of its own, its archive, and a text.
  private struct Bench {
    let model: LoadedModel
    let archive: PruningArchive
    let sample: CalibrationSample

    init(in folder: String, type: TensorType = .q4_1) throws {
      let path = "\(folder)/tiny-\(type.name).gguf"
      try Data(TinyModel(blockCount: 6, type: type, seed: 3).bytes()).write(to: URL(filePath: path))
      model = try LoadedModel(path: path, threads: 2)
      archive = try PruningArchive(model: model, folder: folder + "/pruning")
      var search = TinySearch()
      search.sequenceCount = 8
      sample = try search.sample()
    }

    func repaired(_ method: RepairMethod) throws -> LoadedModel {
      try RepairJob(model: model, archive: archive).made(
        method, without: RepairTests.removed, on: sample)
    }
  }

  @Test(arguments: RepairMethod.allCases, [TensorType.f32, .q4_1, .q8_0])
  func `a repaired model at run time is its file, bit for bit`(
    method: RepairMethod, type: TensorType
  ) async throws {
    try await withTemporaryFolder { folder in
      let repaired = try Bench(in: folder, type: type).repaired(method)
      let export = CheckedExport(model: repaired)
      let pruned = try export.pruned(Self.removed)
      #expect(pruned.repair != nil)
      let path = folder + "/repaired.gguf"
      #expect(try export.write(pruned, to: OutputFile(path)) == nil)
      let written = try GGUFFile(path: path)
      #expect(written.metadata["fathom.prune.repair"] == .string(method.rawValue))
      #expect(written.metadata["llama.block_count"]?.int == 4)
      // The check can fail: the model without a repair is another.
      let plain = ExportCheck(
        try Weights(file: written, pool: repaired.pool),
        against: repaired.runtime.repairedByNothing, without: Self.removed)
      #expect(plain.firstDifference(after: Self.prompt, writing: 2) != nil)
    }
  }

  @Test func `off means off: with other blocks gone, or none, a repair changes no bit`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let repaired = try Bench(in: folder).repaired(.follow)
      for blocks in [[], [2], [1, 2, 3]] {
        let removed = BlockSet(indices: blocks)
        let plain = try PrunedFile(GGUFFile(path: repaired.path), without: removed)
        let written = try GGUFFile(bytes: plain.writer().bytes(), path: "pruned.gguf")
        let check = ExportCheck(
          try Weights(file: written, pool: repaired.pool), against: repaired.runtime,
          without: removed)
        #expect(check.firstDifference(after: Self.prompt, writing: 4) == nil)
      }
    }
  }

  @Test func `what is kept is used again, and a repair for another model is refused`() async throws
  {
    try await withTemporaryFolder { folder in
      let bench = try Bench(in: folder)
      let job = RepairJob(model: bench.model, archive: bench.archive)
      #expect(try job.kept(.refit, without: Self.removed) == nil)
      _ = try bench.repaired(.refit)
      let path = bench.archive.path(ofRepair: .refit, without: Self.removed)
      let before = try Data(contentsOf: URL(filePath: path))
      #expect(try job.kept(.refit, without: Self.removed)?.weights.repair?.removed == Self.removed)
      #expect(try job.kept(.refit, without: BlockSet(indices: [2])) == nil)
      _ = try bench.repaired(.refit)
      #expect(try Data(contentsOf: URL(filePath: path)) == before)
      let entry = try job.entry(.refit, without: Self.removed)
      #expect(entry.calibrationSHA256 == bench.sample.provenance.sha256)
      #expect(entry.blocks.map(\.rawValue) == [2, 3])
      let error = #expect(throws: PruningError.self) {
        try RepairFile(path: path, baseSHA256: "another")
      }
      #expect(error?.code == .otherModel)
    }
  }

  @Test func `a scale multiplies every number behind the gap by one factor`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try Bench(in: folder)
      _ = try bench.repaired(.scale)
      let path = bench.archive.path(ofRepair: .scale, without: Self.removed)
      let repair = try RepairFile(path: path, baseSHA256: bench.archive.model.sha256).file
      let whole = try GGUFFile(path: bench.model.path)
      #expect(repair.tensors.count == 4)
      var factors: [Float] = []
      for tensor in repair.tensors {
        let own = whole.dequantize(try #require(whole.tensor(named: tensor.name)))
        let scaled = repair.dequantize(tensor)
        factors += zip(own, scaled).filter { abs($0.0) > 0.01 }.map { $1 / $0 }
      }
      let first = try #require(factors.first)
      #expect(first != 1)
      #expect(factors.allSatisfy { abs($0 / first - 1) < 0.02 })
    }
  }

  @Test func `a factor solves what elimination solves`() {
    var generator = SeededGenerator(seed: 5)
    for count in [1, 2, 7, 20] {
      let (matrix, ridge) = (positiveMatrix(count, &generator), 0.25)
      let row = (0..<count).map { _ in Double.random(in: -1...1, using: &generator) }
      let mean = (0..<count).reduce(0) { $0 + matrix[$1 * count + $1] } / Double(count)
      var ridged = matrix
      for k in 0..<count { ridged[k * count + k] += ridge * mean }
      let found = TriangularFactor(matrix, count: count, ridge: ridge).solve(row)
      for (a, b) in zip(found, eliminated(ridged, row)) {
        #expect(abs(a - b) < 1e-9 * (1 + abs(b)))
      }
    }
  }

  @Test func `rounding with a factor misses less than rounding alone`() {
    var generator = SeededGenerator(seed: 6)
    let count = 32
    let matrix = positiveMatrix(count, &generator)
    let factor = TriangularFactor(matrix, count: count, ridge: 1e-6)
    let row = (0..<count).map { _ in Float.random(in: -4...4, using: &generator) }
    let rounded = factor.rounded(row, by: 8) { _ in { $0.rounded() } }
    func miss(_ other: [Float]) -> Double {
      let error = zip(row, other).map { Double($0) - Double($1) }
      return (0..<count).reduce(0) { sum, i in
        sum + (0..<count).reduce(0) { $0 + error[i] * matrix[i * count + $1] * error[$1] }
      }
    }
    #expect(rounded.allSatisfy { $0 == $0.rounded() })
    #expect(miss(rounded) < miss(row.map { $0.rounded() }))
  }

  // MARK: - Tiny algebra

  /// `Xᵀ · X` of random rows with one direction that most of them share.
  private func positiveMatrix(_ count: Int, _ generator: inout SeededGenerator) -> [Double] {
    var matrix = [Double](repeating: 0, count: count * count)
    for _ in 0..<3 * count {
      let shared = Double.random(in: -2...2, using: &generator)
      let row = (0..<count).map { _ in shared + Double.random(in: -0.5...0.5, using: &generator) }
      for i in 0..<count { for j in 0..<count { matrix[i * count + j] += row[i] * row[j] } }
    }
    return matrix
  }

  /// The x with `matrix · x = row`, by elimination with pivots.
  private func eliminated(_ matrix: [Double], _ row: [Double]) -> [Double] {
    let n = row.count
    var rows = (0..<n).map { Array(matrix[$0 * n..<($0 + 1) * n]) + [row[$0]] }
    for k in 0..<n {
      let pivot = (k..<n).max { abs(rows[$0][k]) < abs(rows[$1][k]) } ?? k
      rows.swapAt(k, pivot)
      for i in 0..<n where i != k {
        let factor = rows[i][k] / rows[k][k]
        for j in k...n { rows[i][j] -= factor * rows[k][j] }
      }
    }
    return (0..<n).map { rows[$0][n] / rows[$0][$0] }
  }
}

extension ModelRuntime {
  /// The same model without its repair.
  fileprivate var repairedByNothing: ModelRuntime {
    ModelRuntime(weights: weights.repaired(by: nil), kernels: kernels, pool: pool)
  }
}
