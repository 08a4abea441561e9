import Corpus
import Dials
import GGUF
import Kernels
import Pruning
import TestSupport
import Transformer

/// Searches on tiny models.
struct TinySearch {
  var model = TinyModel(blockCount: 6, type: .q4_1, seed: 3)
  /// A block that adds nothing to the residual stream.
  var idle: Int?
  var sequenceCount = 3
  var length = 48
  var members = 1

  /// The model's file, with the idle block's outputs zeroed.
  func file() throws -> GGUFFile {
    let file = try model.file()
    guard let idle else { return file }
    var writer = GGUFWriter()
    for (key, value) in file.metadata.sorted(by: { $0.key < $1.key }) {
      writer.set(key, to: value)
    }
    for tensor in file.tensors {
      let isIdle = ["attn_output", "ffn_down"].contains {
        tensor.name == "blk.\(idle).\($0).weight"
      }
      writer.add(
        name: tensor.name, shape: tensor.shape, type: tensor.type,
        bytes: isIdle
          ? Array(repeating: 0, count: tensor.byteCount) : file.withBytes(of: tensor) { Array($0) })
    }
    return try GGUFFile(bytes: writer.bytes(), path: "idle.gguf")
  }

  /// A text of random tokens.
  func sample(seed: UInt64 = 1) throws -> CalibrationSample {
    var generator = SeededGenerator(seed: seed)
    let tokens = (0..<sequenceCount * length).map { _ in
      TokenID(.random(in: 0..<300, using: &generator))
    }
    return try CalibrationSample(
      texts: [CalibrationText(name: "random", tokens: tokens)], count: sequenceCount,
      length: length, seed: seed)
  }

  /// Calls `body` with a search and the whole model's losses.
  @inline(never)
  func run<Result>(_ body: (BlockSearch, [Double]) throws -> Result) throws -> Result {
    let pool = ThreadPool(count: members)
    defer { pool.dismiss() }
    let search = BlockSearch(
      ModelRuntime(weights: try Weights(file: file(), pool: pool), pool: pool),
      sample: try sample())
    return try body(search, search.losses(without: .none))
  }

  /// The steps of a search.
  func steps(_ method: PruningMethod, _ count: Int, seed: UInt64 = 0) throws -> [PruningStep] {
    try run { try $0.run(method, count: count, seed: seed, dense: $1) }
  }
}
