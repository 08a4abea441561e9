import Dials
import Kernels

/// The work of one step: each lane takes its share of the texts, one after the other.
final class LiteBatch: CrewTask {
  private let trainer: LiteTrainer
  private let texts: [Int]
  private let active: [Int]
  /// Per lane: the losses of the exits, the last layer's, the guard's, and the positions.
  private let sums: Matrix
  private let memory: [AlignedBytes]

  init(_ trainer: LiteTrainer) {
    self.trainer = trainer
    texts = trainer.batch(step: trainer.step)
    active = trainer.settings.activeExits(step: trainer.step)
    let arena = Arena()
    sums = Matrix(Parameters.laneCount, trainer.settings.exits.count + 3, in: arena)
    memory = arena.pieces
  }

  /// What the step came to, without the optimiser's part.
  var report: LiteTrainer.StepReport {
    let exits = trainer.settings.exits.count
    func total(_ column: Int) -> Double {
      (0..<sums.rows).reduce(0.0) { $0 + Double(sums[$1][column]) }
    }
    let count = max(1, total(exits + 2))
    return LiteTrainer.StepReport(
      step: 0, exitLosses: (0..<exits).map { active.contains($0) ? total($0) / count : nil },
      lastLoss: total(exits) / count, guardLoss: total(exits + 1) / count, slopeNorm: 0,
      tokenCount: texts.reduce(0) { $0 + trainer.texts[$1].tokens.count })
  }

  func run(as member: inout CrewMember, of crew: WorkCrew) {
    let place = member.index
    crew.share(Parameters.laneCount, chunk: 1, by: &member) { lanes in
      for lane in lanes {
        for item in stride(from: lane, to: texts.count, by: Parameters.laneCount) {
          run(text: texts[item], item: item, lane: lane, space: trainer.spaces[place])
        }
      }
    }
  }

  /// Normalised weights, so that the rate means the same whatever the number of losses.
  private var weightSum: Float {
    active.reduce(trainer.settings.lastWeight) { $0 + trainer.settings.exitWeights[$1] }
  }

  private func run(text index: Int, item: Int, lane: Int, space: LiteSpace) {
    let settings = trainer.settings
    let text = trainer.texts[index]
    let n = text.tokens.count
    let changes = TrunkChanges(
      parameters: trainer.parameters, factor: settings.alpha / Float(settings.rank), lane: lane)
    trainer.trunk.forward(trainer.blas, text.tokens, changes: changes, space: space.trunk)
    let chosen = positions(of: text, item: item)
    let share = 1 / (Float(chosen.count * texts.count) * weightSum)
    for exit in active {
      let slope = space.exitSlopes[exit].prefix(n)
      slope.clear()
      let loss = self.loss(
        text, chosen, at: settings.exits[exit], weight: settings.exitWeights[exit] * share,
        into: slope, space: space)
      sums[lane][exit] += Float(loss)
    }
    let slope = space.trunk.slope.prefix(n)
    slope.clear()
    let loss = self.loss(
      text, chosen, at: trainer.trunk.blocks.count, weight: settings.lastWeight * share,
      into: slope,
      space: space,
      guardOf: settings.guardWeight > 0 ? (index, lane, settings.guardWeight * share) : nil)
    sums[lane][settings.exits.count] += Float(loss)
    sums[lane][settings.exits.count + 2] += Float(chosen.count)
    trainer.trunk.backward(trainer.blas, count: n, changes: changes, space: space.trunk) { depth in
      for exit in active where settings.exits[exit] == depth {
        slope.add(space.exitSlopes[exit].prefix(n))
      }
    }
  }

  /// The target positions with a loss: all, or as many as the settings say, ascending; each with its
  /// rank among the text's.
  private func positions(of text: TrainingText, item: Int) -> [(position: Int, rank: Int)] {
    let all = text.positions
    let settings = trainer.settings
    guard all.count > settings.positions else { return all.enumerated().map { ($1, $0) } }
    var generator = CounterGenerator(
      seed: settings.seed, .exits, trainer.step * settings.batch + item)
    let ranks = Array(all.indices.shuffled(using: &generator).prefix(settings.positions)).sorted()
    return ranks.map { (all[$0], $0) }
  }

