package import Dials
package import Transformer

/// Finds the blocks that a model can do without: SLEB and the methods it is measured against.
///
/// The first and the last block are never candidates: on every model tried they carry the most.
package final class BlockSearch {
  /// The text that judges.
  package let sample: CalibrationSample
  /// Candidates are given up early when they could only win by making the rest of the text easier than
  /// the best candidate so far finds it, by this many nats a token. Nil: none is given up, and every
  /// cost is measured on the whole text.
  package var abandonMargin: Double? = 0.05
  /// Candidates are given up as well when they are behind the best one by this many standard errors of
  /// the difference, sequence by sequence. Nil: never for that.
  package var abandonErrors: Double? = 4

  private let pass: BlockSetPass
  private var isStopped = false

  /// A search on `sample`.
  package init(_ runtime: ModelRuntime, sample: CalibrationSample) {
    self.sample = sample
    let length = sample.sequences.map(\.count).max() ?? 0
    pass = BlockSetPass(runtime, length: length)
  }

  /// The blocks that may go, first to last.
  package var candidates: [BlockIndex] { (1..<max(1, pass.blockCount - 1)).map { BlockIndex($0) } }

  /// Removes blocks one after another until `count` are gone, going on from `steps`, and returns all
  /// steps. `dense` holds the whole model's summed loss of each sequence. `progress` is asked after
  /// every candidate on every sequence; false ends the search with the steps made so far. `made`
  /// hears of each new step.
  ///
  /// The first k steps of a longer search are the steps of a search for k.
  package func run(
    _ method: PruningMethod, count: Int, seed: UInt64 = 0, dense: [Double],
    from steps: [PruningStep] = [], made: (PruningStep) throws -> Void = { _ in },
    progress: (SearchProgress) -> Bool = { _ in true }
  ) throws -> [PruningStep] {
    guard count <= candidates.count else {
      throw PruningError(
        .tooMany, place: "--blocks \(count)",
        "the model has \(pass.blockCount) blocks, and the first and the last always stay: at most "
          + "\(candidates.count) can go.")
    }
    guard steps.count < count else { return steps }
    isStopped = false
    var steps = steps
    var state = SearchProgress(method: method, count: count, steps: steps, sample: sample)
    func report(_ change: (inout SearchProgress) -> Void) -> Bool {
      change(&state)
      if !progress(state) { isStopped = true }
      return !isStopped
    }
    let order = order(method, seed: seed, dense: dense, report: report)
    while steps.count < count, !isStopped {
      guard report({ $0.begin(steps: steps) }) else { break }
      let removed = BlockSet(steps.map(\.block))
      let known = steps.last?.sequenceLosses ?? dense
      let step =
        method == .sleb
        ? bestStep(after: removed, known: known, report: report)
        : fixedStep(order[steps.count], after: removed, report: report)
      guard let step, !isStopped else { break }
      steps.append(step)
      try made(step)
    }
    return steps
  }

  /// The summed loss of each sequence without the blocks `removed`.
  package func losses(without removed: BlockSet) -> [Double] {
    sample.sequences.map { loss(of: $0, without: removed) }
  }

  private func loss(of sequence: [TokenID], without removed: BlockSet) -> Double {
    pass.begin(sequence)
    return pass.loss(without: removed)
  }

  // MARK: - Orders that are fixed beforehand

  private typealias Report = ((inout SearchProgress) -> Void) -> Bool

  /// All candidates in the order in which a method that chooses beforehand lets them go.
  package func order(_ method: PruningMethod, seed: UInt64, dense: [Double]) -> [BlockIndex] {
    order(method, seed: seed, dense: dense, report: { _ in true })
  }

  /// The same, reported; empty when stopped, and for SLEB, which chooses as it goes.
  private func order(
    _ method: PruningMethod, seed: UInt64, dense: [Double], report: Report
  ) -> [BlockIndex] {
    switch method {
    case .sleb: return []
    case .random:
      var generator = SplitMix64(seed: seed)
      return candidates.shuffled(using: &generator)
    case .influence:
      var sums: [BlockIndex: Double] = [:]
      for sequence in sample.sequences {
        pass.begin(sequence)
        sums.merge(pass.influences(), uniquingKeysWith: +)
      }
      return candidates.sorted { (sums[$0] ?? 0, $0) < (sums[$1] ?? 0, $1) }
    case .oneShot:
      let race = race(after: .none, known: dense, isWhole: true, report: report)
      guard let race else { return [] }
      return candidates.sorted { (race.sums[$0] ?? 0, $0) < (race.sums[$1] ?? 0, $1) }
    }
  }

  /// The step that removes `block` next, its loss measured.
  private func fixedStep(
    _ block: BlockIndex, after removed: BlockSet, report: Report
  ) -> PruningStep? {
    let removed = BlockSet(removed.sorted + [block])
    var losses: [Double] = []
    for sequence in sample.sequences {
      losses.append(loss(of: sequence, without: removed))
      guard report({ $0.sequence += 1 }) else { return nil }
    }
    return PruningStep(block: block, losses: losses, scoredCount: sample.scoredCount, costs: [:])
  }

  // MARK: - One step of SLEB

  /// The step that removes the block without which the text is predicted best.
  private func bestStep(
    after removed: BlockSet, known: [Double], report: Report
  ) -> PruningStep? {
    guard let race = race(after: removed, known: known, report: report), let best = race.best
    else { return nil }
    return PruningStep(
      block: best, losses: race.losses[best] ?? [], scoredCount: sample.scoredCount,
      costs: race.costs)
  }

  /// Reads the text once, sequence by sequence, every candidate on each, until the best is known; nil
  /// when stopped. `known` holds the losses of the sequences without the blocks `removed`. Where it
  /// `isWhole`, no candidate is given up.
  private func race(
    after removed: BlockSet, known: [Double], isWhole: Bool = false, report: Report
  ) -> CandidateRace? {
    var race = CandidateRace(candidates: candidates.filter { !removed.contains($0) })
    var left = sample.scoredCount
    for (sequence, current) in zip(sample.sequences, known) {
      pass.begin(sequence)
      race.begin(current: current, scored: sequence.count - 1)
      // The deepest first: each goes on from below the one before.
      for candidate in race.running.reversed() {
        let loss = pass.loss(without: removed.union(BlockSet([candidate])))
        race.add(loss, to: candidate)
        let costs = race.costs
        guard report({ $0.note(candidate, costs: costs) }) else { return nil }
      }
      left -= sequence.count - 1
      if !isWhole {
        if let abandonMargin { race.drop(behind: abandonMargin * Double(left)) }
        if let abandonErrors { race.drop(standardErrors: abandonErrors) }
      }
      let running = race.running.count
      guard report({ $0.endSequence(running: running) }) else { return nil }
    }
    return race
  }
}
