import Dials
import Kernels
package import Transformer

/// Positions of training texts with what the damage of each block is there: what routers learn from.
package final class DamageLabels {
  /// Streams that routers read, block by block, [labels, width] each.
  let inputs: [Matrix]
  /// The natural logarithms of the damages in nats, block by block.
  private(set) var targets: [[Double]]
  private let memory: [AlignedBytes]

  /// Damages below this count as this, so that their logarithm is finite.
  static let leastDamage = 1e-6
  /// Labels are read in twos or more from one text: the prefix is read once for all of them.
  private static let perText = 4
  /// In half of the labels other blocks are small already, up to this share.
  private static let greatestShare: Float = 0.5

  private init(blockCount: Int, width: Int, capacity: Int) {
    let arena = Arena()
    inputs = (0..<blockCount).map { _ in Matrix(max(1, capacity), width, in: arena) }
    targets = Array(repeating: [], count: blockCount)
    memory = arena.pieces
  }

  /// How many there are.
  package var count: Int { targets.first?.count ?? 0 }

  /// Labels from `texts` with the small feed-forwards of `runtime`, as many as `settings` say, or fewer
  /// where there are not as many texts; nil where `progress`, which hears of labels, ends it.
  package static func read(
    _ texts: [TrainingText], settings: DuoTraining, runtime: ModelRuntime, base: BaseModel,
    progress: (_ done: Int, _ all: Int) -> Bool = { _, _ in true }
  ) -> DamageLabels? {
    let blockCount = base.blueprint.blockCount
    let labels = DamageLabels(
      blockCount: blockCount, width: base.blueprint.width, capacity: settings.labels)
    let reader = DamageReader(
      runtime, base: base, length: texts.map(\.tokens.count).max() ?? 1, horizon: settings.horizon)
    let rounds = max(
      perText, (settings.labels + texts.count - 1) / max(1, texts.count))
    for (index, text) in texts.enumerated() where labels.count < settings.labels {
      guard progress(labels.count, settings.labels) else { return nil }
      var generator = CounterGenerator(seed: settings.seed, .labels, index)
      let positions = text.positions.shuffled(using: &generator)
        .prefix(min(rounds, settings.labels - labels.count)).sorted()
      reader.begin()
      for (turn, position) in positions.enumerated() {
        let patterns = (0...settings.horizon).map { _ in BlockSet.none }
        let drawn =
          turn % 2 == 0 ? patterns : self.patterns(settings.horizon, blockCount, &generator)
        labels.add(reader.read(text.tokens, at: position, patterns: drawn))
      }
    }
    return progress(labels.count, labels.count) ? labels : nil
  }

  /// Which blocks are small already, for a token and those behind it: one share, each block by itself.
  private static func patterns(
    _ horizon: Int, _ blockCount: Int, _ generator: inout CounterGenerator
  ) -> [BlockSet] {
    let share = greatestShare * generator.nextUniform()
    return (0...horizon).map { _ in
      BlockSet(indices: (0..<blockCount).filter { _ in generator.nextUniform() < share })
    }
  }

  private func add(_ reading: DamageReader.Reading) {
    let row = count
    for block in targets.indices {
      inputs[block][row].update(from: reading.inputs[block], count: inputs[block].columns)
      targets[block].append(max(reading.damages[block], Self.leastDamage).logarithm)
    }
  }
}
