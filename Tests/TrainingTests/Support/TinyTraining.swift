import Dials
import Foundation
import GGUF
import Kernels
import TestSupport
import Tokenization
import Training
import Transformer

/// A tiny model with all that training takes of it.
struct TinyBase {
  let file: GGUFFile
  let weights: Weights
  let tokenizer: Tokenizer
  let pool: ThreadPool

  @inline(never)
  init(_ model: TinyModel = TinyModel(blockCount: 3), threads: Int = 1) throws {
    try self.init(file: model.file(), threads: threads)
  }

  @inline(never)
  init(file: GGUFFile, threads: Int = 1) throws {
    self.file = file
    pool = ThreadPool(count: threads)
    weights = try Weights(file: file, pool: pool)
    tokenizer = try Tokenizer(metadata: file.metadata)
  }

  /// Random texts with an answer each; every eighth is held out.
  static func texts(_ count: Int, length: Int = 24, seed: UInt64) -> [TrainingText] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { index in
      let tokens = (0..<length).map { _ in TokenID(Int.random(in: 3..<300, using: &generator)) }
      return TrainingText(tokens: tokens, targets: [4..<length], isHeldOut: index % 8 == 0)
    }
  }

  /// A cache of the texts at these depths.
  @inline(never)
  func cache(
    _ texts: [TrainingText], depths: [Int], topK: Int = 8, folder: String, limit: Int = .max
  ) throws -> HiddenCache? {
    let description = HiddenCache.Description(
      base: "tiny", depths: depths, width: weights.blueprint.width, topK: topK,
      texts: texts.fingerprint)
    let path = folder + "/hidden.cache"
    let collector = HiddenCollector(
      ModelRuntime(weights: weights, pool: pool),
      length: texts.map(\.tokens.count).max() ?? 1, depths: depths, topK: topK)
    _ = try collector.collect(texts, to: path, description: description, positionLimit: limit)
    return HiddenCache(path: path, matching: description)
  }

  /// A trainer of small modules of every form.
  @inline(never)
  func trainer(
    _ cache: HiddenCache, modules: [ExitShape], steps: Int = 40, rate: Float = 1.5e-3,
    draws: Int = 32
  ) throws -> ExitTrainer {
    var settings = ExitTraining(modules: modules, steps: steps)
    settings.shardRows = 16
    settings.shardsPerStep = 6
    settings.draws = draws
    settings.rate = rate
    settings.seed = 5
    let head = try FrozenHead(file: file, blueprint: weights.blueprint)
    return try ExitTrainer(
      settings, head: head, cache: cache, shortlist: Array(0..<100), pool: pool)
  }
}

extension LiteTrainer {
  /// Gives every value a random number, so that no gradient is zero by chance.
  func perturb(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for entry in parameters.entries {
      let values = parameters.values(of: entry)
      for row in 0..<values.rows {
        for column in 0..<values.columns { values[row][column] = generator.nextNormal() * 0.1 }
      }
    }
  }
}

extension Parameters {
  /// These values under the names of the entries.
  func named(_ values: [Double]) -> [String: Rows] {
    Dictionary(
      uniqueKeysWithValues: entries.map {
        ($0.name, Array(values[$0.offset..<$0.offset + $0.count]).rows(of: $0.columns))
      })
  }
}
