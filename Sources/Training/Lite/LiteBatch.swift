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
    sums = Matrix(trainer.parameters.lanes.count, trainer.settings.exits.count + 3, in: arena)
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
    let laneCount = trainer.parameters.lanes.count
    crew.share(laneCount, chunk: 1, by: &member) { lanes in
      for lane in lanes {
        for items in packs(ofLane: lane) { run(items, lane: lane, space: trainer.spaces[place]) }
      }
    }
  }

  /// Normalised weights, so that the rate means the same whatever the number of losses.
  private var weightSum: Float {
    active.reduce(trainer.settings.lastWeight) { $0 + trainer.settings.exitWeights[$1] }
  }

  /// A position with a loss.
  private struct Target {
    /// Its row among those of the texts that go together.
    var row: Int
    /// What is to be predicted.
    var token: TokenID
    /// Where the guard's cache has the base's prediction.
    var place: Int
    /// The weight of its loss: every text weighs the same.
    var weight: Float
  }

  /// The items of a lane, as many together as there are rows for.
  private func packs(ofLane lane: Int) -> [[Int]] {
    var packs: [[Int]] = []
    var room = 0
    for item in stride(from: lane, to: texts.count, by: trainer.parameters.lanes.count) {
      let count = trainer.texts[texts[item]].tokens.count
      if count > room {
        packs.append([])
        room = trainer.settings.rowsAtOnce
      }
      packs[packs.count - 1].append(item)
      room -= count
    }
    return packs
  }

  private func run(_ items: [Int], lane: Int, space: LiteSpace) {
    let settings = trainer.settings
    let tokens = items.map { trainer.texts[texts[$0]].tokens }
    let rows = Trunk.rows(of: tokens)
    let n = rows.last?.upperBound ?? 0
    let changes = TrunkChanges(
      parameters: trainer.parameters, factor: settings.alpha / Float(settings.rank), lane: lane)
    trainer.trunk.forward(trainer.blas, tokens, changes: changes, space: space.trunk)
    let targets = zip(items, rows).flatMap { self.targets(of: $0, from: $1.lowerBound) }
    for exit in active {
      let slope = space.exitSlopes[exit].prefix(n)
      slope.clear()
      let loss = self.loss(
        targets, at: settings.exits[exit], weight: settings.exitWeights[exit], into: slope,
        space: space)
      sums[lane][exit] += Float(loss)
    }
    let slope = space.trunk.slope.prefix(n)
    slope.clear()
    let loss = self.loss(
      targets, at: trainer.trunk.blocks.count, weight: settings.lastWeight, into: slope,
      space: space, guardLane: settings.guardWeight > 0 ? lane : nil)
    sums[lane][settings.exits.count] += Float(loss)
    sums[lane][settings.exits.count + 2] += Float(targets.count)
    trainer.trunk.backward(trainer.blas, rows, changes: changes, space: space.trunk) { depth in
      for exit in active where settings.exits[exit] == depth {
        slope.add(space.exitSlopes[exit].prefix(n))
      }
    }
  }

  /// The positions of an item's text that have a loss, ascending: all, or as many as the settings say.
  /// The text's first row is `first`.
  private func targets(of item: Int, from first: Int) -> [Target] {
    let (text, settings) = (trainer.texts[texts[item]], trainer.settings)
    let all = text.positions
    var ranks = Array(all.indices)
    if all.count > settings.positions {
      var generator = CounterGenerator(
        seed: settings.seed, .exits, trainer.step * settings.batch + item)
      ranks = ranks.shuffled(using: &generator).prefix(settings.positions).sorted()
    }
    let weight = 1 / (Float(ranks.count * texts.count) * weightSum)
    return ranks.map { rank in
      Target(
        row: first + all[rank], token: text.tokens[all[rank] + 1],
        place: trainer.guardOffsets[texts[item]] + rank, weight: weight)
    }
  }

  /// The cross-entropy at a depth; its slope, times `weight`, is added to the rows of `slope`.
  private func loss(
    _ targets: [Target], at depth: Int, weight: Float, into slope: Matrix, space: LiteSpace,
    guardLane: Int? = nil
  ) -> Double {
    let head = trainer.trunk.head
    let stream = space.trunk.stream(after: depth, rows: slope.rows)
    let gathered = space.gathered.prefix(targets.count)
    let (normed, normedSlope) = (
      space.normed.prefix(targets.count), space.normedSlope.prefix(targets.count)
    )
    func gather(into rows: Matrix) {
      for (row, target) in targets.enumerated() {
        rows[row].update(from: stream[target.row], count: head.width)
      }
    }
    gather(into: gathered)
    RMSNorm.forward(
      gathered, gain: head.gain, epsilon: head.epsilon, into: normed, scales: space.scales)
    var total = 0.0
    for start in stride(from: 0, to: targets.count, by: LiteSpace.logitRows) {
      let part = start..<min(start + LiteSpace.logitRows, targets.count)
      let z = space.logits.prefix(part.count)
      trainer.blas.multiply(normed.rows(part), byTransposed: head.matrix, into: z)
      if let guardLane { addGuard(z, targets[part], lane: guardLane, space: space) }
      total += slopes(z, targets[part], weight: weight)
      if guardLane != nil { z.add(space.guarded.prefix(part.count)) }
      trainer.blas.multiply(z, by: head.matrix, into: normedSlope.rows(part))
    }
    let streamSlope = gathered
    let rows = space.trunk.normed.prefix(targets.count)
    gather(into: rows)
    streamSlope.clear()
    RMSNorm.backward(
      normedSlope, rows, gain: head.gain, scales: space.scales, input: streamSlope, gain: nil)
    for (row, target) in targets.enumerated() {
      let (to, from) = (slope[target.row], streamSlope[row])
      for i in 0..<head.width { to[i] += from[i] }
    }
    return total
  }

  /// Calls `body` with the rows of logits that belong to the same text, and their weight.
  private func forEachText(
    _ z: Matrix, _ targets: ArraySlice<Target>,
    _ body: (Matrix, ArraySlice<Target>, Float) -> Void
  ) {
    var rest = targets
    while let weight = rest.first?.weight {
      let same = rest.prefix { $0.weight == weight }
      let first = same.startIndex - targets.startIndex
      body(z.rows(first..<first + same.count), same, weight)
      rest = rest.dropFirst(same.count)
    }
  }

  /// Puts the slopes of the cross-entropy in the place of the logits.
  private func slopes(_ z: Matrix, _ targets: ArraySlice<Target>, weight: Float) -> Double {
    var total = 0.0
    forEachText(z, targets) { z, targets, own in
      total += CrossEntropy.slope(z, targets: targets.map(\.token), weight: weight * own)
    }
    return total
  }

  /// The divergence of logits from the base's predictions; its slopes go to `space.guarded`.
  private func addGuard(_ z: Matrix, _ targets: ArraySlice<Target>, lane: Int, space: LiteSpace) {
    guard let cache = trainer.guardCache else { return }
    let guarded = space.guarded.prefix(z.rows)
    guarded.copy(z)
    let named = cache.description.named
    var total = 0.0
    forEachText(guarded, targets) { rows, targets, own in
      var (ids, probabilities): ([Int32], [Float]) = ([], [])
      cache.readTargets(targets.map(\.place), ids: &ids, probabilities: &probabilities)
      ids.withUnsafeBufferPointer { ids in
        probabilities.withUnsafeBufferPointer { probabilities in
          guard let ids = ids.baseAddress, let p = probabilities.baseAddress else { return }
          total += Divergence.slope(
            rows, columns: ids, probabilities: p, named: named,
            weight: trainer.settings.guardWeight * own)
        }
      }
    }
    sums[lane][trainer.settings.exits.count + 1] += Float(total)
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
    trunk.forward(trainer.blas, [text.tokens], changes: changes, space: space.trunk)
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