  /// The cross-entropy at a depth; its slope is added to the rows of `slope` at the positions.
  private func loss(
    _ text: TrainingText, _ chosen: [(position: Int, rank: Int)], at depth: Int, weight: Float,
    into slope: Matrix, space: LiteSpace, guardOf: (text: Int, lane: Int, weight: Float)? = nil
  ) -> Double {
    let head = trainer.trunk.head
    let stream = space.trunk.stream(after: depth, rows: text.tokens.count)
    let gathered = space.gathered.prefix(chosen.count)
    let (normed, normedSlope) = (
      space.normed.prefix(chosen.count), space.normedSlope.prefix(chosen.count)
    )
    for (row, place) in chosen.enumerated() {
      gathered[row].update(from: stream[place.position], count: head.width)
    }
    RMSNorm.forward(
      gathered, gain: head.gain, epsilon: head.epsilon, into: normed, scales: space.scales)
    var total = 0.0
    for start in stride(from: 0, to: chosen.count, by: LiteSpace.logitRows) {
      let part = start..<min(start + LiteSpace.logitRows, chosen.count)
      let z = space.logits.prefix(part.count)
      trainer.blas.multiply(normed.rows(part), byTransposed: head.matrix, into: z)
      if let guardOf {
        sums[guardOf.lane][trainer.settings.exits.count + 1] += Float(
          guardLoss(z, chosen[part], text: guardOf.text, weight: guardOf.weight, space: space))
      }
      let targets = chosen[part].map { text.tokens[$0.position + 1] }
      total += CrossEntropy.slope(z, targets: targets, weight: weight)
      if guardOf != nil { z.add(space.guarded.prefix(part.count)) }
      trainer.blas.multiply(z, by: head.matrix, into: normedSlope.rows(part))
    }
    gathered.clear()
    let streamSlope = gathered
    let rows = space.trunk.normed.prefix(chosen.count)
    for (row, place) in chosen.enumerated() {
      rows[row].update(from: stream[place.position], count: head.width)
    }
    RMSNorm.backward(
      normedSlope, rows, gain: head.gain, scales: space.scales, input: streamSlope, gain: nil)
    for (row, place) in chosen.enumerated() {
      let (to, from) = (slope[place.position], streamSlope[row])
      for i in 0..<head.width { to[i] += from[i] }
    }
    return total
  }

  /// The divergence of logits from the base's predictions; its slope goes to `space.guarded`.
  private func guardLoss(
    _ z: Matrix, _ chosen: ArraySlice<(position: Int, rank: Int)>, text: Int, weight: Float,
    space: LiteSpace
  ) -> Double {
    guard let cache = trainer.guardCache else { return 0 }
    let guarded = space.guarded.prefix(z.rows)
    guarded.copy(z)
    var (ids, probabilities): ([Int32], [Float]) = ([], [])
    let places = chosen.map { trainer.guardOffsets[text] + $0.rank }
    cache.readTargets(places, ids: &ids, probabilities: &probabilities)
    return ids.withUnsafeBufferPointer { ids in
      probabilities.withUnsafeBufferPointer { probabilities in
        guard let ids = ids.baseAddress, let p = probabilities.baseAddress else { return 0 }
        return Divergence.slope(
          guarded, columns: ids, probabilities: p, named: cache.description.named, weight: weight)
      }
    }
  }
}

/// Held-out texts with the changes as they stand: losses without slopes, text by text.
final class LiteSurvey: CrewTask {
  private let trainer: LiteTrainer
  private let texts: [TrainingText]
  /// Per text: the losses of the exits, the last layer's, and the positions.
  private let sums: Matrix
  private let memory: [AlignedBytes]

  init(_ trainer: LiteTrainer, texts: [TrainingText]) {
    self.trainer = trainer
    self.texts = texts
    let arena = Arena()
    sums = Matrix(max(1, texts.count), trainer.settings.exits.count + 2, in: arena)
    memory = arena.pieces
  }

  /// The mean losses.
  var means: (exits: [Double], last: Double) {
    let exits = trainer.settings.exits.count
    func total(_ column: Int) -> Double {
      (0..<sums.rows).reduce(0.0) { $0 + Double(sums[$1][column]) }
    }
    let count = max(1, total(exits + 1))
    return ((0..<exits).map { total($0) / count }, total(exits) / count)
  }

  func run(as member: inout CrewMember, of crew: WorkCrew) {
    let place = member.index
    crew.share(texts.count, chunk: 1, by: &member) { part in
      for index in part { run(index, space: trainer.spaces[place]) }
    }
  }

  private func run(_ index: Int, space: LiteSpace) {
    let (text, trunk, settings) = (texts[index], trainer.trunk, trainer.settings)
    let changes = TrunkChanges(
      parameters: trainer.parameters, factor: settings.alpha / Float(settings.rank), lane: 0)
    trunk.forward(trainer.blas, text.tokens, changes: changes, space: space.trunk)
    let positions = text.positions
    for (column, depth) in (settings.exits + [trunk.blocks.count]).enumerated() {
      let stream = space.trunk.stream(after: depth, rows: text.tokens.count)
      for start in stride(from: 0, to: positions.count, by: space.gathered.rows) {
        let part = positions[start..<min(start + space.gathered.rows, positions.count)]
        let normed = space.normed.prefix(part.count)
        for (row, position) in part.enumerated() {
          space.gathered[row].update(from: stream[position], count: trunk.head.width)
        }
        RMSNorm.forward(
          space.gathered.prefix(part.count), gain: trunk.head.gain, epsilon: trunk.head.epsilon,
          into: normed, scales: space.scales)
        sums[index][column] += Float(loss(normed, part, of: text, space: space))
      }
    }
    sums[index][settings.exits.count + 1] = Float(positions.count)
  }

  private func loss(
    _ normed: Matrix, _ positions: ArraySlice<Int>, of text: TrainingText, space: LiteSpace
  ) -> Double {
    var total = 0.0
    let places = Array(positions)
    for start in stride(from: 0, to: places.count, by: LiteSpace.logitRows) {
      let part = start..<min(start + LiteSpace.logitRows, places.count)
      let z = space.logits.prefix(part.count)
      trainer.blas.multiply(
        normed.rows(part), byTransposed: trainer.trunk.head.matrix, into: z)
      total += CrossEntropy.slope(
        z, targets: places[part].map { text.tokens[$0 + 1] }, weight: 0)
    }
    return total
  }
}
