import Dials
import Events
import GGUF
import Inference
import Kernels
import Techniques
import TestSupport
import Transformer

// Nothing here is inlined: the compiler of Swift 6.3 crashes where an optimised async function has
// taken in too much.

extension Engine {
  /// An engine over a random model, one thread unless said otherwise.
  @inline(never)
  init(
    tiny: TinyModel, contextLength: Int? = nil, threads: Int = 1, kernels: KernelSet = .best,
    costs: CostTable? = nil, readsTop: Bool = true,
    drafters: MakeDrafters? = nil
  ) throws {
    self.init(
      model: try LoadedModel(file: tiny.file(), threads: threads, kernels: kernels),
      contextLength: contextLength, costs: costs, readsTop: readsTop,
      drafters: drafters)
  }
}

extension Engine {
  /// An engine over an adapter's model, one thread.
  @inline(never)
  init(adapter: TinyAdapter) throws {
    let model = try LoadedModel(file: adapter.base.file(), threads: 1)
    self.init(model: try model.adapted(by: adapter.file(), fingerprint: adapter.sha256))
  }
}

extension TinyModel {
  /// A model of a random shape.
  @inline(never)
  static func random(using generator: inout SeededGenerator) -> TinyModel {
    let type = [TensorType.f32, .q4_1, .q8_0, .f16].randomElement(using: &generator) ?? .f32
    return TinyModel(
      blockCount: .random(in: 2...6, using: &generator), isTied: .random(using: &generator),
      type: type, seed: generator.next())
  }

  /// The model with another whole number in its file.
  @inline(never)
  func setting(_ key: String, to value: Int) -> TinyModel {
    var tiny = self
    tiny.metadata[key] = .integer(Int64(value))
    return tiny
  }

  /// A random prompt of text tokens: a random model needs no sense.
  @inline(never)
  static func prompt(
    _ count: ClosedRange<Int> = 1...30, using generator: inout SeededGenerator
  ) -> [TokenID] {
    let count = Int.random(in: count, using: &generator)
    return (0..<count).map { _ in TokenID(Int.random(in: 3..<300, using: &generator)) }
  }
}

extension SessionRecord.Sampler {
  /// Any way to draw tokens, greedy every third time.
  @inline(never)
  static func random(using generator: inout SeededGenerator) -> SessionRecord.Sampler {
    func pick<Value>(_ values: [Value], or value: Value) -> Value {
      values.randomElement(using: &generator) ?? value
    }
    return SessionRecord.Sampler(
      temperature: pick([0, 0.7, 1.5], or: 0), topK: pick([0, 1, 5, 40], or: 0),
      topP: pick([0.5, 0.9, 1], or: 1), minP: pick([0, 0.05, 0.3], or: 0),
      repeatPenalty: pick([1, 1, 0.8, 1.1, 1.5], or: 1),
      repeatLastN: pick([0, 1, 8, 64, 1000], or: 64), seed: generator.next())
  }
}

extension ExitSetting {
  /// Any exit of a model of `blockCount` blocks that leaves a block in front of it. The thresholds
  /// lie where random models have their confidence, so some tokens pass them and some do not.
  @inline(never)
  static func random(
    blockCount: Int, pruned: BlockSet = .none, using generator: inout SeededGenerator
  ) -> ExitSetting {
    let first = (0..<blockCount).first { !pruned.contains(BlockIndex($0)) } ?? 0
    let depths = Array(first + 1..<blockCount)
    guard let depth = depths.randomElement(using: &generator) else { return .off }
    guard Int.random(in: 0..<4, using: &generator) > 0 else { return .fixed(depth: depth) }
    let measure = ConfidenceMeasure.allCases.randomElement(using: &generator) ?? .top1
    let range: ClosedRange<Float> =
      switch measure {
      case .top1: 0...0.12
      case .margin: 0...0.05
      case .entropy: -4.7 ... -3.5
      }
    let points = depths.filter { $0 == depth || Bool.random(using: &generator) }
    return .confidence(
      measure: measure,
      points: points.map {
        ExitPoint(depth: $0, threshold: .random(in: range, using: &generator))
      })
  }
}

extension DialSettings {
  /// Any dials of a mode; the mask is `pruned`.
  @inline(never)
  static func random(
    _ mode: ExitMode, blockCount: Int, pruned: BlockSet = .none,
    using generator: inout SeededGenerator
  ) -> DialSettings {
    DialSettings(
      pruned: pruned,
      exit: .random(blockCount: blockCount, pruned: pruned, using: &generator), mode: mode,
      draftLength: .random(in: 1...8, using: &generator))
  }
}

extension BlockSet {
  /// Any set that leaves at least two blocks.
  @inline(never)
  static func random(blockCount: Int, using generator: inout SeededGenerator) -> BlockSet {
    let count = Int.random(in: 0...max(0, blockCount - 2), using: &generator)
    return BlockSet(indices: (0..<blockCount).shuffled(using: &generator).prefix(count))
  }
}
